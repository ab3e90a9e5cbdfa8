"""Tables to comments: every format, every kind of broken input with its place, never anybody's words."""

import csv
import datetime as dt
import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from service.errors import (
    BrokenRow,
    DuplicateIds,
    EmptyBatch,
    InvalidCut,
    InvalidInput,
    InvalidRating,
    MissingColumn,
    TooLarge,
    UnreadableFile,
)
from service.ingest import ColumnMapping, read_comments

WORDS = "purple elephants"  # what a respondent wrote; no error may repeat it
HEADER = ("id", "respondent", "date", "question", "source", "text", "team", "score")
ROWS = (
    ("a1", "r1", "2024-03-31", "Why?", "survey", "Good, really", "North", "4"),
    ("a2", "r2", "2024-04-01", "", "pulse", "", "South", ""),
    ("a3", "r1", "", "Why?", "", "Line one\nline two", "", "3.5"),
)


def read(content, name="answers.csv", **options):
    data = content.encode() if isinstance(content, str) else content
    return read_comments(io.BytesIO(data), filename=name, **options)


def refused(kind, content, name="answers.csv", **options):
    with pytest.raises(kind) as caught:
        read(content, name, **options)
    assert type(caught.value) is kind
    assert WORDS not in caught.value.detail
    assert WORDS not in (caught.value.where or "")
    return caught.value.detail


def as_csv(rows, header=HEADER, **options):
    stream = io.StringIO(newline="")
    csv.writer(stream, **options).writerows([header, *rows])
    return stream.getvalue()


def as_xlsx(rows, header=HEADER, sheets=("Sheet",)):
    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    for title in sheets[1:]:
        book.create_sheet(title)
    for row in ([header] if header else []) + list(rows):
        book[sheets[-1]].append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_parquet(columns):
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def as_ndjson(rows, header=HEADER):
    return "\n".join(json.dumps(dict(zip(header, row, strict=True))) for row in rows)


FILES = {
    "answers.csv": as_csv(ROWS).encode(),
    "answers.tsv": as_csv(ROWS, delimiter="\t").encode(),
    "answers.ndjson": as_ndjson(ROWS).encode(),
    "answers.jsonl": as_ndjson(ROWS).encode(),
    "answers.json": json.dumps([dict(zip(HEADER, row, strict=True)) for row in ROWS], indent=1).encode(),
    "answers.xlsx": as_xlsx(ROWS),
    "answers.parquet": as_parquet({name: [row[i] for row in ROWS] for i, name in enumerate(HEADER)}),
}


@pytest.mark.parametrize("name", FILES)
def test_every_table_format_gives_the_same_comments(name):
    first, second, third = read(FILES[name], name, cuts=["team"], ratings=["score"])
    assert first.comment_id == "a1"
    assert first.respondent_id == "r1"
    assert first.question == "Why?"
    assert first.date == dt.date(2024, 3, 31)
    assert (first.source, second.source, third.source) == ("survey", "pulse", "survey")
    assert (first.text, second.text, third.text) == ("Good, really", "", "Line one\nline two")
    assert (first.groups, third.groups) == ({"team": "North"}, {})
    assert (first.ratings, second.ratings, third.ratings) == ({"score": 4.0}, {}, {"score": 3.5})
    assert second.question is None
    assert third.date is None


def test_a_file_is_read_by_its_path(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes(FILES["answers.csv"])
    assert [comment.comment_id for comment in read_comments(path)] == ["a1", "a2", "a3"]


@pytest.mark.parametrize("name", ["answers.csv", "answers.ndjson", "answers.json", "answers.xlsx", "answers.parquet"])
def test_a_stream_without_a_name_is_told_by_its_first_bytes(name):
    assert len(read_comments(io.BytesIO(FILES[name]))) == 3


def test_a_dash_is_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(FILES["answers.ndjson"])))
    assert [comment.comment_id for comment in read_comments(Path("-"))] == ["a1", "a2", "a3"]


