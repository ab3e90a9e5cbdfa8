"""Transcripts and documents: turns, speakers, the moderator's questions, and lists of comments."""

import io
import zipfile

import docx
import pytest

from service.errors import BrokenRow, EmptyBatch, InvalidInput, MissingColumn, TooLarge, UnreadableFile
from service.ingest import ColumnMapping, read_comments

VTT = """WEBVTT

NOTE Room 2

intro
00:00:01.000 --> 00:00:04.000 align:start
<v Moderator>What works <i>well</i> here?</v>

00:00:04.000 --> 00:00:06.000
<v.loud Ana Silva>The people &amp;</v>

00:00:06.000 --> 00:00:08.000
<v Ana Silva>the hours.

00:00:08.000 --> 00:00:09.000
<v Ben>Same.</v> <v Ana Silva>Really?</v>

00:01:09.000 --> 00:01:12.000
<v Moderator>And what
does not?

00:01:12.000 --> 00:01:13.000
<v Facilitator 2>Anything at all?

00:01:13.000 --> 00:01:19.000
<v Ben>The rota.
"""
TURNS = [
    ("Ana Silva", "The people & the hours.", "What works well here?"),
    ("Ben", "Same.", "What works well here?"),
    ("Ana Silva", "Really?", "What works well here?"),
    ("Ben", "The rota.", "And what does not? Anything at all?"),
]
LINES = [
    "Moderator: What works well here?",
    "Ana Silva: The people & the hours.",
    "Ben: Same.",
    "[00:00:09] Ana Silva: Really?",
    "Moderator: And what does not?",
    "Facilitator 2: Anything at all?",
    "Ben (00:01:13): The rota.",
]


def read(content, name, **options):
    data = content.encode() if isinstance(content, str) else content
    return read_comments(io.BytesIO(data), filename=name, **options)


def turns(comments):
    return [(comment.respondent_id, comment.text, comment.question) for comment in comments]


def as_docx(paragraphs=(), table=()):
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(*(paragraph if isinstance(paragraph, tuple) else (paragraph,)))
    if table:
        grid = document.add_table(rows=0, cols=len(table[0]))
        for row in table:
            for cell, text in zip(grid.add_row().cells, row, strict=True):
                cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_a_vtt_turn_is_a_comment_of_its_speaker_and_the_moderator_asks():
    comments = read(VTT, "group.vtt")
    assert turns(comments) == TURNS
    assert {comment.source for comment in comments} == {"focus_group"}
    assert [comment.comment_id for comment in comments] == ["c1", "c2", "c3", "c4"]


@pytest.mark.parametrize("name", ["group.txt", "group.docx"])
def test_text_and_word_transcripts_read_as_vtt_does(name):
    content = as_docx(LINES) if name.endswith("docx") else "\r\n\r\n".join(LINES)
    assert turns(read(content, name)) == TURNS


def test_a_word_transcript_in_a_two_column_table_reads_the_same():
    table = [tuple(line.replace("[00:00:09] ", "").replace(" (00:01:13)", "").split(": ")) for line in LINES]
    assert turns(read(as_docx(table=table), "group.docx")) == TURNS


def test_what_stands_before_the_first_speaker_is_left_out_and_unnamed_paragraphs_continue_a_turn():
    content = as_docx([("Focus group 3", "Title"), "12 May, room 2", *LINES[:2], "And the pay.", *LINES[2:]])
    comments = read(content, "group.docx")
    assert comments[0].text == "The people & the hours.\nAnd the pay."
    assert len(comments) == 4


def test_labels_in_the_cue_text_name_the_speaker_and_unnamed_cues_continue_the_turn():
    content = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\nAna: The people\n\n00:02.000 --> 00:03.000\nand the hours.\n\n"
        "00:03.000 --> 00:04.000\nBen: Same.\n"
    )
    assert turns(read(content, "a.vtt")) == [("Ana", "The people and the hours.", None), ("Ben", "Same.", None)]


def test_a_vtt_without_speakers_breaks_at_the_ends_of_sentences():
    content = "WEBVTT\n\n" + "\n\n".join(
        f"00:0{second}.000 --> 00:0{second + 1}.000\n{text}"
        for second, text in enumerate(["I like the", "people here.", "Not the rota!", "That is"])
    )
    assert turns(read(content, "a.vtt")) == [
        (None, "I like the people here.", None),
        (None, "Not the rota!", None),
        (None, "That is", None),
    ]


def test_a_moderator_known_by_name_is_not_a_respondent():
    lines = ["Jo Lee: What works?", "Ana: The people.", "Ben: The hours.", "Jo Lee: What not?", "Ana: The rota."]
    comments = read("\n".join(lines), "group.txt", moderators=["jo lee"])
    assert turns(comments) == [
        ("Ana", "The people.", "What works?"),
        ("Ben", "The hours.", "What works?"),
        ("Ana", "The rota.", "What not?"),
    ]


