"""Edits of the themes of a stored analysis, for the API and the page alike."""

from __future__ import annotations

from collections.abc import Sequence

from service.errors import StaleVersion
from service.results import Analysis
from service.results.edits import ThemeEdit
from service.web.services import services


def edit_study(organisation_id: str, analysis_id: str, version: str, edits: Sequence[ThemeEdit]) -> Analysis:
    """Make the edits and store the analysis that comes of them; without edits, take the last one back.

    Args:
        organisation_id: whose analysis it is.
        analysis_id: of a completed analysis.
        version: the version of the themes that the edits are of.
        edits: all are made, or none.

    Raises:
        NotFound: there is no such analysis, or its themes cannot be edited.
        InvalidEdit: an edit cannot be made.
        StaleVersion: ``version`` is not the newest.
    """
    repository = services().repository
    record = repository.load_study(organisation_id, analysis_id)
    with services().analyser() as loaded:
        analyser = loaded.using(record.stance)
        study = analyser.unpack(record.study, record.analysis)
        changed = study.edit(*edits, version=version) if edits else study.undo(version)
        packed = analyser.pack(changed)
    if not repository.save_study(
        organisation_id, analysis_id, changed.analysis, packed, before=record.version, version=changed.version
    ):
        raise StaleVersion("somebody edited the themes in the meantime; look at them and edit again", where="version")
    return changed.analysis
