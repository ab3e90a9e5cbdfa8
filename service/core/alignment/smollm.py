"""The accurate network: SmolLM2 reads a unit once, each facet behind it, and is asked after each whether it is so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from service.core.alignment.packing import CLASSES, FACET_TOKENS, UNIT_TOKENS, Pack, PackedBatch, group, pack, tokens
from service.core.alignment.pairs import StancePair

MOST_TOKENS = 384
"""Tokens of a unit and the facets read with it; more facets are read in another pass."""


class SmolLMNetwork(nn.Module):
    """SmolLM2-135M, asked after each facet whether it is so; a classifier at each facet's last token.

    Args:
        file: the packaged GGUF file.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        from transformers import AutoModel, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
        self.model = AutoModel.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
        self.model.config.use_cache = False
        self.classifier = nn.Linear(self.model.config.hidden_size, len(CLASSES), bias=False)
        # The words a reader would answer with are where the classes start from, less what they have in common.
        answers = [ids[0] for ids in tokens(self.tokenizer, [" unclear", " yes", " no"], 1)]
        with torch.no_grad():
            words = self.model.embed_tokens.weight[answers]
            self.classifier.weight.copy_((words - words.mean(dim=0)) / 4)

    def packs(self, pairs: Sequence[StancePair]) -> list[Pack]:
        """Token ids of ``pairs``; those of one text and question share a pack."""
        keys = [(pair.text, pair.question) for pair in pairs]
        asked = [f"Question: {key[1].strip()}\n" if key[1] and key[1].strip() else "" for key in keys]
        words = [f"{question}Comment: {text}" for question, (text, _) in zip(asked, keys, strict=True)]
        (first,) = tokens(self.tokenizer, ["<|im_start|>"], 1)
        units = tokens(self.tokenizer, words, UNIT_TOKENS)
        facets = tokens(self.tokenizer, [f"\nClaim: {pair.facet}" for pair in pairs], FACET_TOKENS)
        (end,) = tokens(self.tokenizer, ["\nTrue here?"], FACET_TOKENS)
        return group([[*first, *u] for u in units], [[*f, *end] for f in facets], keys, MOST_TOKENS)

    @staticmethod
    def cost(pack: Pack) -> int:
        """Tokens of a pack."""
        return len(pack)

    @staticmethod
    def collate(packs: Sequence[Pack]) -> PackedBatch:
        """Arrays of ``packs``."""
        return pack(packs)

    def forward(self, batch: PackedBatch) -> Tensor:
        """Logits, (n_pairs, 3), in the order of ``batch.pairs``."""
        device = self.classifier.weight.device
        hidden = self.model(
            input_ids=torch.from_numpy(batch.ids).to(device),
            position_ids=torch.from_numpy(batch.positions).to(device),
            attention_mask=torch.from_numpy(batch.visible(causal=True))[:, None].to(device),
        ).last_hidden_state
        rows, ends = torch.from_numpy(batch.ends).T
        logits: Tensor = self.classifier(hidden[rows, ends])
        return logits
