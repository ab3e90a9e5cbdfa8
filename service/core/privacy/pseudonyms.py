"""Other names for respondents: the same person has the same one, and nobody finds the person without the key."""

from __future__ import annotations

import hashlib

_SIZE = 12
_PERSON = b"plumbline.people"


class Pseudonyms:
    """Pseudonyms of the respondents of organisations: keyed BLAKE2b (RFC 7693) of the id.

    Args:
        key: kept apart from what the pseudonyms are stored with; another key gives other pseudonyms.
    """

    def __init__(self, key: str) -> None:
        self._key = hashlib.sha256(key.encode()).digest()

    def of(self, organisation_id: str, respondent_id: str) -> str:
        """24 hexadecimal digits; people of two organisations are never the same."""
        made = hashlib.blake2b(respondent_id.encode(), digest_size=_SIZE, key=self._key, person=_PERSON)
        made.update(b"\0" + organisation_id.encode())
        return made.hexdigest()
