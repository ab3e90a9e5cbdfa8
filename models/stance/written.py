"""The comments and opposed pairs written for this project, an area a folder of ``models/stance/data``.

Each area has ``facets.ndjson`` (id, organisation, phrasings, broken), ``comments.ndjson`` (organisation, text,
question, labels: facet id → 1 or −1, unsure: facet ids; every other facet of the organisation is one the comment is not
about) and ``pairs.ndjson`` (facet, phenomenon, supports, contradicts, unrelated). The organisations ``TEST`` are for
testing only, with all their facets, comments and pairs; ``DEVELOPMENT`` are kept from training as well, to choose and
to calibrate with.
"""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from models.stance.pairs import DATA, NOT_ABOUT, Example, graded
from service.core.alignment.cross_encoder import POLARITY

TEST = frozenset(
    {
        "Pottle & Wren",
        "Marlfen Borough",
        "Skerrick Lifts",
        "Novak Media",
        "Delmore Hospitality",
        "Anvale Blood Service",
        "Castlebridge Parks and Waste",
        "Corvane Semiconductor",
        "Fairhand Employment Advice",
        "Fernleigh Garden Centres",
        "Larkmoor Support",
        "Northmere Court Service",
        "Orrery Museum of Science",
        "Pellapay",
        "Skarrow Ferries",
        "Tarnbeck Paper",
        "Wrayford Ambulance Trust",
    }
)
DEVELOPMENT = frozenset({"Corvane", "Tillman Group"})
ABOUT, NEVER = 0.97, 0.03
OTHERS = 4
BROKEN_SHARE = 0.12
"""How often a comment stands beside the facet's opposite instead, its label turned."""


def facets(split: str) -> dict[str, dict]:
    """Facets by id; ``split`` is "train", "development" or "test"."""
    return {facet["id"]: facet for facet in _read("facets") if _split(facet["organisation"]) == split}


def comments(split: str) -> list[dict]:
    return [comment for comment in _read("comments") if _split(comment["organisation"]) == split]


def pairs(split: str) -> list[dict]:
    own = facets(split)
    return [pair for pair in _read("pairs") if pair["facet"] in own]


@functools.cache
def _read(name: str) -> list[dict]:
    files = sorted(DATA.glob(f"*/{name}.ndjson"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines() if line]


def _split(organisation: str) -> str:
    return "test" if organisation in TEST else "development" if organisation in DEVELOPMENT else "train"


def written(root: Path, seed: int) -> Iterator[Example]:
    """Ordinary comments beside the facets they are about, ``OTHERS`` of their organisation that they are not about, one
    of another, and the sentence for polarity.
    """
    del root
    rng = random.Random(seed)
    known = facets("train")
    for comment in comments("train"):
        own = [facet for facet in known.values() if facet["organisation"] == comment["organisation"]]
        absent = [f["id"] for f in own if f["id"] not in comment["labels"] and f["id"] not in comment["unsure"]]
        seen = {*comment["labels"], *rng.sample(absent, min(OTHERS, len(absent)))}
        for facet in own:
            if facet["id"] not in seen:
                continue
            label = comment["labels"].get(facet["id"], 0)
            turned = rng.random() < BROKEN_SHARE
            statement = rng.choice(facet["broken"] if turned else facet["phrasings"])
            target = _target(-label if turned else label)
            yield Example(comment["text"], comment["question"], statement, target, "written")
        if len(sides := set(comment["labels"].values())) == 1 and not comment["unsure"]:
            yield Example(comment["text"], comment["question"], POLARITY, _target(sides.pop()), "written")
        other = rng.choice(sorted(set(known) - {facet["id"] for facet in own}))
        # A facet of another organisation may fit by chance.
        statement = rng.choice(known[other]["phrasings"])
        yield Example(comment["text"], comment["question"], statement, graded(0.1, 0.5), "written")


def written_pairs(root: Path, seed: int) -> Iterator[Example]:
    """Opposed pairs and near misses, each beside two wordings of its facet."""
    del root
    rng = random.Random(seed)
    known = facets("train")
    for pair in pairs("train"):
        facet = known[pair["facet"]]
        wordings = [(wording, 1) for wording in rng.sample(facet["phrasings"], 2)]
        if rng.random() < 2 * BROKEN_SHARE:
            wordings[-1] = (rng.choice(facet["broken"]), -1)
        for side, label in (("supports", 1), ("contradicts", -1), ("unrelated", 0)):
            for wording, turn in wordings:
                yield Example(pair[side], None, wording, _target(label * turn), "written_pairs")
    for facet in known.values():
        for broken in facet["broken"]:
            yield Example(broken, None, rng.choice(facet["phrasings"]), _target(-1), "written_pairs")
        first, second, _ = facet["phrasings"]
        yield Example(first, None, second, _target(1), "written_pairs")


def polarity(root: Path, seed: int) -> Iterator[Example]:
    """Comments that only praise or only blame, and restaurant sentences likewise, beside the sentence for polarity."""
    for example in written(root, seed):
        if example.facet == POLARITY:
            yield replace(example, origin="polarity")
    aspects = pd.read_csv(root / "aspect_sentiment.csv")
    for text, said in aspects[aspects.polarity != "neutral"].groupby("text").polarity.agg(set).items():
        if len(said) == 1:
            yield Example(str(text), None, POLARITY, _target(1 if "positive" in said else -1), "polarity")


def _target(label: int) -> tuple[float, float, float]:
    return graded(ABOUT, 0.97 if label > 0 else 0.03) if label else graded(NEVER, 0.5)


def kept_comments(split: str) -> list[Example]:
    """Comments of a split beside all facets of their organisation, in their first wording, with plain labels."""
    known = facets(split)
    found = []
    for comment in comments(split):
        for facet in known.values():
            if facet["organisation"] == comment["organisation"] and facet["id"] not in comment["unsure"]:
                label = comment["labels"].get(facet["id"], 0)
                target = {0: NOT_ABOUT, 1: (0.0, 1.0, 0.0), -1: (0.0, 0.0, 1.0)}[label]
                found.append(Example(comment["text"], comment["question"], facet["phrasings"][0], target, "written"))
    return found


def kept_pairs(split: str) -> list[Example]:
    """Opposed pairs and near misses of a split beside the first wording of their facet: supports, contradicts,
    unrelated, three examples a pair.
    """
    known = facets(split)
    sides = {"supports": (0.0, 1.0, 0.0), "contradicts": (0.0, 0.0, 1.0), "unrelated": NOT_ABOUT}
    return [
        Example(pair[side], None, known[pair["facet"]]["phrasings"][0], target, "written_pairs")
        for pair in pairs(split)
        for side, target in sides.items()
    ]
