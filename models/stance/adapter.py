"""Low-rank adapters (LoRA, Hu et al. 2021) over the frozen layers of SmolLM2, as they are trained."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from service.core.alignment.load import ADAPTED_FROM, ADAPTER_SCALE

RANK = 16


class AdaptedLinear(nn.Module):
    """A frozen linear layer plus a trained product of two thin matrices."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.register_buffer("weight", linear.weight.detach())
        self.down = nn.Parameter(torch.empty(RANK, linear.in_features))
        self.up = nn.Parameter(torch.zeros(linear.out_features, RANK))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        thin = nn.functional.linear(x, self.down)
        return nn.functional.linear(x, self.weight).add(nn.functional.linear(thin, self.up), alpha=ADAPTER_SCALE)


def adapt(model: nn.Module) -> None:
    """Freeze ``model`` (SmolLM2) and put an adapter over every linear layer of its upper blocks.

    The lower third is only read through: nothing has to be carried back to it, which saves a sixth of the time.
    """
    for parameter in model.parameters():
        parameter.requires_grad = False
    for block in model.layers[ADAPTED_FROM:]:
        _replace(block)


def _replace(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            setattr(module, name, AdaptedLinear(child))
        else:
            _replace(child)