@pytest.mark.parametrize(
    "name", ["Moderator", "MODERATOR 2", "Facilitator (Jo)", "Interviewer Jo", "Q", "Mod 1", "Host"]
)
def test_usual_names_of_the_moderator_are_known(name):
    assert turns(read(VTT.replace("Moderator", name), "group.vtt")) == TURNS


@pytest.mark.parametrize("name", ["Researcher", "Host families team", "Modesty", "Quentin", "Chair"])
def test_other_names_are_respondents(name):
    assert name in {comment.respondent_id for comment in read(VTT.replace("Ana Silva", name), "group.vtt")}


def test_lines_of_a_text_file_are_comments():
    comments = read("Good people\n\n  Note: the rota is late \r\nGood people\n", "answers.txt")
    assert [comment.text for comment in comments] == ["Good people", "Note: the rota is late", "Good people"]
    assert {(comment.respondent_id, comment.source) for comment in comments} == {(None, "survey")}


def test_labels_that_never_return_are_not_speakers():
    lines = ["Pay: too low", "Rota: always late", "Kit: broken"]
    assert [comment.text for comment in read("\n".join(lines), "answers.txt")] == lines


def test_paragraphs_of_a_document_are_comments_and_headings_their_question():
    content = as_docx(
        [("What works?", "Heading 1"), "The people.", "", "The hours.", ("What not?", "Heading 1"), "Rota."]
    )
    comments = read(content, "answers.docx")
    assert turns(comments) == [
        (None, "The people.", "What works?"),
        (None, "The hours.", "What works?"),
        (None, "Rota.", "What not?"),
    ]


def test_a_wider_table_in_a_document_is_refused_rather_than_flattened():
    with pytest.raises(UnreadableFile, match="table of 3 columns; save it as XLSX or CSV"):
        read(as_docx(table=[("Ana", "North", "fine")]), "answers.docx")


def test_a_file_in_which_only_the_moderator_speaks_is_empty():
    for name, content in {
        "a.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Moderator>Anybody?\n",
        "b.vtt": "WEBVTT\n",
        "c.txt": "\n \n",
        "d.docx": as_docx(),
    }.items():
        with pytest.raises(EmptyBatch, match=name):
            read(content, name)


def test_a_vtt_without_its_first_line_is_refused():
    with pytest.raises(UnreadableFile, match=r"group\.vtt is not a readable VTT file"):
        read(VTT.removeprefix("WEBVTT"), "group.vtt")


def test_times_that_cannot_be_read_are_named_by_line_instead_of_dropping_the_cue():
    with pytest.raises(BrokenRow, match="line 8: not the times of a cue") as caught:
        read(VTT.replace("00:00:04.000 --> 00:00:06.000", "four --> six").replace("intro\n", ""), "group.vtt")
    assert "people" not in caught.value.detail


def test_columns_cannot_be_asked_of_a_transcript():
    for options in ({"cuts": ["team"]}, {"ratings": ["team"]}, {"mapping": ColumnMapping(respondent_id="team")}):
        with pytest.raises(MissingColumn, match="VTT file, which has no columns; 'team'"):
            read(VTT, "group.vtt", **options)


def test_more_turns_than_the_limit_are_refused():
    for name, content in {"a.vtt": VTT, "b.txt": "one\ntwo\nthree\nfour\n", "c.docx": as_docx(LINES)}.items():
        with pytest.raises(TooLarge, match="more than 3 comments"):
            read(content, name, max_comments=3)


def test_hostile_tags_are_read_in_no_time():
    words = "<v" + "." * 50_000 + "\n" + "<" * 50_000
    assert read(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{words}\n", "a.vtt")[0].text.startswith("<v...")


def test_a_stream_without_a_name_is_told_to_be_a_transcript():
    assert len(read_comments(io.BytesIO(VTT.encode()))) == 4
    assert len(read_comments(io.BytesIO(as_docx(LINES)))) == 4


def test_a_damaged_document_is_an_unreadable_file_or_still_read():
    data = as_docx(LINES)
    for position in range(4, len(data), len(data) // 60):
        for damaged in (data[:position], data[:position] + bytes([data[position] ^ 0x55]) + data[position + 1 :]):
            try:
                read(damaged, "group.docx")
            except InvalidInput as error:
                assert "The people" not in error.detail


def test_an_archive_that_is_no_document_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UnreadableFile, match="not a readable DOCX file"):
        read(stream.getvalue(), "group.docx")
