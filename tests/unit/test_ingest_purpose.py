"""Purpose files and objects: plain statements, YAML facets, and errors with file, line and field."""

import pytest

from service.errors import InvalidPurpose, MissingPurpose
from service.ingest import parse_purpose, read_purpose
from service.results import Facet, Purpose

GOOD = """\
# values
statement: >-
  We listen to patients and we act on what they tell us.
facets:
  - id: listen
    title: Listening
    text: We listen to patients.
    supports: [They asked me how I was., They took notes.]
    contradicts: Nobody asked.
  - text: We act on what they tell us.
  - We act on what they tell us, always.
"""


def written(tmp_path, content, name="purpose.yaml"):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(kind, tmp_path, content, name="purpose.yaml"):
    with pytest.raises(kind) as caught:
        read_purpose(written(tmp_path, content, name))
    assert type(caught.value) is kind
    return caught.value.detail


@pytest.mark.parametrize("name", ["purpose.txt", "purpose.md", "PURPOSE"])
def test_a_text_file_is_the_statement(tmp_path, name):
    text = "\ufeffWe listen to patients. We act on what they tell us.\n"
    assert read_purpose(written(tmp_path, text, name)) == Purpose.from_text(text)


def test_yaml_gives_facets_and_makes_what_is_missing(tmp_path):
    purpose = read_purpose(written(tmp_path, GOOD))
    assert purpose.statement == "We listen to patients and we act on what they tell us."
    assert purpose.facets[0] == Facet(
        facet_id="listen",
        title="Listening",
        text="We listen to patients.",
        supports=("They asked me how I was.", "They took notes."),
        contradicts=("Nobody asked.",),
    )
    second, third = purpose.facets[1:]
    assert second.text == "We act on what they tell us."
    assert second.title == Purpose.from_text(second.text).facets[0].title
    assert second.facet_id
    assert len({facet.facet_id for facet in purpose.facets}) == 3
    assert third.text == "We act on what they tell us, always."


def test_yaml_without_facets_is_split(tmp_path):
    text = "We listen. We act on it."
    assert read_purpose(written(tmp_path, f"statement: {text}")) == Purpose.from_text(text)
    assert read_purpose(written(tmp_path, f"statement: {text}\nfacets: []")) == Purpose.from_text(text)


def test_facets_without_a_statement_are_the_statement():
    assert parse_purpose({"facets": [{"text": "We listen."}, "We act."]}).statement == "We listen.\nWe act."


def test_made_ids_avoid_each_other():
    purpose = parse_purpose(
        {"facets": [{"title": "Care", "text": "We care."}, {"title": "Care!", "text": "We do care."}]}
    )
    assert [facet.facet_id for facet in purpose.facets] == ["care", "care-2"]


def test_the_purpose_of_an_analysis_can_be_used_again():
    purpose = parse_purpose(
        {"statement": "We care.", "facets": [{"facet_id": "care", "title": "Care", "text": "We care."}]}
    )
    assert purpose.facets[0].facet_id == "care"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (
            "statement: We care.\nfacets:\n  - id: a\n    text: We care.\n    suports: [x]\n",
            "line 5: facets[0].suports: ",
        ),
        ("statement: We care.\nfacets:\n  - id: a\n", "line 3: facets[0].text: a facet needs a text"),
        (
            "statement: We care.\nfacets:\n  - id: a\n    text: [x]\n",
            "line 4: facets[0].text: expected text, found a list",
        ),
        (
            "facets:\n  - text: We care.\n    supports:\n      - fine\n      - {a: b}\n",
            "line 5: facets[0].supports[1]: ",
        ),
        ("facets:\n  - text: We care.\n    supports: {a: b}\n", "line 3: facets[0].supports: expected a list of texts"),
        ("facets:\n  - {id: a, text: We care.}\n  - {id: a, text: We do.}\n", "line 3: facet id 'a' is used twice"),
        ("facets:\n  - text: '...'\n", "line 2: facets[0].text: has no words"),
        ("facets:\n  - {title: Dots, text: '...'}\n", "line 2: facet 'dots' has no words"),
        ("facets: We care.\n", "line 1: facets: expected a list, found text"),
        ("- We care.\n", "line 1: expected statement, facets with their values, found a list"),
        ("statment: We care.\n", "line 1: statment: unknown key; did you mean 'statement'?"),
        ("statement: We care.\nfacets:\n  - text: 'open\n", "line 4: not valid YAML"),
        ("statement: We care.\nstatement: We do.\n", "line 2: key 'statement' stands here again, after line 1"),
        ("a: 1\n---\nb: 2\n", "line 2: not valid YAML"),
    ],
)
def test_a_bad_purpose_names_file_line_and_field(tmp_path, content, place):
    assert refused(InvalidPurpose, tmp_path, content).startswith(f"purpose.yaml, {place}")


@pytest.mark.parametrize("content", ["", "# only a remark\n", "statement: ''\n", "statement: ' - '\n", "facets: []\n"])
def test_a_yaml_without_words_is_a_missing_purpose(tmp_path, content):
    assert "purpose.yaml" in refused(MissingPurpose, tmp_path, content)


@pytest.mark.parametrize("content", ["", " \n", "...\n"])
def test_a_text_without_words_is_a_missing_purpose(tmp_path, content):
    assert "empty" in refused(MissingPurpose, tmp_path, content, "purpose.txt")


def test_the_http_form_names_the_field():
    with pytest.raises(InvalidPurpose) as caught:
        parse_purpose({"statement": "We care.", "facets": [{"text": "We care.", "title": 5}]})
    assert caught.value.where == "facets[0].title"
    with pytest.raises(MissingPurpose):
        parse_purpose({})


def test_a_file_that_cannot_be_a_purpose_is_refused(tmp_path):
    assert "save it as UTF-8" in refused(InvalidPurpose, tmp_path, b"We care\xff\n", "purpose.txt")
    assert "not a text file" in refused(InvalidPurpose, tmp_path, b"PK\x03\x04\0\0", "purpose.docx")
    with pytest.raises(InvalidPurpose, match=r"nowhere\.txt: there is no such file"):
        read_purpose(tmp_path / "nowhere.txt")


def test_sizes_are_limited(tmp_path):
    assert "the limit is 20,000" in refused(InvalidPurpose, tmp_path, "We care. " * 3_000, "purpose.txt")
    assert "larger than 1 MB" in refused(InvalidPurpose, tmp_path, "We care. " * 200_000, "purpose.txt")
    many = "facets:\n" + "".join(f"  - We care about number {i}.\n" for i in range(31))
    assert "31 facets; the limit is 30" in refused(InvalidPurpose, tmp_path, many)


def test_aliases_cannot_make_a_small_file_endless(tmp_path):
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for previous, name in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{name}: &{name} [" + ", ".join([f"*{previous}"] * 10) + "]\n"
    assert "too many values" in refused(InvalidPurpose, tmp_path, bomb)
    assert "nested too deeply" in refused(InvalidPurpose, tmp_path, "facets: &a [*a]\n")
    assert "too deeply" in refused(InvalidPurpose, tmp_path, "[" * 5_000)


def test_yaml_tags_make_nothing(tmp_path):
    content = "statement: !!python/object/apply:os.system ['exit 1']\n"
    assert "statement: expected text, found a list" in refused(InvalidPurpose, tmp_path, content)
