"""The command line: the lines of the contract, files whole or not at all, errors that say what to do."""

import datetime as dt
import json
import re
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from service.cli import main
from service.core.cuts import CutTables
from service.core.disclosure import Disclosure
from service.core.embedding import HashingEmbedder
from service.core.models import Models
from service.core.pipeline import Analyser
from service.core.privacy import Redactor
from service.errors import InvalidCut
from service.ingest import check_cut
from service.results import Analysis
from tests.fakes import LexiconStance
from tests.simulated import measured_of

ROOT = Path(__file__).resolve().parents[2]
GOOD = "Managers always explain their decisions and are open and honest about them"
BAD = "Nobody explains the decisions and everything is hidden and it is a bad place"


@pytest.fixture(autouse=True)
def small_models(monkeypatch):
    monkeypatch.setattr(
        "service.build.build_analyser",
        lambda settings, *, cached=True: Analyser(Models(HashingEmbedder(), LexiconStance(), Redactor())),
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "purpose.txt").write_text("We explain our decisions openly. We support each other at work.")
    rows = [f"c{n},p{n},{GOOD if n % 2 else BAD} in week {n},{'North' if n % 2 else 'South'}" for n in range(40)]
    (tmp_path / "comments.csv").write_text("\n".join(["id,respondent_id,text,department", *rows]))
    return tmp_path


def run(*arguments: str, given: str | None = None):
    return CliRunner().invoke(main, list(arguments), input=given)


def test_analyse_prints_insights_and_writes_the_four_files(folder):
    result = run("analyse", "comments.csv", "--purpose", "purpose.txt", "--cut", "department", "--out", "out")
    assert result.exit_code == 0, result.output
    assert "Insights" in result.output
    assert {file.name for file in (folder / "out").iterdir()} == {
        "analysis.json",
        "comments.csv",
        "themes.csv",
        "report.html",
    }
    analysis = Analysis.from_dict(json.loads((folder / "out" / "analysis.json").read_text()))
    assert analysis.counts.received == 40
    assert [cut.name for cut in analysis.cuts] == ["department"]


def test_the_analysis_object_has_exactly_the_fields_of_the_contract(folder):
    run("analyse", "comments.csv", "--purpose", "purpose.txt", "--cut", "department", "--out", "out")
    data = json.loads((folder / "out" / "analysis.json").read_text())
    assert list(data) == [
        "provenance", "purpose", "counts", "alignment", "coverage", "facets", "themes", "cuts", "drivers", "trends",
        "insights",
    ]  # fmt: skip
    assert set(data["facets"][0]) == {
        "facet_id", "title", "state", "alignment", "coverage", "supports_share", "contradicts_share", "quotes",
    }  # fmt: skip
    for insight in data["insights"]:
        assert set(insight) >= {"insight_id", "kind", "headline", "text", "estimate", "evidence", "next_step", "score"}


def test_score_writes_one_line_a_text_in_order_exactly_as_the_contract_says(folder):
    (folder / "few.ndjson").write_text(
        "\n".join(json.dumps({"text": text}) for text in (GOOD, "n/a", "Bardzo dobra atmosfera w pracy i mili ludzie"))
    )
    result = run("score", "few.ndjson", "--purpose", "purpose.txt")
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert [line["status"] for line in lines] == ["scored", "no_content", "unsupported_language"]
    assert list(lines[0]) == ["id", "status", "alignment", "suggestion", "facets"]
    assert list(lines[0]["facets"][0]) == ["facet_id", "relevance", "stance", "alignment"]
    assert -1 <= lines[0]["alignment"] <= 1
    assert lines[1]["alignment"] is None
    assert isinstance(lines[0]["suggestion"], bool)


def test_themes_writes_a_line_a_text_and_a_summary(folder):
    result = run("themes", "comments.csv", "--summary", "s.json", "--out", "themes.ndjson")
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in (folder / "themes.ndjson").read_text().splitlines()]
    assert len(lines) == 40
    assert all(list(line) == ["id", "primary", "themes"] for line in lines)
    assert all(set(theme) == {"theme_id", "name", "kind", "score"} for line in lines for theme in line["themes"])
    assert all(line["primary"] in [theme["theme_id"] for theme in line["themes"]] for line in lines if line["primary"])
    summary = json.loads((folder / "s.json").read_text())
    assert sum(theme["size"] for theme in summary["themes"]) >= 36
    assert {"theme_id", "name", "kind", "size", "keyphrases", "stability"} <= set(summary["themes"][0])