def test_an_asked_format_wins_over_the_name():
    assert len(read(FILES["answers.ndjson"], "answers.csv", file_format="ndjson")) == 3
    assert "'yaml' is not a format" in refused(InvalidInput, "text\na", file_format="yaml")


# A property: what csv.writer writes comes back unchanged, whatever people type.


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1, max_size=20))
def test_csv_texts_come_back_unchanged(texts):
    content = as_csv([(f"i{row}", text) for row, text in enumerate(texts)], ("id", "text"))
    assert [comment.text for comment in read(content)] == texts


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_header_even_when_texts_are_full_of_others(delimiter):
    rows = [(f"i{row}", "a, b; c\td | e, f; g", "North") for row in range(3)]
    comments = read(as_csv(rows, ("id", "text", "team"), delimiter=delimiter), cuts=["team"])
    assert comments[0].text == "a, b; c\td | e, f; g"
    assert comments[2].groups == {"team": "North"}


def test_a_very_long_comment_is_read_whole():
    assert len(read(as_csv([("a", "x" * 300_000)], ("id", "text")))[0].text) == 300_000


def test_blank_lines_and_rows_of_separators_are_passed_over_and_still_counted():
    content = "id,text,score\na,one,1\n\n,,\nb,two,bad\n"
    assert [comment.comment_id for comment in read(content)] == ["a", "b"]
    assert refused(InvalidRating, content, ratings=["score"]).startswith("row 5, column 'score': 'bad' is not a number")


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_encodings_are_read(encoding):
    assert read("text\nÉlan – “naïve” 漢字\n".encode(encoding))[0].text == "Élan – “naïve” 漢字"


def test_utf_16_of_either_byte_order_is_read():
    for encoding in ("utf-16-le", "utf-16-be"):
        assert read(("\ufefftext\nété\n").encode(encoding))[0].text == "été"


WESTERN = [
    "We don’t get £20 – it’s “awful” at the café",
    "The staff don’t listen to us",
    "paid £9 an hour",
    "so – then",
    "Le personnel était très agréable à l’hôpital",
]


@pytest.mark.parametrize("text", WESTERN)
@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
def test_older_western_encodings_are_read_right(text, encoding, caplog):
    content = "text\n" + "plain\n" * 50 + f"{text}\n"
    assert read(content.encode(encoding))[-1].text == text
    assert "is not UTF-8" in caplog.text


def test_other_scripts_are_read_where_the_encoding_is_certain():
    text = "Персонал очень хороший и внимательный. Мне нравится работать здесь но расписание меняют слишком поздно."
    assert read(f"id,text\na,{text}\n".encode("cp1251"))[0].text == text


def test_a_reading_that_puts_symbols_inside_words_is_refused():
    text = f"Grafik nie działa, a praca się opóźnia i nikt nie pomaga. {WORDS}"
    detail = refused(UnreadableFile, f"id,text\na,{text}\n".encode("cp1250"))
    assert "answers.csv is not UTF-8 (byte 0xb3 in line 2)" in detail
    assert "save it as UTF-8" in detail


def test_bytes_that_fit_no_encoding_are_refused():
    detail = refused(UnreadableFile, b"id,text\na,\x81\x8d\x8f\x90\x9d\xff\xfe\x81\n")
    assert "save it as UTF-8" in detail


def test_a_cut_off_utf_16_file_is_refused():
    assert "byte order mark of UTF-16" in refused(UnreadableFile, "text\nabc".encode("utf-16") + b"\x41")


def test_nul_bytes_are_refused_with_their_line():
    assert "answers.csv, line 3: NUL byte" in refused(UnreadableFile, "text\na\nb\0c\n")
    assert "UTF-16" in refused(UnreadableFile, "text\nabc".encode("utf-16-le"))


# Broken rows


def test_a_row_with_too_few_fields_names_the_row_and_the_first_missing_column():
    detail = refused(BrokenRow, f"id,text,team\na,{WORDS},North\nb,{WORDS}\n")
    assert detail.startswith("row 3, column 'team': the row ends before this column")


