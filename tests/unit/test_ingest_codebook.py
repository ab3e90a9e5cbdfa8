"""Codebook files: what a theme may be, and errors with line and field."""

from pathlib import Path

import pytest

from service.errors import InvalidCodebook
from service.ingest import parse_codebook, read_codebook
from service.results import Correction, Theme
from service.results.analysis import plain

SHIPPED = sorted((Path(__file__).parents[2] / "data" / "codebooks").glob("*.yaml"))
GOOD = """\
name: Ours
themes:
  - id: pay
    name: Pay
    definition: What people are paid.
    include: [I am paid too little., The bonus was fair.]
    exclude: We pay for parking.
    kind: condition
    practices:
      - Publish the pay bands.
  - name: Late Pay
    parent: pay
    include:
      - My pay came a week late.
"""


def refused(tmp_path, content):
    path = tmp_path / "ours.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidCodebook) as caught:
        read_codebook(path)
    return caught.value.detail


def themes(*extra):
    return "name: Ours\nthemes:\n" + "".join(f"  - {{{theme}}}\n" for theme in extra)


def test_a_codebook_is_read(tmp_path):
    path = tmp_path / "ours.yaml"
    path.write_text(GOOD, encoding="utf-8")
    codebook = read_codebook(path)
    assert codebook.name == "Ours"
    assert codebook.themes == (
        Theme(
            theme_id="pay",
            name="Pay",
            definition="What people are paid.",
            include=("I am paid too little.", "The bonus was fair."),
            exclude=("We pay for parking.",),
            kind="condition",
            practices=("Publish the pay bands.",),
        ),
        Theme(theme_id="late-pay", name="Late Pay", include=("My pay came a week late.",), parent="pay"),
    )


def test_a_version_is_made_from_the_themes_and_changes_with_them():
    base = {"name": "Ours", "themes": [{"id": "pay", "name": "Pay", "definition": "What people are paid."}]}
    changed = {"name": "Ours", "themes": [{"id": "pay", "name": "Pay", "definition": "What people earn."}]}
    versions = [parse_codebook(data).version for data in (base, dict(base), changed)]
    assert versions[0] == versions[1] != versions[2]
    assert len(versions[0]) == 12
    assert parse_codebook({**base, "version": "2.0"}).version == "2.0"


def test_a_version_written_as_a_number_keeps_its_spelling(tmp_path):
    path = tmp_path / "ours.yaml"
    path.write_text("version: 1.10\n" + GOOD, encoding="utf-8")
    assert read_codebook(path).version == "1.10"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_codebook_is_valid(path):
    assert read_codebook(path).themes


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (themes("name: A, definition: x", "name: A, definition: y"), "line 4: themes[1].id: theme id 'a' is already"),
        (themes("name: A, definition: x, parent: b"), "line 3: themes[0].parent: there is no theme 'b'"),
        (
            themes("name: A, definition: x, parent: a"),
            "line 3: themes[0].parent: the parents go round in a circle (a → a)",
        ),
        (
            themes(
                "name: C, definition: x, parent: a",
                "name: A, definition: x, parent: b",
                "name: B, definition: x, parent: a",
            ),
            "line 3: themes[0].parent: the parents go round in a circle (c → a → b → a)",
        ),
        (
            themes("id: a, name: A", "name: B, definition: x"),
            "line 3: themes[0]: theme 'a' has neither a definition nor",
        ),
        (themes("id: a, definition: x"), "line 3: themes[0].name: a theme needs a name"),
        (themes("name: A, definiton: x"), "line 3: themes[0].definiton: unknown key; did you mean 'definition'?"),
        (
            themes("name: A, definition: x, kind: virtue"),
            "line 3: themes[0].kind: 'virtue' is not a kind (expected obstacle",
        ),
        (
            themes("name: A, definition: x, include: [y, '']"),
            "line 3: themes[0].include[1]: expected text, found nothing",
        ),
        (themes("name: [A], definition: x"), "line 3: themes[0].name: expected text, found a list"),
        ("name: Ours\nthemes:\n  - A\n", "line 3: themes[0]: expected "),
        ("name: Ours\nthemes: []\n", "line 2: themes: a codebook needs at least one theme"),
        ("name: Ours\n", "line 1: themes: a codebook needs at least one theme"),
        ("themes:\n  - {name: A, definition: x}\n", "line 1: name: a codebook needs a name"),
        ("name: Ours\ntheme: []\n", "line 2: theme: unknown key; did you mean 'themes'?"),
        ("name: Ours\n\tthemes: []\n", "line 2: not valid YAML"),
    ],
)
def test_a_bad_codebook_names_file_line_and_field(tmp_path, content, place):
    assert refused(tmp_path, content).startswith(f"ours.yaml, {place}")


def test_an_empty_or_missing_file_is_an_invalid_codebook(tmp_path):
    assert refused(tmp_path, "").startswith("ours.yaml: expected name, version")
    with pytest.raises(InvalidCodebook, match=r"nowhere\.yaml: there is no such file"):
        read_codebook(tmp_path / "nowhere.yaml")


def test_an_object_of_the_wrong_shape_names_its_field():
    with pytest.raises(InvalidCodebook) as caught:
        parse_codebook({"name": "Ours", "themes": [{"name": "A", "definition": 3}]})
    assert caught.value.where == "themes[0].definition"


def test_corrections_and_hidden_themes_are_read(tmp_path):
    path = tmp_path / "ours.yaml"
    correction = "\ncorrections:\n  - {text: The bonus is late., theme_id: pay, belongs: true}\n"
    path.write_text(GOOD + "    hidden: true" + correction, encoding="utf-8")
    codebook = read_codebook(path)
    assert [theme.hidden for theme in codebook.themes] == [False, True]
    assert codebook.corrections == (Correction(text="The bonus is late.", theme_id="pay", belongs=True),)


@pytest.mark.parametrize(
    ("correction", "said"),
    [
        ("{theme_id: pay, belongs: true}", "ours.yaml, line 17: corrections[0].text: a correction needs the text"),
        ("{text: Late., theme_id: lunch}", "corrections[0].theme_id: there is no theme 'lunch'"),
        ("{text: Late., theme_id: pay, belongs: maybe}", "corrections[0].belongs: expected true or false, found text"),
        ("{text: Late., theme: pay}", "corrections[0].theme: unknown key; did you mean 'theme_id'?"),
    ],
)
def test_a_wrong_correction_is_named_with_its_line(tmp_path, correction, said):
    assert said in refused(tmp_path, GOOD + "\ncorrections:\n  - " + correction)


def test_a_codebook_as_json_reads_back_the_same():
    given = parse_codebook(
        {
            "name": "Ours",
            "version": "1+2",
            "themes": [{"id": "pay", "name": "Pay", "include": ["Late pay."], "hidden": True}],
            "corrections": [{"text": "Late.", "theme_id": "pay", "belongs": False}],
        }
    )
    assert parse_codebook(plain(given)) == given