def test_themes_assigns_only_from_a_codebook_unless_emergent_is_asked_for(folder):
    (folder / "book.yaml").write_text(
        "name: b\nthemes:\n  - {id: decisions, name: Decisions, definition: How decisions are explained,"
        f" include: ['{GOOD}', 'decisions are explained openly']}}\n"
    )
    lines = [json.loads(x) for x in run("themes", "comments.csv", "--codebook", "book.yaml").output.splitlines()]
    assert {theme["kind"] for line in lines for theme in line["themes"]} == {"codebook"}


def test_redact_gives_offsets_in_the_original(folder):
    text = "Please ask Priya Natarajan at priya@example.org about it."
    (folder / "one.ndjson").write_text(json.dumps({"id": "x", "text": text}))
    line = json.loads(run("redact", "one.ndjson").output)
    assert list(line) == ["id", "text", "spans"]
    assert "priya@example.org" not in line["text"]
    assert "priya@example.org" in {text[span["start"] : span["end"]] for span in line["spans"]}


def test_standard_input_is_read_with_a_dash(folder):
    result = run("score", "-", "--purpose", "purpose.txt", given=json.dumps({"text": GOOD}) + "\n")
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["status"] == "scored"


@pytest.mark.parametrize(
    ("name", "content", "arguments", "said"),
    [
        ("a.csv", "name,answer_text\nx,y\n", (), r"columns found.*answer_text|answer_text"),
        ("a.csv", "id,text\n1,good\n1,bad\n", (), r"'1'"),
        ("a.csv", "", (), r"empty|no comments"),
        ("a.csv", "id,text\n1,good\n2\n", (), r"row 3|row 2"),
        ("a.csv", "id,text\n1,good\n", ("--cut", "department"), r"department"),
        ("a.csv", "text,team\ngood,North\n", ("--cut", "team"), r"needs respondent ids.*name their column"),
        ("a.csv", "text,score\ngood,4\nbad,7,5\n", ("--rating", "score"), r"row 3"),
        ("a.csv", 'text,score\ngood,4\nbad,"7,5"\n', ("--rating", "score"), r"row 3, column 'score'.*write 7\.5"),
        ("a.csv", "text,score\ngood,4 stars\n", ("--rating", "score"), r"row 2.*'4 stars' is not a number"),
        ("a.csv", "text,date\ngood,03/04/2026\n", (), r"row 2, column 'date'.*2026-04-03 or 2026-03-04.*--dates"),
        ("a.csv", "text,date\na,25/04/2026\na,04/25/2026\na,03/04/2026\n", (), r"row 4, column 'date'.*row 2.*row 3"),
        ("a.csv", "text,date\ngood,04/25/2026\n", ("--dates", "day-first"), r"row 2.*expected .*DD/MM/YYYY"),
    ],
    ids=[
        "missing text column",
        "duplicate ids",
        "empty file",
        "broken row",
        "missing cut",
        "cut without respondents",
        "comma that parts",
        "comma in a rating",
        "words in a rating",
        "a date that could be two",
        "dates that contradict",
        "a date that is not as was said",
    ],
)
def test_bad_input_is_one_line_that_names_the_place_and_writes_nothing(folder, name, content, arguments, said):
    (folder / name).write_text(content)
    result = run("analyse", name, "--purpose", "purpose.txt", "--out", "out", *arguments)
    assert result.exit_code == 2
    assert re.search(said, result.output), result.output
    assert result.output.startswith("error: ")
    assert "Traceback" not in result.output
    assert not (folder / "out").exists()


def test_a_cut_with_five_thousand_values_is_refused_before_a_model_is_loaded(folder, monkeypatch):
    monkeypatch.setattr("service.build.build_analyser", lambda *_, **__: pytest.fail("models were loaded"))
    rows = [f"{GOOD} {n},p{n},b{n}" for n in range(5_000)]
    (folder / "many.csv").write_text("\n".join(["text,respondent_id,badge", *rows]))
    result = run("analyse", "many.csv", "--purpose", "purpose.txt", "--cut", "badge", "--out", "out")
    assert result.exit_code == 2
    assert result.output == (
        "error: cut 'badge' has 5,000 different values and looks like an id; choose one with at most 200 groups\n"
    )
    assert not (folder / "out").exists()


@pytest.mark.parametrize("groups", [1, 20, 21, 30, 31, 200])
@pytest.mark.parametrize("people", [40, 60, 399, 400, 402])
def test_a_cut_is_refused_beforehand_exactly_when_the_analysis_would_refuse_it(people, groups):
    person = np.arange(people)
    cut = [f"g{n % groups}" for n in range(people)]
    measured = measured_of(
        alignment=np.zeros((people, 1)),
        said=np.zeros((people, 1), dtype=bool),
        person=person,
        dates=[dt.date(2026, 1, 1)] * people,
        groups={"team": cut},
    )

    def refused(check) -> bool:
        try:
            check()
        except InvalidCut:
            return True
        return False

    late = refused(lambda: CutTables(measured, [], Disclosure(), 0, ["team"]))
    assert refused(lambda: check_cut(measured.comments, "team", where="cut")) is late