def test_a_row_with_too_many_fields_names_the_row_and_the_last_column():
    detail = refused(BrokenRow, f"id,text,team\na,{WORDS}, and more,North\n")
    assert detail.startswith("row 2, column 'team': 4 fields where the header names 3")
    assert "put quotes around" in detail


def test_row_numbers_count_records_and_say_the_line_where_it_differs():
    detail = refused(BrokenRow, 'id,text\na,"one\ntwo\nthree"\nb\n')
    assert detail.startswith("row 3 (line 5), column 'text'")


def test_a_quote_that_is_never_closed_names_the_row_where_it_opens():
    detail = refused(BrokenRow, f'id,text,team\na,fine,N\nb,"{WORDS}\nc,fine,N\n')
    assert detail.startswith("row 3, column 'text': a quote mark opens here and is never closed")


def test_a_quote_that_is_not_doubled_names_its_row_and_column():
    detail = refused(BrokenRow, f'id,text,team\na,"He said "{WORDS}" to me",N\n')
    assert detail.startswith("row 2, column 'text': a quote mark inside a quoted field is not doubled")


def test_an_unclosed_quote_that_runs_into_the_next_one_is_found_where_it_opens():
    detail = refused(BrokenRow, f'id,text\na,"{WORDS}\nb,"another"\nc,fine\n')
    assert detail.startswith("row 2, column 'text': a quote mark inside a quoted field is not doubled, or the field")


def test_a_column_named_twice_is_refused():
    detail = refused(UnreadableFile, "id,text,team,text\na,b,c,d\n")
    assert "names column 'text' twice (columns 2 and 4)" in detail
    assert "'text' twice" in refused(UnreadableFile, as_xlsx([("a", "b")], ("text", "text")), "answers.xlsx")


def test_unnamed_columns_are_left_out():
    assert read("text,,\nfine,x,y\n")[0].text == "fine"


# Empty input


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("answers.csv", b""),
        ("answers.csv", b" \n\n"),
        ("answers.csv", b"\xef\xbb\xbf"),
        ("answers.csv", b"id,text\n"),
        ("answers.csv", b"id,text\n,\n"),
        ("answers.ndjson", b"\n\n"),
        ("answers.json", b"[]"),
        ("answers.xlsx", as_xlsx([])),
        ("answers.xlsx", as_xlsx([], header=None)),
        ("answers.parquet", as_parquet({"text": pa.array([], pa.string())})),
    ],
)
def test_a_file_without_comments_is_an_empty_batch(name, content):
    assert name in refused(EmptyBatch, content, name)


def test_one_comment_is_enough():
    assert len(read("text\nfine\n")) == 1


def test_an_empty_text_stays_a_comment():
    assert [comment.text for comment in read('id,text\na,\nb,""\n')] == ["", ""]
    assert [comment.text for comment in read('text\n""\n')] == [""]


def test_more_comments_than_the_limit_are_refused_with_the_limit():
    for name, content in FILES.items():
        assert len(read(content, name, max_comments=3)) == 3
        assert "more than 2 comments" in refused(TooLarge, content, name, max_comments=2)


def test_a_small_file_of_ever_new_columns_cannot_fill_the_memory(monkeypatch):
    lines = "\n".join(f'{{"k{row}": 1, "text": ""}}' for row in range(1_100))
    assert "1,101 columns; the limit is 1,000" in refused(UnreadableFile, lines, "a.ndjson")
    assert "1,100 columns" in refused(UnreadableFile, ",".join(f"c{i}" for i in range(1_100)) + "\n")
    monkeypatch.setattr("service.ingest.table.MAX_CELLS", 20)
    for name in ("answers.csv", "answers.ndjson", "answers.xlsx", "answers.parquet"):
        assert "more than 20 cells" in refused(TooLarge, FILES[name], name)


# Ids


