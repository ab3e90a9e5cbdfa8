"""The mean of the weights of several runs of one network: a run of its own, better than each (Wortsman et al. 2022).

    python -m models.stance.average --runs student=0.25 student-2=0.5 revision-2=0.25 --run average

The runs must have begun from one another, as these did: ``revision-2``, from which ``student`` went on, from which
``student-2`` did. Nothing is trained. "Model soups: averaging weights of multiple fine-tuned models", ICML 2022.
"""

from __future__ import annotations

import argparse

from safetensors.torch import load_file, save_file

from models.stance.train import WORK


def average(shares: dict[str, float], run: str) -> None:
    """Write the weights of ``run``, fp16, as the sum of those of the runs in ``shares`` times their share.

    Raises:
        SystemExit: the shares do not add up to 1, or the runs have different weights.
    """
    if abs(sum(shares.values()) - 1) > 1e-6:
        raise SystemExit(f"the shares add up to {sum(shares.values())}; they must add up to 1")
    found = {name: load_file(WORK / name / "weights.safetensors") for name in shares}
    names = {name: weights.keys() for name, weights in found.items()}
    first = next(iter(names.values()))
    if different := [name for name, keys in names.items() if keys != first]:
        raise SystemExit(f"{different[0]} has other weights than {next(iter(names))}; average runs of one network")
    mean = {key: sum(share * found[name][key].float() for name, share in shares.items()).half() for key in first}
    (WORK / run).mkdir(parents=True, exist_ok=True)
    save_file(mean, WORK / run / "weights.safetensors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", nargs="+", required=True, metavar="RUN=SHARE")
    parser.add_argument("--run", default="average", help="folder in models/stance/work to write")
    arguments = parser.parse_args()
    average({name: float(share) for name, _, share in (one.partition("=") for one in arguments.runs)}, arguments.run)


if __name__ == "__main__":
    main()