def test_dates_that_could_be_two_days_are_read_as_the_option_says(folder):
    rows = [f"c{n},p{n},{GOOD if n % 2 else BAD} in week {n},0{3 + n % 2}/04/2026" for n in range(40)]
    (folder / "comments.csv").write_text("\n".join(["id,respondent_id,text,date", *rows]))
    run("analyse", "comments.csv", "--purpose", "purpose.txt", "--dates", "month-first", "--out", "out")
    trends = json.loads((folder / "out" / "analysis.json").read_text())["trends"]
    assert [point["pulse"] for point in trends[0]["points"]] == ["2026-03-04", "2026-04-04"]


@pytest.mark.parametrize("arguments", [("score", "--purpose", "purpose.txt"), ("themes",), ("redact",)])
def test_dates_keep_no_command_from_its_work_that_has_none_in_its_answer(folder, arguments):
    (folder / "dated.csv").write_text(f"text,date\n{GOOD},03/04/2026\n")
    command, *options = arguments
    assert run(command, "dated.csv", *options).exit_code == 0
    refused = run(command, "dated.csv", *options, "--map", "date=date")
    assert refused.exit_code == 2
    assert "could be two days" in refused.output


def test_a_purpose_without_words_is_refused(folder):
    (folder / "empty.txt").write_text(" \n")
    result = run("score", "comments.csv", "--purpose", "empty.txt")
    assert result.exit_code == 2
    assert "statement" in result.output


def test_spreadsheet_formulas_in_comments_stay_text(folder):
    rows = [f"c{n},p{n},=HYPERLINK(1) {GOOD} {n}" for n in range(12)]
    (folder / "evil.csv").write_text("\n".join(["id,respondent_id,text", *rows]))
    run("analyse", "evil.csv", "--purpose", "purpose.txt", "--out", "out")
    assert ",=HYPERLINK" not in (folder / "out" / "comments.csv").read_text()
    assert "'=HYPERLINK" in (folder / "out" / "comments.csv").read_text()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json", "html"])
def test_an_analysis_file_is_exported_in_each_format(folder, kind):
    run("analyse", "comments.csv", "--purpose", "purpose.txt", "--out", "out")
    result = run("export", "out/analysis.json", "--format", kind, "--out", f"x.{kind}")
    assert result.exit_code == 0, result.output
    written = (folder / f"x.{kind}").read_bytes()
    assert {"csv": b"theme_id", "xlsx": b"PK", "json": b'"facets"', "html": b"<html"}[kind] in written


def test_a_file_that_is_no_analysis_is_refused_with_the_field(folder):
    (folder / "no.json").write_text('{"provenance": 3}')
    result = run("export", "no.json", "--format", "html", "--out", "x.html")
    assert result.exit_code == 2
    assert "provenance" in result.output


def compared(
    folder, *arguments: str, first="We explain our decisions openly.", second="We support each other at work."
):
    (folder / "first.txt").write_text(first)
    (folder / "second.txt").write_text(second)
    return run("compare", "comments.csv", "--purpose", "first.txt", "--purpose", "second.txt", *arguments)


def test_compare_says_what_resonates_and_what_stays_silent_in_each_draft_and_writes_it_as_json(folder):
    rows = [f"c{n},p{n},{GOOD if n % 4 else BAD} in week {n}" for n in range(60)]
    (folder / "comments.csv").write_text("\n".join(["id,respondent_id,text", *rows]))
    result = compared(folder, "--out", "c.json", second="We protect rivers and forests.")
    assert result.exit_code == 0, result.output
    first, second = result.output.split("Draft 2 (second.txt)")
    assert "Draft 1 (first.txt)" in first
    assert "Resonates (1 of 1 facets)" in first
    assert "people speak to it and say that it is so" in first
    assert "Stays silent (1 of 1 facets)" in second
    assert "60 of 60 respondents (100%) wrote something that counts" in first
    data = json.loads((folder / "c.json").read_text())
    assert [draft["facets"][0]["resonance"] for draft in data["drafts"]] == ["resonates", "silent"]


