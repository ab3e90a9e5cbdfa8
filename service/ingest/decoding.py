"""Bytes to text: byte order marks, UTF-8, and older encodings where they can be told with certainty."""

from __future__ import annotations

import codecs
import logging
import re
from collections.abc import Iterator
from itertools import islice

from service.errors import UnreadableFile

logger = logging.getLogger(__name__)

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ADVICE = "save it as UTF-8 (in Excel: Save As, 'CSV UTF-8') and try again"
_SAMPLE_LINES = 2_000
_WESTERN = ("cp1252", "mac_roman")
# Western accents and curly quotes stand among plain letters; in other scripts most bytes over 127 have one beside them.
_HIGH_RUN = re.compile(rb"[\x80-\xff]{2,}")
_MAX_WESTERN_RUNS = 0.5
# charset-normalizer measures disorder (chaos, 0 to 1) and likeness to a language (coherence, 0: like none).
_MAX_CHAOS = 0.1
_IN_WORDS = "‘’‚–—…·\u00a0\u00ad"
_BETWEEN_WORDS = "“”„•€£¥¢§©®™°±²³¹¼½¾«»‹›¿¡ªº†‡ˆ˜¨´¸¯¬×÷¶¦"
# What the wrong encoding makes of apostrophes, accents and dashes: "donÕt", "cafŽ", "so Ð then", "dzia³a".
_MISREAD = re.compile(
    rf"[a-z][À-ÖØ-ÞŠŽŸŒ]|[a-z][{_BETWEEN_WORDS}][a-z]|(?<!\w)[ÐÑÝÞ](?!\w)",
)


def decode(data: bytes, name: str) -> str:
    """The text of ``data``; ``name`` is the file's name for messages. Line ends stay as they are.

    Raises:
        UnreadableFile: the encoding cannot be told, or the text holds NUL bytes.
    """
    text = _decode_marked(data, name)
    if text is None:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            text = _decode_unmarked(data, name, f"byte 0x{data[error.start]:02x} in line {line}")
    if (nul := text.find("\0")) >= 0:
        line = text.count("\n", 0, nul) + 1
        raise UnreadableFile(
            f"{name}, line {line}: NUL byte; the file is damaged, binary, or UTF-16 without a byte order mark; "
            f"{_ADVICE}",
            where=f"line {line}",
        )
    return text


def _decode_marked(data: bytes, name: str) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise UnreadableFile(
                    f"{name} begins with a byte order mark of {encoding.removesuffix('-sig').upper()}, but byte "
                    f"{error.start + 1} does not fit it; {_ADVICE}",
                    where=name,
                ) from None
    return None


def _decode_unmarked(data: bytes, name: str, place: str) -> str:
    """Decode text that is not UTF-8, only when the result also reads like writing."""
    foreign_lines = (line for line in data.splitlines() if not line.isascii())
    sample = b"\n".join(islice(foreign_lines, _SAMPLE_LINES))
    for encoding in _guesses(sample):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        logger.warning("%s is not UTF-8; read as %s", name, encoding)
        return text
    raise UnreadableFile(
        f"{name} is not UTF-8 ({place}), and its encoding cannot be told with certainty; {_ADVICE}", where=name
    )


def _guesses(sample: bytes) -> Iterator[str]:
    """Encodings that explain the sample, best first.

    A few accents and curly quotes among plain letters are not enough for charset-normalizer to tell Western encodings
    apart, so those are tried by what they would make of the words; it is asked about all other writing.
    """
    from charset_normalizer import from_bytes

    high = sum(byte > 127 for byte in sample)
    if sum(map(len, _HIGH_RUN.findall(sample))) <= _MAX_WESTERN_RUNS * high:
        yield from (encoding for encoding in _WESTERN if _reads_like_western(sample, encoding))
        return
    best = from_bytes(sample).best()
    if best is not None and best.chaos <= _MAX_CHAOS and best.coherence > 0:
        yield best.encoding


def _reads_like_western(sample: bytes, encoding: str) -> bool:
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    known = all(char.isascii() or char.isalpha() or char in _IN_WORDS or char in _BETWEEN_WORDS for char in text)
    return known and not _MISREAD.search(text)
