"""One run of the themes in a process of its own, so that its threads, its memory and its result are that run's alone.

``run_alone`` starts ``python -m tests.benchmarks.themes.one_run FOLDER`` and reads what it leaves there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from service.core.embedding import FloatArray, embed
from tests.benchmarks.themes.inputs import embedder, group

ROOT = Path(__file__).resolve().parents[3]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
TEXTS, VECTORS, RESULT = "texts.json", "vectors.npy", "result.json"


@dataclass(frozen=True, slots=True)
class OneRun:
    """What a run found, its time and the largest memory that its process held.

    Attributes:
        theme_ids: of each text.
        seconds: after embedding, by the clock.
        cpu_seconds: the same, on all threads together; a busy machine does not lengthen them.
        peak_bytes: resident, of the whole process, embedding model and language model included.
    """

    theme_ids: list[str]
    seconds: float
    cpu_seconds: float
    peak_bytes: int


def run_alone(texts: Sequence[str], vectors: FloatArray | None = None, *, threads: int | None = None) -> OneRun:
    """Group texts in a new process; it embeds them itself where ``vectors`` is None."""
    environment = dict(os.environ) | ({name: str(threads) for name in THREADS} if threads else {})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / TEXTS).write_text(json.dumps(list(texts)), encoding="utf-8")
        if vectors is not None:
            np.save(folder / VECTORS, vectors)
        command = [sys.executable, "-m", "tests.benchmarks.themes.one_run", name]
        subprocess.run(command, check=True, cwd=ROOT, env=environment)
        return OneRun(**json.loads((folder / RESULT).read_text(encoding="utf-8")))


def peak_bytes() -> int:
    """Largest resident size of this process, from Linux: ``ru_maxrss`` would begin with that of its parent."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    return int(status["VmHWM"].split()[0]) * 1024


def main(folder: Path) -> None:
    texts = json.loads((folder / TEXTS).read_text(encoding="utf-8"))
    model, given = embedder(), folder / VECTORS
    vectors = np.load(given) if given.exists() else embed(texts, model)
    began = time.process_time()
    found = group(texts, vectors, model)
    result = OneRun(found.labels, found.seconds, time.process_time() - began, peak_bytes())
    (folder / RESULT).write_text(json.dumps(asdict(result)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
