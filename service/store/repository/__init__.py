"""The one door to the database: dataclass in, dataclass out."""

from service.store.repository.accounts import Accounts
from service.store.repository.actions import Actions
from service.store.repository.analyses import Analyses
from service.store.repository.idempotency import IdempotencyKeys
from service.store.repository.jobs import Jobs
from service.store.repository.kpis import Kpis
from service.store.repository.pulses import Pulses
from service.store.repository.purposes import Purposes


class Repository(Accounts, Purposes, Analyses, Pulses, Actions, Kpis, Jobs, IdempotencyKeys):
    """Everything that is stored, by subject. Methods are transactions; instances may be shared between threads."""


__all__ = ["Repository"]
