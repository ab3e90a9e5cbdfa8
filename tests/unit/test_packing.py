"""Units beside facets as tokens, for the network that reads each facet behind its unit and the one that shares them."""

from __future__ import annotations

import numpy as np
import pytest

from models.stance.train import base_folder
from service.core.alignment.minilm import READERS, MiniLMNetwork
from service.core.alignment.packing import Pack, batches, group, pack
from service.core.alignment.pairs import StancePair

UNIT, OTHER = [1, 2, 3], [4, 5]
FACETS = [[10, 11], [12], [13, 14, 15]]


def test_pairs_of_one_unit_share_a_pack_and_keep_their_places() -> None:
    packs = group([UNIT, OTHER, UNIT], FACETS, ["a", "b", "a"], most_tokens=100)
    assert [(one.unit, one.facets, one.pairs) for one in packs] == [
        (UNIT, [FACETS[0], FACETS[2]], [0, 2]),
        (OTHER, [FACETS[1]], [1]),
    ]


def test_a_pack_that_would_grow_too_long_is_followed_by_another() -> None:
    packs = group([UNIT] * 3, FACETS, ["a"] * 3, most_tokens=6)
    assert [one.pairs for one in packs] == [[0, 1], [2]]
    assert all(len(one) <= 6 for one in packs)


def test_a_facet_sees_the_unit_and_itself_and_never_another_facet() -> None:
    seen = pack([Pack(UNIT, FACETS[:2], [0, 1])]).visible(causal=False)[0]
    unit, first, second = slice(0, 3), slice(3, 5), slice(5, 6)
    assert seen[first, unit].all()
    assert seen[first, first].all()
    assert not seen[first, second].any()
    assert not seen[second, first].any()
    assert not seen[unit, 3:].any()


def test_a_causal_mask_also_hides_what_comes_later() -> None:
    batch = pack([Pack(UNIT, FACETS[:2], [0, 1])])
    assert not np.triu(batch.visible(causal=True)[0], 1).any()


def test_positions_start_anew_behind_the_unit_for_each_facet() -> None:
    batch = pack([Pack(UNIT, FACETS, [0, 1, 2]), Pack(OTHER, [], [])])
    assert batch.positions[0].tolist() == [0, 1, 2, 3, 4, 3, 3, 4, 5]
    assert batch.ids[1].tolist() == [4, 5] + [0] * 7
    assert [batch.ids[row, token] for row, token in batch.starts] == [10, 12, 13]
    assert [batch.ids[row, token] for row, token in batch.ends] == [11, 12, 15]


def test_batches_stay_under_their_tokens_and_lose_no_pack() -> None:
    packs = [Pack([0] * length, [[1]], [length]) for length in (3, 9, 5, 40, 7)]
    found = batches(packs, len, 24)
    assert sorted(one.pairs[0] for batch in found for one in batch) == [3, 5, 7, 9, 40]
    assert all(len(batch) == 1 or len(batch) * max(map(len, batch)) <= 24 for batch in found)


@pytest.fixture(scope="module")
def minilm() -> MiniLMNetwork:
    return MiniLMNetwork(base_folder()).train(mode=False)


PAIRS = [
    StancePair("We hear of decisions early.", None, "We tell each other early."),
    StancePair("We hear of decisions early.", None, "We learn."),
    StancePair("Nothing", "What could we improve?", "We tell each other early."),
]


@pytest.mark.weights
def test_a_facet_that_several_units_stand_beside_is_read_once(minilm: MiniLMNetwork) -> None:
    together = minilm.collate(minilm.packs(PAIRS))
    alone = [minilm.collate(minilm.packs([pair])) for pair in PAIRS]
    assert together.pairs == [0, 1, 2]
    facet = len(minilm.tokenizer(PAIRS[0].facet, add_special_tokens=False)["input_ids"])
    unit = len(alone[0].ids) - facet - READERS
    assert len(together.ids) == sum(len(one.ids) for one in alone) - facet - unit


@pytest.mark.weights
def test_readers_see_their_own_unit_and_facet_and_nothing_else(minilm: MiniLMNetwork) -> None:
    batch = minilm.collate(minilm.packs(PAIRS))
    words, tokenize = minilm.tokenizer.convert_ids_to_tokens(batch.ids.tolist()), minilm.tokenizer.tokenize
    rows = batch.rows[2]
    for pair, seen, there in zip(PAIRS, rows.seen, rows.seen_is, strict=True):
        unit, facet = tokenize(f"{pair.question or ''} {pair.text}"), tokenize(pair.facet)
        assert [words[i] for i in seen[there]] == ["[CLS]", *unit, "[SEP]", *facet, "[CLS]", "[SEP]"]


@pytest.mark.weights
def test_units_and_facets_do_not_see_each_other(minilm: MiniLMNetwork) -> None:
    batch = minilm.collate(minilm.packs(PAIRS))
    for rows in batch.rows[:2]:
        assert (rows.seen == rows.asking).all()
    asking = [row for rows in batch.rows for row in rows.asking.flatten()[rows.there].tolist()]
    assert asking == list(range(len(batch.ids)))
