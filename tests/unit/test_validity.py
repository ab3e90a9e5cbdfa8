"""The validity card that goes with the shipped stance models."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from service.core.models import DEFAULT_MODELS_DIR, read_validity
from service.errors import ModelIntegrityError

CARD = Path("stance") / "validity.json"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "stance").mkdir()
    for name in ("manifest.toml", CARD):
        shutil.copy(DEFAULT_MODELS_DIR / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("choice", ["fast", "accurate"])
def test_each_shipped_model_has_a_card_of_its_own_weights_with_figures_intervals_and_limits(choice: str) -> None:
    card = read_validity(DEFAULT_MODELS_DIR, choice)
    assert card.figures
    assert card.limits
    for figure in card.figures:
        assert figure.low <= figure.value <= figure.high
        assert figure.n > 0
        assert figure.against


def test_a_card_of_other_weights_is_refused_naming_both_hashes_and_how_to_measure_again(models: Path) -> None:
    card = json.loads((models / CARD).read_text(encoding="utf-8"))
    expected, card["weights"] = card["weights"], "0" * 64
    (models / CARD).write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(ModelIntegrityError, match=rf"0{{64}}.*{expected}.*tests\.benchmarks\.alignment --card"):
        read_validity(models)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"weights": "x", "figures": [{"value": 1}], "limits": []}'])
def test_a_card_that_cannot_be_read_is_refused_naming_the_file(models: Path, text: str) -> None:
    (models / CARD).write_text(text, encoding="utf-8")
    with pytest.raises(ModelIntegrityError, match=re.escape(str(models / CARD))):
        read_validity(models)


def test_a_missing_card_is_refused_naming_the_file(models: Path) -> None:
    (models / CARD).unlink()
    with pytest.raises(ModelIntegrityError, match=re.escape(str(models / CARD))):
        read_validity(models)
