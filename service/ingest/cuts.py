"""Declared cuts, before anything is computed: people who can be counted, groups, and few enough of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from service.errors import InvalidCut
from service.ingest.table import shown
from service.results import Comment

MAX_GROUPS: Final = 200
"""Groups of a cut; more are ids. Under it, up to 20 are always taken, and else half as many as respondents."""
_ALWAYS: Final = 20


def check_cut(comments: Sequence[Comment], cut: str, *, where: str, column: bool = False) -> None:
    """Refuse a cut that an analysis would refuse when it has read every comment.

    Args:
        comments: all of them.
        cut: a group dimension of theirs.
        where: the cut's place in what was given.
        column: whether it is a column of a file, for the message.

    Raises:
        InvalidCut: there are no respondent ids, no comment has the cut, or it has so many groups that it is an id.
    """
    people = {comment.respondent_id for comment in comments if comment.respondent_id is not None}
    if not people:
        how = "name their column as the respondent" if column else "give each comment its 'respondent_id'"
        raise InvalidCut(f"cut {shown(cut)} needs respondent ids, so that people can be counted; {how}", where=where)
    groups = len(set(_latest(comments, cut).values()))
    if not groups:
        what = "column with groups in it" if column else "key of the comments' 'groups'"
        raise InvalidCut(f"no respondent has a value for cut {shown(cut)}; name a {what}", where=where)
    nameless = sum(comment.respondent_id is None for comment in comments)
    most = min(MAX_GROUPS, max((len(people) + nameless) // 2, _ALWAYS))
    if groups > most:
        raise InvalidCut(
            f"cut {shown(cut)} has {groups:,} different values and looks like an id; choose one with at most {most} "
            "groups",
            where=where,
        )


def _latest(comments: Sequence[Comment], cut: str) -> dict[str, str]:
    """The group of each respondent, the one of their latest comment that has any."""
    found: dict[str, tuple[dt.date, str]] = {}
    for comment in comments:
        group, person = comment.groups.get(cut), comment.respondent_id
        if group is None or person is None or not comment.text.strip():
            continue
        when = comment.date or dt.date.min
        if person not in found or when >= found[person][0]:
            found[person] = when, group
    return {person: group for person, (_, group) in found.items()}
