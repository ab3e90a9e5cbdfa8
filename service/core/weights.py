"""Model files and their manifest: which file, which sha256, which licence. A file that differs is refused."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from service.errors import ModelIntegrityError


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One ``[[model]]`` of ``models/manifest.toml``.

    Attributes:
        model_id: the name other files use.
        revision: version of the weights.
        file: path of the weights file, relative to the manifest or to ``package``'s folder.
        sha256: hash of that file.
        licence: SPDX id.
        training_data: what it was trained on, in a sentence.
        package: the Python package that carries the file, or empty when the file lies beside the manifest.
    """

    model_id: str
    revision: str
    file: str
    sha256: str
    licence: str
    training_data: str
    package: str = ""


def read_manifest(path: Path) -> dict[str, ModelEntry]:
    """``models/manifest.toml`` as a mapping from model id to entry.

    Raises:
        ModelIntegrityError: the manifest is missing or malformed.
    """
    try:
        entries = [ModelEntry(**entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["model"]]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ModelIntegrityError(f"cannot read the model manifest {path.name}: {error}", where=str(path)) from error
    return {entry.model_id: entry for entry in entries}


def locate(entry: ModelEntry, models_dir: Path) -> Path:
    """Where the file of ``entry`` lies: in its package's folder, or in ``models_dir``.

    Raises:
        ModelIntegrityError: the package is not installed.
    """
    if not entry.package:
        return models_dir / entry.file
    found = find_spec(entry.package)
    if found is None or not found.submodule_search_locations:
        raise ModelIntegrityError(
            f"package {entry.package} with {entry.file} is not installed; run 'make setup' again", where=entry.package
        )
    return Path(found.submodule_search_locations[0]) / entry.file


def verify_sha256(file: Path, expected: str) -> None:
    """Refuse ``file`` unless its sha256 is ``expected``.

    Raises:
        ModelIntegrityError: it is missing, or its hash differs; names the file and both hashes.
    """
    if not file.is_file():
        raise ModelIntegrityError(f"model file {file} is missing; run 'make setup' again", where=str(file))
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != expected:
        raise ModelIntegrityError(
            f"model file {file} has sha256 {found}, the manifest says {expected}; reinstall it, or change the manifest "
            "if you meant to replace the model",
            where=str(file),
        )
