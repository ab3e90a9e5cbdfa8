"""How good and how steady the themes are, beside BERTopic with its defaults and k-means told the right number.

python -m tests.benchmarks.themes --json [--only NAME …]

Each line is one measure. The embeddings are the same for all. BERTopic comes with ``make setup-benchmarks``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence

from tests.benchmarks.data import bench_data
from tests.benchmarks.themes.baselines import BERTOPIC_MISSING, has_bertopic
from tests.benchmarks.themes.codebook import codebook
from tests.benchmarks.themes.emergent import emergent, outsiders
from tests.benchmarks.themes.inputs import FILES, Inputs, Row
from tests.benchmarks.themes.layout import layout
from tests.benchmarks.themes.load import load
from tests.benchmarks.themes.steadiness import steadiness

BENCHMARKS: dict[str, Callable[[Inputs], Iterator[Row]]] = {
    "emergent": emergent,
    "outsiders": outsiders,
    "codebook": codebook,
    "steadiness": steadiness,
    "load": load,
    "map": layout,
}
BESIDE_BERTOPIC = {"emergent", "steadiness"}


def main(argv: Sequence[str] | None = None) -> None:
    """Print one measure a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    options = parser.parse_args(argv)
    inputs = Inputs(bench_data(*FILES))
    if BESIDE_BERTOPIC.intersection(options.only) and not has_bertopic():
        print(BERTOPIC_MISSING, file=sys.stderr)
    for name in options.only:
        for line in BENCHMARKS[name](inputs):
            print(json.dumps(line) if options.json else "  ".join(f"{value}" for value in line.values()), flush=True)


if __name__ == "__main__":
    main()