def test_missing_ids_are_made_from_the_position_and_stay_unique():
    assert [comment.comment_id for comment in read("text\na\nb\n")] == ["c1", "c2"]
    made = [comment.comment_id for comment in read("id,text\nc2,a\n,b\n ,c\n")]
    assert made == ["c2", "c2x", "c3"]


def test_an_id_used_twice_is_refused_with_both_rows():
    detail = refused(DuplicateIds, f"id,text\na,{WORDS}\nb,{WORDS}\na,{WORDS}\n")
    assert detail.startswith("comment id 'a' is in row 2 and again in row 4")
    assert "line 1 and again in line 3" in refused(
        DuplicateIds, '{"id":1,"text":""}\n\n{"id":1,"text":""}\n', "a.ndjson"
    )


def test_without_a_respondent_column_nobody_is_guessed():
    assert [comment.respondent_id for comment in read("text\na\nb\n")] == [None, None]


# Columns


def test_a_missing_text_column_names_the_columns_found_and_what_to_do():
    detail = refused(MissingColumn, "id,notes,team\na,b,c\n")
    assert "answers.csv has no column 'text'; its columns are 'id', 'notes', 'team'" in detail
    assert "--text-column" in detail


def test_a_first_row_of_words_is_not_repeated_at_length():
    words = "I have worked here for eleven years and " + WORDS
    refused(MissingColumn, f"{words}\nsomething else\n")


@pytest.mark.parametrize("name", ["Text", "Comment", "ANSWER", "response", "feedback", "Verbatim", "free_text"])
def test_usual_names_of_the_text_column_are_found(name):
    assert read(f"{name}\nfine\n")[0].text == "fine"


def test_two_possible_text_columns_are_not_guessed_between():
    detail = refused(MissingColumn, "comment,answer\na,b\n")
    assert "several could be it: 'comment', 'answer'" in detail
    assert read("comment,answer\na,b\n", text_column="answer")[0].text == "b"
    assert read("comment,text\na,b\n")[0].text == "b"


def test_the_text_column_can_be_named():
    assert read("id,What could we improve?\na,fine\n", text_column="What could we improve?")[0].text == "fine"
    assert read("id,Why Not\na,fine\n", text_column="why_not")[0].text == "fine"
    assert read("id,Comment\na,fine\n", mapping=ColumnMapping(text="text"))[0].text == "fine"
    assert "no column 'reason'" in refused(MissingColumn, "id,text\na,b\n", text_column="reason")


def test_names_differ_by_case_spaces_and_underscores_only():
    comment = read("Comment ID,Respondent ID,Created At,text\na,r,2024-01-02,fine\n")[0]
    assert (comment.comment_id, comment.respondent_id, comment.date) == ("a", "r", dt.date(2024, 1, 2))


def test_a_name_that_fits_two_columns_must_be_exact():
    content = "text,Team,TEAM\nfine,a,b\n"
    assert read(content, cuts=["Team"])[0].groups == {"Team": "a"}
    assert "could be 'Team', 'TEAM'" in refused(MissingColumn, content, cuts=["team"])


def test_a_mapping_chooses_columns_and_leaves_columns_out():
    content = "ref,who,when,date,text\nx,r9,2024-05-06,last Tuesday,fine\n"
    mapping = ColumnMapping.parse(["id=ref", "respondent=who", "date=when"])
    comment = read(content, mapping=mapping)[0]
    assert (comment.comment_id, comment.respondent_id, comment.date) == ("x", "r9", dt.date(2024, 5, 6))
    assert read(content, mapping=ColumnMapping.parse(["date="]))[0].date is None


def test_a_mapped_column_that_is_missing_is_refused():
    detail = refused(MissingColumn, "id,text\na,b\n", mapping=ColumnMapping(respondent_id="employee"))
    assert "no column 'employee'; its columns are 'id', 'text'" in detail


@pytest.mark.parametrize("pairs", [["respondent"], ["colour=blue"], ["id=a", "comment_id=b"]])
def test_a_mapping_that_makes_no_sense_is_refused(pairs):
    with pytest.raises(InvalidInput):
        ColumnMapping.parse(pairs)


