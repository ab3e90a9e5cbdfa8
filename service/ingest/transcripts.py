"""Transcripts and plain documents: VTT, DOCX, TXT to turns, and turns to comments."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from service.errors import BrokenRow, UnreadableFile
from service.ingest.archive import check_archive, reading
from service.ingest.table import check_count, empty_batch
from service.results import Comment

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?"
_LABEL = re.compile(
    rf"(?:[\[(]?{_CLOCK}[\])]?\s*[-–—]?\s*)?"  # a time before the name
    rf"(?P<name>[^\W_][^:\n]{{0,39}}?)\s*(?:[\[(]{_CLOCK}[\])]\s*)?:(?:\s+|$)(?P<text>.*)",
    re.DOTALL,
)
_NAME_WORDS = 4
_MODERATOR = re.compile(
    r"(?:moderator|facilitator|interviewer)\b.*|(?:host|mod|int|q)(?:\s*\d+|\s*[(\[,–-].*)?", re.IGNORECASE
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_LABELLED_SHARE = 0.5
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>]+)>")
_TAG = re.compile(r"<[^<>]*>")
_TIMING = re.compile(r"\s*(?:\d+:)?\d{1,2}:\d{1,2}\.\d{1,3}\s*-->\s*(?:\d+:)?\d{1,2}:\d{1,2}\.\d{1,3}")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]*$")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said until another spoke; ``speaker`` is None where the file does not say."""

    speaker: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of a text file or a paragraph of a document."""

    text: str
    heading: bool = False


def read_vtt(text: str, name: str, *, moderators: Sequence[str] = (), limit: int | None = None) -> list[Comment]:
    """A WebVTT transcript: a comment for each turn; the speaker is the respondent.

    Speakers come from voice tags (``<v Ana>``) or labels (``Ana: …``). Cues without either continue the turn before;
    in a file without speakers, a comment ends where a cue ends a sentence.

    Raises:
        UnreadableFile: it does not begin with WEBVTT.
        BrokenRow: a cue's times cannot be read; the line is named.
        EmptyBatch: nobody but the moderator speaks.
        TooLarge: more turns than ``limit``.
    """
    import webvtt

    for number, line in enumerate(_LINE_END.split(text), start=1):
        if "-->" in line and not _TIMING.match(line):
            raise BrokenRow(
                f"line {number}: not the times of a cue (expected 00:00:01.000 --> 00:00:04.000)",
                where=f"line {number}",
            )
    with reading(name, "VTT"):
        captions = webvtt.from_string(text).captions
    parts = [part for caption in captions for part in _voices(caption.raw_text)]
    if any(speaker for speaker, _ in parts):
        turns = merge_turns(parts)
    else:
        turns = [Turn(None, sentence) for sentence in _sentences(words for _, words in parts)]
    return turns_to_comments(turns, name, moderators=moderators, limit=limit)


def read_txt(text: str, name: str, *, moderators: Sequence[str] = (), limit: int | None = None) -> list[Comment]:
    """A comment a line, or a turn where the lines are ``Name: text``; see ``paragraphs_to_comments``."""
    lines = [Paragraph(line.strip()) for line in _LINE_END.split(text)]
    return paragraphs_to_comments(lines, name, moderators=moderators, limit=limit)


def read_docx(data: bytes, name: str, *, moderators: Sequence[str] = (), limit: int | None = None) -> list[Comment]:
    """A comment a paragraph, or a turn where the paragraphs are ``Name: text``; see ``paragraphs_to_comments``.

    Rows of a two-column table count as ``first: second``.

    Raises:
        UnreadableFile: not a DOCX file, too large when unpacked, or its comments are in a wider table.
        EmptyBatch, TooLarge: no comment; more than ``limit``.
    """
    check_archive(data, name, "DOCX")
    with reading(name, "DOCX"):
        paragraphs = list(_docx_paragraphs(data, name))
    return paragraphs_to_comments(paragraphs, name, moderators=moderators, limit=limit)


def paragraphs_to_comments(
    paragraphs: Iterable[Paragraph], name: str, *, moderators: Sequence[str] = (), limit: int | None = None
) -> list[Comment]:
    """Paragraphs to comments; a transcript is told from a list of comments by its speakers.

    It is a transcript when at least half of the paragraphs begin with ``Name:`` and speakers come back. Then what
    stands before the first name is left out, and paragraphs without a name continue the turn. Otherwise each paragraph
    is a comment, and a heading is the question of those under it.

    Raises:
        EmptyBatch: there is no comment.
        TooLarge: more comments than ``limit``.
    """
    kept = [paragraph for paragraph in paragraphs if paragraph.text]
    body = [paragraph.text for paragraph in kept if not paragraph.heading]
    parts = [_label(text) for text in body]
    if is_transcript([speaker for speaker, _ in parts], moderators):
        first = next(position for position, (speaker, _) in enumerate(parts) if speaker)
        return turns_to_comments(merge_turns(parts[first:], "\n"), name, moderators=moderators, limit=limit)
    check_count(len(body), limit)
    comments: list[Comment] = []
    question: str | None = None
    for paragraph in kept:
        if paragraph.heading:
            question = paragraph.text
        else:
            comments.append(Comment(comment_id=f"c{len(comments) + 1}", text=paragraph.text, question=question))
    if not comments:
        raise empty_batch(name)
    return comments


def is_transcript(speakers: Sequence[str | None], moderators: Sequence[str] = ()) -> bool:
    """Whether labels look like speakers: enough of them, at least two, and they return or one of them moderates."""
    named = [speaker for speaker in speakers if speaker]
    distinct = set(named)
    if len(distinct) < 2 or len(named) < _LABELLED_SHARE * len(speakers):
        return False
    return len(distinct) <= len(named) / 2 or any(is_moderator(speaker, moderators) for speaker in distinct)


def is_moderator(speaker: str | None, moderators: Sequence[str] = ()) -> bool:
    """Whether the speaker asks rather than answers: by name, or by part (Moderator, Interviewer 2, Q)."""
    if speaker is None:
        return False
    return speaker.casefold() in {name.strip().casefold() for name in moderators} or bool(_MODERATOR.fullmatch(speaker))


def merge_turns(parts: Iterable[tuple[str | None, str]], join: str = " ") -> list[Turn]:
    """Join neighbouring parts of one speaker; a part without a speaker belongs to the one before."""
    turns: list[Turn] = []
    for speaker, text in parts:
        if turns and speaker in (None, turns[-1].speaker):
            turns[-1] = Turn(turns[-1].speaker, f"{turns[-1].text}{join}{text}".strip())
        else:
            turns.append(Turn(speaker, text))
    return turns


def turns_to_comments(
    turns: Iterable[Turn], name: str, *, moderators: Sequence[str] = (), limit: int | None = None
) -> list[Comment]:
    """A comment a turn, source ``focus_group``; what the moderator said last is the question of the turns after it.

    Raises:
        EmptyBatch: nobody but the moderator speaks.
        TooLarge: more turns than ``limit``.
    """
    comments: list[Comment] = []
    asked: list[str] = []
    asking = False
    for turn in turns:
        if not turn.text:
            continue
        if is_moderator(turn.speaker, moderators):
            asked = [*asked, turn.text] if asking else [turn.text]
            asking = True
            continue
        asking = False
        comments.append(
            Comment(
                comment_id=f"c{len(comments) + 1}",
                text=turn.text,
                respondent_id=turn.speaker,
                question=" ".join(asked) or None,
                source="focus_group",
            )
        )
        check_count(len(comments), limit)
    if not comments:
        raise empty_batch(name)
    return comments


def _label(text: str) -> tuple[str | None, str]:
    """Speaker and words of ``Name: words``; no speaker where what stands before the colon is not a name."""
    match = _LABEL.match(text)
    if not match:
        return None, text
    words = match["name"].split()
    capital = all(word[0].isupper() or word[0].isdigit() or word[0] in "(-–&" for word in words)
    if len(words) > _NAME_WORDS or not (capital or _MODERATOR.fullmatch(match["name"])):
        return None, text
    return match["name"].strip(), match["text"].strip()


def _voices(raw: str) -> Iterator[tuple[str | None, str]]:
    """Speaker and words of each voice in a cue; tags removed, entities read."""
    before, *spoken = _VOICE.split(raw)
    if words := _words(before):
        yield _label(words)
    for speaker, text in zip(spoken[::2], spoken[1::2], strict=True):
        yield html.unescape(speaker).strip(), _words(text)


def _words(text: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def _sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Pieces joined until one ends a sentence: captions break lines in the middle of one."""
    held: list[str] = []
    for piece in pieces:
        held.append(piece)
        if _SENTENCE_END.search(piece):
            yield " ".join(held)
            held = []
    if held:
        yield " ".join(held)


def _docx_paragraphs(data: bytes, name: str) -> Iterator[Paragraph]:
    from docx import Document
    from docx.table import Table as DocxTable

    for block in Document(io.BytesIO(data)).iter_inner_content():
        if not isinstance(block, DocxTable):
            style = (block.style.name if block.style is not None else None) or ""
            yield Paragraph(block.text.strip(), heading=style.startswith(("Heading", "Title", "Subtitle")))
            continue
        for row in block.rows:
            cells = [cell.text.strip() for cell in row.cells]
            if len(cells) > 2 and any(cells):
                raise UnreadableFile(
                    f"{name} has a table of {len(cells)} columns; save it as XLSX or CSV, so that its columns keep "
                    "their meaning",
                    where=name,
                )
            yield Paragraph(": ".join(cell for cell in cells if cell))
