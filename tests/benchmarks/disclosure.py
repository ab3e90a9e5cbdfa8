"""How often somebody who reads all that is published, and subtracts, learns of fewer people than the minimum.

python -m tests.benchmarks.disclosure --json [--surveys N] [--processes N]

On random surveys with small groups, two overlapping cuts, and two pulses that somebody joins or leaves; beside minimum
sizes alone, which is what most tools have. A survey that gives somebody away is named on standard error.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from multiprocessing import get_context
from unittest.mock import patch

import numpy as np

from service.core.disclosure import BoolVector, Disclosure, PublishedSets
from tests.attacker import analysis_of, breaches, random_survey

SURVEYS = 10_000
BASELINE_SURVEYS = 500
MINIMUM = 5


def minimum_alone(self: PublishedSets, counted: BoolVector, among: BoolVector | None = None) -> BoolVector:
    weight = np.bincount(self._kind, weights=counted, minlength=self._rows.shape[1])
    large = self._rows @ weight >= self._minimum
    return large if among is None else large & among


def attack(number: int, *, secondary: bool) -> tuple[bool, int, int]:
    """Whether a survey gives somebody away, how many groups have their alignment shown, and how many there are."""
    survey = random_survey(np.random.default_rng([0, number]))
    if secondary:
        analysis = analysis_of(survey, Disclosure(MINIMUM))
    else:
        with patch.object(PublishedSets, "publishable", minimum_alone):
            analysis = analysis_of(survey, Disclosure(MINIMUM))
    found = list(breaches(survey, analysis, MINIMUM))
    if found and secondary:
        print(f"survey {number}: {found[0]} and {len(found) - 1} more", file=sys.stderr)
    estimates = [group.alignment for cut in analysis.cuts for group in cut.groups]
    return bool(found), sum(one.shown for one in estimates), len(estimates)


def measure(results: Iterable[tuple[bool, int, int]]) -> dict[str, float]:
    """Surveys that give somebody away, and the share of groups whose alignment is shown."""
    given_away, shown, groups = np.array(list(results)).T
    return {
        "surveys": len(given_away),
        "surveys_that_give_away": int(given_away.sum()),
        "groups_shown": float(shown.sum() / groups.sum()),
    }


def told(results: Iterator[tuple[bool, int, int]], surveys: int) -> Iterator[tuple[bool, int, int]]:
    """The same, saying on standard error how far it is."""
    for number, result in enumerate(results, start=1):
        if number % 500 == 0:
            print(f"{number} of {surveys}", file=sys.stderr, flush=True)
        yield result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object a line; otherwise a table")
    parser.add_argument("--surveys", type=int, default=SURVEYS)
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args()
    with get_context("spawn").Pool(arguments.processes) as pool:
        few = range(min(BASELINE_SURVEYS, arguments.surveys))
        baseline = measure(pool.imap(partial(attack, secondary=False), few, chunksize=10))
        attacked = pool.imap(partial(attack, secondary=True), range(arguments.surveys), chunksize=10)
        found = measure(told(attacked, arguments.surveys))
    for metric, value in found.items():
        unit = "share" if metric == "groups_shown" else "surveys"
        line = {"benchmark": "disclosure", "metric": metric, "value": round(value, 4), "unit": unit}
        line |= {"baseline": round(baseline[metric], 4), "ratio": None, "against": "minimum sizes alone"}
        print(json.dumps(line) if arguments.json else "\t".join(str(cell) for cell in line.values()))


if __name__ == "__main__":
    main()
