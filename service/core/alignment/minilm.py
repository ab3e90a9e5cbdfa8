"""The fast network: MiniLM reads every unit once and every facet once, and two tokens a pair read both.

A cross-encoder that reads unit and facet afresh for each pair spends nearly all its time on the facets' words, which
are the same for every unit. Here a unit's tokens see their unit and a facet's tokens their facet, so both are computed
once in a batch; only the pair's own tokens, ``READERS`` of them, see unit, facet and each other, through all layers. It
is the late interaction of ColBERT (Khattab and Zaharia 2020) with the interaction learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, scaled_dot_product_attention

from service.core.alignment.packing import CLASSES, FACET_TOKENS, UNIT_TOKENS, Pack, group, tokens
from service.core.alignment.pairs import StancePair, question_and_text

if TYPE_CHECKING:
    from transformers.models.bert.modeling_bert import BertLayer

READERS = 2


@dataclass(frozen=True, slots=True)
class Rows:
    """Which tokens look at which: row i's tokens ``asking[i]`` see the tokens ``seen[i]``.

    Attributes:
        asking, seen: int64, (n_rows, most tokens of a row), places in the list of tokens; 0 where there is none.
        seen_is: bool, of the shape of ``seen``: which of its places there are.
        there: int64, (n_asking,), which places of ``asking``, row after row, there are.
    """

    asking: Tensor
    seen: Tensor
    seen_is: Tensor
    there: Tensor

    @classmethod
    def of(cls, asking: Tensor, asking_is: Tensor, seen: Tensor, seen_is: Tensor) -> Rows:
        """``asking_is``: bool, which places of ``asking`` there are."""
        return cls(asking, seen, seen_is, asking_is.flatten().nonzero()[:, 0])

    def to(self, device: torch.device) -> Rows:
        return Rows(*(getattr(self, field.name).to(device, non_blocking=True) for field in fields(self)))


@dataclass(frozen=True, slots=True)
class SharedBatch:
    """Units, the distinct facets beside them, and the pairs' readers, as one flat list of tokens.

    Attributes:
        ids, positions, types: int64, (n_tokens,): the units' tokens, then the facets', then the readers.
        rows: of the units, of the facets and of the pairs, in the order of the tokens.
        pairs: the pair of the call that each row of ``rows[2]`` belongs to.
    """

    ids: Tensor
    positions: Tensor
    types: Tensor
    rows: tuple[Rows, Rows, Rows]
    pairs: list[int]

    def to(self, device: torch.device) -> SharedBatch:
        ids, positions, types = (x.to(device, non_blocking=True) for x in (self.ids, self.positions, self.types))
        units, facets, pairs = (rows.to(device) for rows in self.rows)
        return SharedBatch(ids, positions, types, (units, facets, pairs), self.pairs)


class MiniLMNetwork(nn.Module):
    """all-MiniLM-L6-v2 with a classifier over the pair's first reader.

    Args:
        base: folder of all-MiniLM-L6-v2: tokenizer, configuration and weights.
    """

    def __init__(self, base: Path) -> None:
        super().__init__()
        from safetensors.torch import load_file
        from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = BertForSequenceClassification(BertConfig.from_pretrained(base, num_labels=len(CLASSES)))
        self.model.bert.load_state_dict(load_file(base / "model.safetensors"), strict=False)

    def packs(self, pairs: Sequence[StancePair]) -> list[Pack]:
        """Token ids of ``pairs``; those of one text and question share a pack."""
        keys = [(pair.text, pair.question) for pair in pairs]
        first, last = self.tokenizer.cls_token_id, self.tokenizer.sep_token_id
        units = tokens(self.tokenizer, [question_and_text(*key) for key in keys], UNIT_TOKENS)
        facets = tokens(self.tokenizer, [pair.facet for pair in pairs], FACET_TOKENS)
        return group([[first, *unit, last] for unit in units], facets, keys)

    @staticmethod
    def cost(pack: Pack) -> int:
        """Tokens that a pack adds to a batch whose facets are there already."""
        return len(pack.unit) + READERS * len(pack.facets)

    def collate(self, packs: Sequence[Pack]) -> SharedBatch:
        """Arrays of ``packs``, each distinct facet once."""
        place: dict[tuple[int, ...], int] = {}
        unit_of = [row for row, pack in enumerate(packs) for _ in pack.facets]
        facet_of = [place.setdefault(tuple(facet), len(place)) for pack in packs for facet in pack.facets]
        texts = [*(pack.unit for pack in packs), *map(list, place)]
        lengths = torch.tensor([len(text) for text in texts])
        starts = torch.cumsum(lengths, 0) - lengths
        units, facets = torch.tensor(unit_of), torch.tensor(facet_of) + len(packs)
        first = int(lengths.sum())
        readers = torch.arange(first, first + READERS * len(unit_of)).reshape(-1, READERS)
        own = [_spans(starts[part], lengths[part]) for part in (slice(len(packs)), slice(len(packs), None))]
        beside = [_spans(starts[of], lengths[of]) for of in (units, facets)]
        all_readers = torch.ones_like(readers, dtype=torch.bool)
        pair_rows = Rows.of(
            readers,
            all_readers,
            torch.cat([beside[0][0], beside[1][0], readers], dim=1),
            torch.cat([beside[0][1], beside[1][1], all_readers], dim=1),
        )
        asked = [self.tokenizer.cls_token_id, self.tokenizer.sep_token_id] * len(unit_of)
        places = torch.arange(first) - torch.repeat_interleave(starts, lengths)
        return SharedBatch(
            ids=torch.tensor([token for text in texts for token in text] + asked),
            positions=torch.cat([places, torch.arange(READERS).repeat(len(unit_of))]),
            types=(torch.arange(first + len(asked)) >= int(lengths[: len(packs)].sum())).long(),
            rows=(Rows.of(*own[0], *own[0]), Rows.of(*own[1], *own[1]), pair_rows),
            pairs=[pair for pack in packs for pair in pack.pairs],
        )

    def forward(self, batch: SharedBatch) -> Tensor:
        """Logits, (n_pairs, 3), in the order of ``batch.pairs``."""
        bert = self.model.bert
        batch = batch.to(self.model.device)
        hidden = bert.embeddings(
            input_ids=batch.ids[None], position_ids=batch.positions[None], token_type_ids=batch.types[None]
        )[0]
        *layers, last = cast("list[BertLayer]", list(bert.encoder.layer))
        for layer in layers:
            hidden = _layer(layer, hidden, batch.rows)
        # Of the last layer only the first readers are looked at.
        pairs = batch.rows[2]
        first = Rows(
            pairs.asking[:, :1], pairs.seen, pairs.seen_is, torch.arange(len(pairs.asking), device=hidden.device)
        )
        hidden = _layer(last, hidden, (first,))
        assert bert.pooler is not None
        logits: Tensor = self.model.classifier(torch.tanh(bert.pooler.dense(hidden)))
        return logits


def _spans(starts: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Places of each text's tokens, (n_texts, longest), and which of them there are."""
    steps = torch.arange(int(lengths.max()))
    there = steps < lengths[:, None]
    return torch.where(there, starts[:, None] + steps, 0), there