def test_a_column_is_not_used_for_two_fields():
    comment = read("comment,text\nasked,fine\n", mapping=ColumnMapping(question="comment"))[0]
    assert (comment.question, comment.text) == ("asked", "fine")


# Groups and sources


def test_cuts_keep_the_name_they_were_asked_by_and_empty_groups_are_left_out():
    comments = read("text,Job Role\na, Night \u00a0 shift \nb,\n", cuts=["job_role"])
    assert [comment.groups for comment in comments] == [{"job_role": "Night shift"}, {}]


def test_a_cut_without_a_column_is_refused():
    assert "no column 'team'" in refused(MissingColumn, "id,text\na,b\n", cuts=["team"])


def test_the_text_column_is_neither_a_cut_nor_a_rating():
    assert "'text' is the column with the comments" in refused(InvalidCut, f"id,text\na,{WORDS}\n", cuts=["text"])
    assert "'text' is the column with" in refused(InvalidRating, f"id,text\na,{WORDS}\n", ratings=["text"])


def test_sources_are_known_by_their_usual_spellings():
    content = "text,source\na,Focus Group\nb,PULSE\nc,goal\nd,\n"
    assert [comment.source for comment in read(content)] == ["focus_group", "pulse", "goal", "survey"]
    detail = refused(BrokenRow, "text,source\na,survey\nb,e-mail\n")
    assert detail.startswith(
        "row 3, column 'source': 'e-mail' is not a source (expected survey, pulse, focus_group, goal"
    )
    assert len(read("text,source\na,e-mail\n", mapping=ColumnMapping(source=""))) == 1


# NDJSON and JSON


def test_a_bad_ndjson_line_is_named():
    detail = refused(BrokenRow, f'{{"text": "fine"}}\n{{"text": "{WORDS}"\n', "a.ndjson")
    assert detail.startswith("line 2, character")
    assert "line 2: a single value where an object was expected" in refused(
        BrokenRow, '{"text":"a"}\n"b"\n', "a.ndjson"
    )
    assert "line 1: a list where" in refused(BrokenRow, "[1]\n", "a.ndjson")
    assert "line 1: not a JSON object" in refused(BrokenRow, "[" * 100_000, "a.ndjson")


def test_bad_json_is_refused_with_its_line():
    assert "a.json, line 2, column" in refused(UnreadableFile, f'[{{"text": "{WORDS}"}},\n{{"text" "b"}}]', "a.json")
    assert "nests too deeply" in refused(UnreadableFile, "[" * 100_000, "a.json")
    assert "row 2: a single value" in refused(BrokenRow, '[{"text": "a"}, 5]', "a.json")


def test_line_separators_inside_a_json_text_do_not_end_it():
    assert read('{"text": "one\u2028two\u0085three"}\r\n', "a.ndjson")[0].text == "one\u2028two\u0085three"


def test_a_text_that_is_a_list_is_refused():
    detail = refused(BrokenRow, '{"text": "a"}\n{"text": ["b"]}', "a.ndjson")
    assert detail == "line 2, column 'text': a list where text or a single value was expected"
    content = '{"text": "a", "team": {"b": 1}}'
    assert "column 'team': an object where" in refused(BrokenRow, content, "a.ndjson", cuts=["team"])


def test_a_nul_character_in_any_format_is_refused_with_its_place():
    assert "line 2, column 'text': a NUL" in refused(BrokenRow, '{"text":"a"}\n{"text":"a\\u0000"}', "a.ndjson")
    assert "row 1, column 'text': a NUL" in refused(BrokenRow, as_parquet({"text": ["a\0b"]}), "a.parquet")


def test_half_an_emoji_becomes_a_replacement_character_and_whole_ones_stay():
    comments = read('{"text": "cut \\ud83d"}\n{"text": "whole \\ud83d\\ude00"}\n', "a.ndjson")
    assert [comment.text for comment in comments] == ["cut \ufffd", "whole \U0001f600"]


