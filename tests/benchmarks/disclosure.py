"""How often somebody who reads all that is published, and subtracts, learns of fewer people than the minimum.

python -m tests.benchmarks.disclosure --json [--surveys N]

On random surveys with small groups, two overlapping cuts, and two pulses that somebody joins or leaves; beside minimum
sizes alone, which is what most tools have.
"""

from __future__ import annotations

import argparse
import json
from unittest.mock import patch

import numpy as np

from service.core.disclosure import BoolVector, Disclosure, PublishedSets
from tests.attacker import breaches, publication_of, random_survey

SURVEYS = 10_000
BASELINE_SURVEYS = 500
MINIMUM = 5


def minimum_alone(self: PublishedSets, counted: BoolVector, among: BoolVector | None = None) -> BoolVector:
    weight = np.bincount(self._kind, weights=counted, minlength=self._rows.shape[1])
    large = self._rows @ weight >= self._minimum
    return large if among is None else large & among


def measure(surveys: int) -> dict[str, float]:
    """Share of surveys that give somebody away, and of groups whose alignment is shown."""
    random = np.random.default_rng(0)
    given_away, shown, groups = 0, 0, 0
    for _ in range(surveys):
        survey = random_survey(random)
        published = publication_of(survey, Disclosure(MINIMUM))
        given_away += any(True for _ in breaches(survey, published, MINIMUM))
        estimates = [group.alignment for cut in published.cuts for group in cut.groups]
        shown, groups = shown + sum(one.shown for one in estimates), groups + len(estimates)
    return {"surveys": surveys, "surveys_that_give_away": given_away, "groups_shown": shown / groups}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object a line; otherwise a table")
    parser.add_argument("--surveys", type=int, default=SURVEYS)
    arguments = parser.parse_args()
    with patch.object(PublishedSets, "publishable", minimum_alone):
        baseline = measure(min(BASELINE_SURVEYS, arguments.surveys))
    for metric, value in measure(arguments.surveys).items():
        line = {"benchmark": "disclosure", "metric": metric, "value": round(value, 4), "unit": "share"}
        line["unit"] = "share" if metric == "groups_shown" else "surveys"
        line |= {"baseline": round(baseline[metric], 4), "ratio": None, "against": "minimum sizes alone"}
        print(json.dumps(line) if arguments.json else "\t".join(str(cell) for cell in line.values()))


if __name__ == "__main__":
    main()