def test_compare_names_the_draft_that_more_people_speak_to_with_the_interval(folder):
    rows = [f"c{n},p{n},{GOOD if n < 40 else 'My colleagues support me'} in week {n}" for n in range(60)]
    (folder / "comments.csv").write_text("\n".join(["id,respondent_id,text", *rows]))
    said = (
        r"More people speak to draft 1 than to draft 2: 33 percentage points more of the respondents \(\d+ to \d+\)\."
    )
    assert re.search(said, compared(folder).output)
    assert (
        "More people speak to draft 2 than to draft 1: 33 perc"
        in compared(folder, first="We support each other at work.", second="We explain our decisions openly.").output
    )


def test_compare_words_nothing_as_a_difference_when_the_interval_includes_none(folder):
    rows = [f"c{n},p{n},{GOOD if n < 32 else 'My colleagues support me'} in week {n}" for n in range(60)]
    (folder / "comments.csv").write_text("\n".join(["id,respondent_id,text", *rows]))
    output = compared(folder).output
    assert "It cannot be said that more people speak to one draft than to the other" in output
    assert not re.search(r"\bmore (?:people )?(?:speak )?(?:to draft|of the)|More people", output)


def test_compare_prints_no_number_when_too_few_wrote(folder):
    rows = [f"c{n},p{n},{GOOD} in week {n}" for n in range(4)]
    (folder / "comments.csv").write_text("\n".join(["id,respondent_id,text", *rows]))
    about_drafts = compared(folder).output.split("Draft 1", 1)[1].replace("−100 to +100", "")
    assert not re.search(r"\d%|[+−]\d|\d+ respondents|percentage", about_drafts), about_drafts


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "exactly two drafts, 0 given: --purpose FIRST --purpose SECOND"),
        (("--purpose", "purpose.txt"), "exactly two drafts, 1 given"),
        (("--purpose", "purpose.txt") * 3, "exactly two drafts, 3 given"),
        (("--purpose", "purpose.txt") * 2, "same text.*give two drafts that differ"),
        (("--purpose", "purpose.txt", "--purpose", "none.txt"), "none.txt.*no such file"),
        (("--purpose", "purpose.txt", "--purpose", "short.txt"), "draft 2: .*1 word"),
    ],
    ids=["no draft", "one draft", "three drafts", "the same draft twice", "a missing draft", "a draft of one word"],
)
def test_compare_refuses_drafts_it_cannot_use_in_one_line_and_writes_nothing(folder, arguments, said):
    (folder / "short.txt").write_text("Openness.")
    result = run("compare", "comments.csv", *arguments, "--out", "c.json")
    assert result.exit_code == 2
    assert result.output.startswith("error: ")
    assert result.output.count("\n") == 1
    assert re.search(said, result.output), result.output
    assert not (folder / "c.json").exists()


def commands(group: click.Group, path: str = "") -> list[str]:
    names = []
    for name, command in group.commands.items():
        names.extend(commands(command, f"{path}{name} ") if isinstance(command, click.Group) else [f"{path}{name}"])
    return names


@pytest.mark.parametrize("command", commands(main))
def test_every_command_and_its_options_are_documented(command):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"`{command}" in readme
    node: click.Command = main
    for part in command.split():
        assert isinstance(node, click.Group)
        node = node.commands[part]
    for parameter in node.params:
        for option in parameter.opts:
            assert not option.startswith("--") or option in readme, option


@pytest.mark.parametrize("command", ["analyse", "score"])
def test_the_stance_model_that_the_command_line_asks_for_is_the_one_that_is_built(folder, monkeypatch, command):
    built = []

    def build(settings, *, cached=True):
        built.append(settings.stance)
        return Analyser(Models(HashingEmbedder(), LexiconStance(), Redactor()))

    monkeypatch.setattr("service.build.build_analyser", build)
    run(command, "comments.csv", "--purpose", "purpose.txt")
    run(command, "comments.csv", "--purpose", "purpose.txt", "--stance", "accurate")
    assert built == ["fast", "accurate"]


def test_compare_builds_the_stance_model_that_is_asked_for_once_for_both_drafts(folder, monkeypatch):
    built = []

    def build(settings, *, cached=True):
        built.append(settings.stance)
        return Analyser(Models(HashingEmbedder(), LexiconStance(), Redactor()))

    monkeypatch.setattr("service.build.build_analyser", build)
    assert compared(folder, "--stance", "accurate").exit_code == 0
    assert built == ["accurate"]


def test_analyse_says_beside_every_headline_how_many_wrote_and_that_nothing_local_was_checked(folder):
    output = run("analyse", "comments.csv", "--purpose", "purpose.txt").output
    headlines = re.findall(r"^ +\d+\. ", output, flags=re.MULTILINE)
    assert headlines
    assert output.count("40 of 40 respondents (100%) wrote something that counts") == 1 + len(headlines)
    assert "Not validated here" in output
