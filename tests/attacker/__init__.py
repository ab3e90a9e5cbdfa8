"""Somebody who reads everything an analysis publishes, knows who is in which group and pulse, and subtracts.

The attacker uses nothing of the service but its results. Every published number, in a table or a sentence, is written
as an equation: a sum over the people of a group or pulse, whose terms (who said it, how far they align) are unknown.
People whom no equation tells apart are one unknown. A count or a sum over some people is known to the attacker when it
is the same in all solutions, or all that it may be tells of few people.
"""

from __future__ import annotations

from collections.abc import Iterator

from service.results import Analysis
from tests.attacker.reading import Reader
from tests.attacker.solving import Breach, solve
from tests.attacker.surveys import KINDS, Survey, analysis_of, make_survey, random_survey

__all__ = ["KINDS", "Breach", "Survey", "analysis_of", "breaches", "make_survey", "random_survey"]


def breaches(survey: Survey, analysis: Analysis, minimum: int) -> Iterator[Breach]:
    """Every count or sum over fewer people than the minimum that follows from what is published."""
    taking_part = survey.taking_part()
    reader = Reader(taking_part, analysis.to_dict(theme_map=True))
    for topic in reader.topics():
        yield from solve(topic, reader.who, minimum)
