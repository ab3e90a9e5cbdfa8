"""Low-rank adapters (LoRA, Hu et al. 2021) over the frozen layers of SmolLM2, as they are trained."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from service.core.alignment.load import ADAPTER_SCALE

RANK = 32


class AdaptedLinear(nn.Module):
    """A frozen linear layer plus a trained product of two thin matrices."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.register_buffer("weight", linear.weight.detach())
        self.down = nn.Parameter(torch.empty(RANK, linear.in_features))
        self.up = nn.Parameter(torch.zeros(linear.out_features, RANK))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        # Added up before it meets the tokens: a matrix a layer is less to go through than the tokens are, on a GPU.
        return nn.functional.linear(x, self.weight.addmm(self.up, self.down, alpha=ADAPTER_SCALE))


def adapt(model: nn.Module) -> None:
    """Freeze ``model`` (SmolLM2) and put an adapter over every linear layer of its blocks."""
    for parameter in model.parameters():
        parameter.requires_grad = False
    _replace(model.layers)


def _replace(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            setattr(module, name, AdaptedLinear(child))
        else:
            _replace(child)
