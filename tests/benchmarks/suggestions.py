"""How well suggestions are found among answers to "How could we improve?", beside a rule of seven cue words.

python -m tests.benchmarks.suggestions --json
python -m tests.benchmarks.suggestions --errors

`suggestion_labels.csv` holds 300 units, one a comment, drawn by chance and labelled by a language model that read each
one before it saw the rules. Counted from 1, its odd rows are the test half; the rules may be fitted to the even ones,
the development half, whose errors ``--errors`` prints.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from service.core.suggestions import find_suggestions
from service.core.text import normalise
from service.core.units import Unit
from tests.benchmarks.data import bench_data
from tests.benchmarks.redaction import Row, row

LABELS = Path(__file__).with_name("suggestion_labels.csv")
COMMENTS_FILE = "nhs_feedback.csv"
CUE_WORDS = re.compile(r"\b(?:should|could|would|more|need|please|suggest)\b", re.IGNORECASE)
HALVES = {"suggestions_test": slice(0, None, 2), "suggestions_development": slice(1, None, 2)}


def labelled_units(folder: Path) -> tuple[list[Unit], list[bool]]:
    """The labelled units and whether each is a suggestion, in the order of the label file.

    Raises:
        ValueError: a labelled unit is not in the comments.
    """
    with (folder / COMMENTS_FILE).open(encoding="utf-8", newline="") as stream:
        comments = {line["comment_id"]: line for line in csv.DictReader(stream)}
    units, labels = [], []
    with LABELS.open(encoding="utf-8", newline="") as stream:
        for number, line in enumerate(csv.DictReader(stream)):
            name, start, end = line["comment_id"], int(line["start"]), int(line["end"])
            if name not in comments or end > len(comments[name]["text"]):
                raise ValueError(
                    f"{LABELS.name} line {number + 2}: comment {name!r}, characters {start} to {end}, "
                    f"is not in {folder / COMMENTS_FILE}"
                )
            words = normalise(comments[name]["text"])[start:end]
            units.append(Unit(number, start, end, words, comments[name]["question"]))
            labels.append(line["suggestion"] == "1")
    return units, labels


def by_cue_words(units: Sequence[Unit]) -> list[bool]:
    return [bool(CUE_WORDS.search(unit.text)) for unit in units]


def quality(found: Sequence[bool], labels: Sequence[bool]) -> dict[str, float]:
    """Precision, recall and F1 of the suggestions found; 0 where nothing was found or there was nothing to find."""
    hits = sum(f and label for f, label in zip(found, labels, strict=True))
    precision, recall = hits / max(1, sum(found)), hits / max(1, sum(labels))
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * hits / max(1, sum(found) + sum(labels)),
    }


def rows(folder: Path) -> Iterator[Row]:
    units, labels = labelled_units(folder)
    ours, theirs = find_suggestions(units).tolist(), by_cue_words(units)
    for benchmark, half in HALVES.items():
        value, baseline = quality(ours[half], labels[half]), quality(theirs[half], labels[half])
        for metric, figure in value.items():
            yield row(benchmark, metric, figure, "share", baseline[metric])


def development_errors(folder: Path) -> Iterator[str]:
    units, labels = labelled_units(folder)
    half = HALVES["suggestions_development"]
    for unit, found, label in zip(units[half], find_suggestions(units)[half], labels[half], strict=True):
        if found != label:
            yield f"{'missed' if label else 'wrongly found'}  row {unit.comment + 1}  {unit.text}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--errors", action="store_true", help="the units of the development half that are mistaken")
    options = parser.parse_args()
    folder = bench_data(COMMENTS_FILE)
    if options.errors:
        print("\n".join(development_errors(folder)))
        return
    for line in rows(folder):
        print(json.dumps(line) if options.json else "  ".join(f"{value}" for value in line.values()), flush=True)


if __name__ == "__main__":
    main()
