"""Whether insights find what was planted in simulated organisations, and agree with the people who read NHS comments.

python -m tests.benchmarks.insights --json [--part simulated|nhs] [--organisations N] [--errors]

The simulated part needs no data. The NHS part takes six minutes of one core and nhs_feedback.csv in the folder
PLUMBLINE_BENCH_DATA: with ``--part nhs`` or with that variable set a missing file ends the benchmark, else the part is
left out and said to be. ``--errors`` also prints each claim of the NHS part that people do not bear out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator

from tests.benchmarks.data import bench_data
from tests.benchmarks.insights.rows import Row
from tests.benchmarks.insights.simulated import ORGANISATIONS, simulated

FILE = "nhs_feedback.csv"
PARTS = ("simulated", "nhs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object a line; otherwise a table")
    parser.add_argument("--part", choices=PARTS, help="only this one")
    parser.add_argument("--organisations", type=int, default=ORGANISATIONS)
    parser.add_argument("--errors", action="store_true", help="the claims about NHS comments that people contradict")
    arguments = parser.parse_args()
    # First, and before the models' libraries are there, so that the memory it is measured with is its own.
    if arguments.part != "nhs":
        show(simulated(arguments.organisations), as_json=arguments.json)
    if arguments.part == "nhs" or (arguments.part is None and "PLUMBLINE_BENCH_DATA" in os.environ):
        file = bench_data(FILE) / FILE
        from tests.benchmarks.insights import nhs

        run = nhs.analysed(file)
        show(nhs.figures(run), as_json=arguments.json)
        if arguments.errors:
            print("\n".join(nhs.disagreements(run)))
    elif arguments.part is None:
        print(f"the NHS part was left out: set PLUMBLINE_BENCH_DATA to the folder with {FILE}", file=sys.stderr)


def show(lines: Iterator[Row], *, as_json: bool) -> None:
    for line in lines:
        print(json.dumps(line) if as_json else "\t".join(str(cell) for cell in line.values()), flush=True)


if __name__ == "__main__":
    main()
