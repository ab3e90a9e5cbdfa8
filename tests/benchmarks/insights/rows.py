"""A line of output, and what a process has needed of time and memory."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass

Row = dict[str, object]


@dataclass(frozen=True)
class Took:
    """Seconds by the clock, and of a processor: on a machine that others use the first says little."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Took:
        return cls(time.perf_counter(), time.process_time())

    def since(self, earlier: Took) -> Took:
        return Took(self.wall - earlier.wall, self.cpu - earlier.cpu)


def row(
    benchmark: str,
    metric: str,
    value: float,
    unit: str,
    baseline: float | None = None,
    against: str = "",
    **more: object,
) -> Row:
    """A line of output; ``more`` stands between the unit and the baseline."""
    line: Row = {"benchmark": benchmark, "metric": metric, "value": round(float(value), 4), "unit": unit} | more
    line["baseline"] = None if baseline is None else round(float(baseline), 4)
    line["ratio"] = None if not baseline else round(float(value / baseline), 3)
    return line | ({"against": against} if against else {})


def peak_memory() -> float:
    """The most that this process has held so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
