"""The blueprint that all of ``/v1`` is on."""

from apiflask import APIBlueprint

blueprint = APIBlueprint("v1", __name__, url_prefix="/v1", tag="Plumbline")