def test_an_object_without_the_key_is_an_empty_text():
    assert [comment.text for comment in read('{"text": "a"}\n{"id": "x"}\n{"text": null}', "a.ndjson")] == ["a", "", ""]


# Workbooks and Parquet


def test_numbers_and_dates_in_a_workbook_become_text_where_text_is_meant():
    rows = [(7, 12.0, dt.datetime(2024, 5, 6), 2024, 3), (8, "r2", dt.datetime(2024, 5, 7, 9, 30), True, None)]
    comments = read(as_xlsx(rows, ("id", "respondent", "date", "text", "team")), "a.xlsx", cuts=["team"])
    assert [comment.comment_id for comment in comments] == ["7", "8"]
    assert comments[0].respondent_id == "12"
    assert [comment.date for comment in comments] == [dt.date(2024, 5, 6), dt.date(2024, 5, 7)]
    assert [comment.text for comment in comments] == ["2024", "True"]
    assert comments[0].groups == {"team": "3"}


def test_blank_and_merged_rows_of_a_workbook_are_passed_over_and_row_numbers_are_the_sheets_own():
    book = openpyxl.Workbook()
    page = book.active
    page["B3"], page["C3"] = "text", "score"
    page["B4"], page["C4"] = "fine", 4
    page.merge_cells("B5:C6")
    page["B7"], page["C7"], page["F7"] = "also fine", "bad", "a note beside the table"
    stream = io.BytesIO()
    book.save(stream)
    assert [comment.text for comment in read(stream.getvalue(), "a.xlsx")] == ["fine", "also fine"]
    assert refused(InvalidRating, stream.getvalue(), "a.xlsx", ratings=["score"]).startswith(
        "row 7, column 'score': 'bad'"
    )


def test_a_sheet_can_be_named():
    data = as_xlsx([("fine",)], ("text",), sheets=("Notes", "Answers"))
    assert read(data, "a.xlsx", sheet="Answers")[0].text == "fine"
    assert "no sheet 'Q1'; its sheets are 'Notes', 'Answers'" in refused(UnreadableFile, data, "a.xlsx", sheet="Q1")


def test_a_workbook_with_a_wrong_extent_is_read_whole():
    source, target = io.BytesIO(as_xlsx([("a", "one"), ("b", "two")], ("id", "text"))), io.BytesIO()
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        for item in before.infolist():
            after.writestr(item, before.read(item).replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1"'))
    assert [comment.text for comment in read(target.getvalue(), "a.xlsx")] == ["one", "two"]


def test_escapes_of_the_workbook_format_are_read():
    assert read(as_xlsx([("one_x000D_\ntwo_x",)], ("text",)), "a.xlsx")[0].text == "one\r\ntwo_x"


def test_formulas_are_not_computed():
    comments = read(as_xlsx([("a", "=1+1"), ("b", "fine")], ("id", "text")), "a.xlsx")
    assert [comment.text for comment in comments] == ["", "fine"]


def test_parquet_types_become_comments():
    data = as_parquet(
        {
            "id": pa.array([1.0, None]),
            "text": pa.array(["one", None]).dictionary_encode(),
            "date": pa.array([dt.datetime(2024, 1, 2, 3), None], pa.timestamp("us", tz="UTC")),
            "score": pa.array([float("nan"), 2.0]),
        }
    )
    first, second = read(data, "a.parquet", ratings=["score"])
    assert (first.comment_id, first.text, first.date, first.ratings) == ("1", "one", dt.date(2024, 1, 2), {})
    assert (second.comment_id, second.text, second.date, second.ratings) == ("c2", "", None, {"score": 2.0})


# Files that are not what they say


def test_an_unknown_ending_is_refused_with_the_ones_that_are_read():
    detail = refused(UnreadableFile, "x", "answers.pages")
    assert "'.pages' is not a kind of file" in detail
    assert "Parquet" in detail


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableFile, match=r"there is no file .*nowhere"):
        read_comments(tmp_path / "nowhere.csv")
    with pytest.raises(UnreadableFile, match="cannot open"):
        read_comments(tmp_path)