def _layer(layer: BertLayer, hidden: Tensor, rows: Sequence[Rows]) -> Tensor:
    """A BERT layer over ``hidden``, (n_tokens, dim), for the tokens that ask in ``rows``, in their order."""
    attention = layer.attention.self
    heads, size = attention.num_attention_heads, attention.attention_head_size
    queries, keys, values = attention.query(hidden), attention.key(hidden), attention.value(hidden)
    contexts = []
    for row in rows:
        context = scaled_dot_product_attention(
            _by_head(queries, row.asking, heads, size),
            _by_head(keys, row.seen, heads, size),
            _by_head(values, row.seen, heads, size),
            attn_mask=row.seen_is[:, None, None, :],
        )
        contexts.append(embedding(row.there, context.transpose(1, 2).flatten(2).flatten(0, 1)))
    asking = torch.cat([row.asking.flatten()[row.there] for row in rows])
    attended = layer.attention.output(torch.cat(contexts), embedding(asking, hidden))
    out: Tensor = layer.output(layer.intermediate(attended), attended)
    return out


def _by_head(x: Tensor, places: Tensor, heads: int, size: int) -> Tensor:
    """Rows of ``x``, (n_tokens, heads × size), at ``places``, (n_rows, n), as (n_rows, heads, n, size)."""
    # The same as x[places], many times as fast on a CPU.
    return embedding(places, x).reshape(*places.shape, heads, size).transpose(1, 2)