@pytest.mark.parametrize("name", ["answers.xlsx", "answers.docx", "answers.parquet"])
def test_binary_formats_refuse_other_content(name):
    assert "is not a readable" in refused(UnreadableFile, f"text\n{WORDS}\n", name)


def test_text_formats_refuse_binary_content():
    assert "is not a CSV file" in refused(UnreadableFile, FILES["answers.xlsx"], "answers.csv")
    assert "is not a TXT file" in refused(UnreadableFile, b"%PDF-1.7 ...", "answers.txt")
    assert "save it as XLSX" in refused(UnreadableFile, b"\xd0\xcf\x11\xe0" + b"\0" * 64, "answers.xlsx")


@pytest.mark.parametrize("name", ["answers.xlsx", "answers.parquet"])
def test_every_cut_off_or_damaged_file_is_an_unreadable_file_or_still_read(name):
    data = FILES[name]
    for position in range(4, len(data), max(1, len(data) // 60)):
        for damaged in (data[:position], data[:position] + bytes([data[position] ^ 0x55]) + data[position + 1 :]):
            try:
                read(damaged, name)
            except InvalidInput as error:
                assert "Good, really" not in error.detail


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.ndjson", "a.json", "a.vtt", "a.txt", ""])
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"text,date,source,id\n", b'{"text":', b"[", b"WEBVTT\n\n", b"\xff\xfe"]),
)
def test_any_bytes_are_comments_or_an_error_that_explains(name, content, start):
    try:
        comments = read(start + content, name)
    except InvalidInput as error:
        assert error.detail
    else:
        assert len({comment.comment_id for comment in comments}) == len(comments) > 0


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    source, target = io.BytesIO(FILES["answers.xlsx"]), io.BytesIO()
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.infolist():
            after.writestr(item.filename, before.read(item))
        after.writestr("xl/media/padding.xml", b" " * 60_000_000)
    detail = refused(UnreadableFile, target.getvalue(), "answers.xlsx")
    assert "unpacks to 60 MB" in detail
    assert "200 times" in detail


def test_an_entity_bomb_in_a_workbook_is_refused():
    entities = b'<!DOCTYPE x [<!ENTITY a0 "' + b"lol" * 50 + b'">'
    entities += b"".join(b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 20) for i in range(1, 9)) + b"]>"
    source, target = io.BytesIO(FILES["answers.xlsx"]), io.BytesIO()
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.infolist():
            content = before.read(item)
            if item.filename.endswith(("sheet1.xml", "sharedStrings.xml")):
                start = content.find(b"?>") + 2 if content.startswith(b"<?xml") else 0
                content = content[:start] + entities + content[start:].replace(b"Good, really", b"&a8;")
            after.writestr(item.filename, content)
    refused(UnreadableFile, target.getvalue(), "answers.xlsx")


# The shipped sample


def test_the_sample_organisation_is_read_whole():
    sample = Path(__file__).parents[2] / "data" / "sample"
    counts = yaml.safe_load((sample / "story.yaml").read_text(encoding="utf-8"))["counts"]
    comments = read_comments(sample / "comments.csv", cuts=["department", "tenure"], ratings=["engagement=1..5"])
    assert len(comments) == counts["comments"]
    assert len({comment.respondent_id for comment in comments}) == counts["respondents"]
    assert Counter(str(comment.date) for comment in comments) == counts["comments_per_pulse"]
    assert sum(not comment.ratings for comment in comments) == counts["engagement_missing"]
    assert all(set(comment.groups) == {"department", "tenure"} for comment in comments)
    goals = read_comments(sample / "goals.csv")
    assert {comment.source for comment in goals} == {"goal"}
    assert len(goals) == counts["goals"]
    speakers = {comment.respondent_id for comment in read_comments(sample / "focus_group.vtt")}
    assert len(speakers) == counts["focus_group_participants"]
