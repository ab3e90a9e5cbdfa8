"""Splitting a comment into idea units: sentences and clauses that carry one idea each.

Rules, not a parser: on people's feedback (typos, no capitals, no full stops) they split as well and far faster. A unit
ends at a sentence end (also one without a space: "late.No one told us"), a line or list item, a semicolon, and where
`clauses.soft_cuts` finds that a sentence turns to another idea.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from service.core.text.clauses import soft_cuts
from service.core.text.normalise import normalise

Offsets = tuple[int, int]

MAX_UNIT_WORDS = 60  # about 80 word pieces; the embedder reads 256, but far fewer already blur several ideas
_MIN_UNIT_WORDS = 2
_WRAPPED_LINE = 60  # characters from which a line end may be a soft wrap

_WORD = re.compile(r"[^\W_]+(?:['.@/-][^\W_]+)*")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_ATOM = re.compile(
    r"https?://\S*[^\s.,;:!?)]|www\.\S*[^\s.,;:!?)]|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}"
    r"|<[A-Z][A-Z_]*>|\[[^\[\]\n]{1,40}\]"
    r"|\b[\w-]{1,64}\.(?:com|org|net|uk|nhs|gov|io|eu|info)(?:\.[a-z]{2})?\b(?:/\S*)?"
    r"|\d+(?:[.,:/]\d+)+|\b(?:[A-Za-z]\.){2,}"
)
_STARTERS = (
    "i we they he she it you the there this that these no not my our their his her and but so very all also staff"
).split()
_LOWER_STARTERS = rf"(?:{'|'.join(_STARTERS)})\b"
_SENTENCE_END = re.compile(
    r"[.!?\u2026]+[\"')\]]*(?=\s|$)"
    r"|(?<=[^\W\d_]{2})[.!?]+(?=[A-Z][a-z']|(?:I|A)\s)"
    rf"|(?<=[^\W\d_]{{3}})[.!?]+(?={_LOWER_STARTERS}\s)"
    r"|[\u3002\uff01\uff1f\u061f\u06d4]+"
)
_CONTINUES = re.compile(r"\s*[a-z0-9(]")
_STARTS_ANEW = re.compile(rf"\s*{_LOWER_STARTERS}")
_LAST_WORD = re.compile(r"[\w.]+$")
_NEVER_LAST = frozenset("e.g i.e eg ie vs cf approx mr mrs ms dr prof rev sgt capt".split())
_RARELY_LAST = frozenset(
    "etc st dept appt apt est incl inc ltd max min mins hrs hr no nr tel ext fig am pm a.m p.m jr sr u.k u.s co wk "
    "wks yr yrs".split()
)
_LINE_BREAK = re.compile(r" *\n\s*")
_LIST_ITEM = re.compile(
    r"[-*+>\u2013\u2014\u2022\u00b7\u25aa\u25cf\u25e6\u2023\u2043~]\s*|\(?(?:\d{1,2}|[a-zA-Z])[.):](?!\d)\s*"
)
_BULLET = re.compile(r"[\u2022\u25aa\u25cf\u25e6\u2023\u2043]\s*")
_NUMBERED = re.compile(r"(?:^|(?<=[\s:;.,]))\(?(\d{1,2})[.)]\s*(?=[^\W\d_])")
_SEPARATOR = re.compile(r";+|\s/\s|\|")

_SOFT_TRIGGER = re.compile(
    r"[,&+\u2013\u2014]|\s-+\s|\b(?:and|but|although|though|however|whereas|yet|plus)\b", re.IGNORECASE
)
_TOKEN = re.compile(r"<[A-Z_]+>|\[[^\[\]\n]{1,40}\]|[^\W_]+(?:['.@/-][^\W_]+)*|--|[^\s\w]")
_TRIM_LEFT = " \n,;:/|.!?)]}\u2026\u2013\u2014\u2022\u00b7\u25aa\u25cf\u25e6\u2023\u2043*+~>=-"
_TRIM_RIGHT = " \n,;:/|\u2013\u2014\u2022\u00b7\u25aa\u25cf\u25e6\u2023\u2043*+~=-([{"
_BREATH = re.compile(r",\s+|\b(?:and|because|so|then|when|which|but)\b", re.IGNORECASE)


def split_units(text: str) -> list[Offsets]:
    """Offsets ``(start, end)`` of the idea units of ``text``, in order.

    Units do not overlap and hold every letter and digit of the text. One-word sentences are joined to a neighbour,
    unless they are list items or the whole comment. A text without a letter or digit has no units.
    """
    plain = normalise(text)
    units: list[Offsets] = []
    for line_start, line_end in _pieces(plain, _line_cuts(plain, text)):
        pieces = [soft for hard in _pieces_between(plain, line_start, line_end) for soft in _soft_pieces(plain, *hard)]
        for start, end in _join_short(plain, pieces):
            units.extend(_limit(plain, start, end))
    return units


def _pieces(plain: str, cuts: Sequence[int], start: int = 0, end: int | None = None) -> Iterator[Offsets]:
    end = len(plain) if end is None else end
    for cut in (*cuts, end):
        if cut > start:
            yield start, cut
            start = cut


def _line_cuts(plain: str, text: str) -> list[int]:
    """Where a line or list item begins. Units are never joined across these."""
    cuts = {match.start() for match in _BULLET.finditer(plain)}
    cuts.update(_numbered_items(plain))
    line_start = 0
    for match in _LINE_BREAK.finditer(plain):
        if _breaks_line(plain, text, line_start, match):
            cuts.add(match.end())
        line_start = match.end()
    return sorted(cuts - {0})


def _numbered_items(plain: str) -> list[int]:
    """Starts of the items of a list numbered 1, 2, 3 …; fewer than two are no list."""
    starts: list[int] = []
    for match in _NUMBERED.finditer(plain):
        if int(match[1]) == len(starts) + 1:
            starts.append(match.start())
    return starts if len(starts) > 1 else []


def _breaks_line(plain: str, text: str, line_start: int, match: re.Match[str]) -> bool:
    before, after = plain[line_start : match.start()].rstrip(), match.end()
    if text[match.start() : after].replace("\r\n", "\n").count("\n") > 1 or _LIST_ITEM.match(plain, after):
        return True
    if before.endswith(","):
        return False
    wrapped = len(before) >= _WRAPPED_LINE and not before.endswith((".", "!", "?", ":", ";"))
    return not (wrapped and _CONTINUES.match(plain, after))


def _pieces_between(plain: str, start: int, end: int) -> Iterator[Offsets]:
    """Sentences of ``plain[start:end]``, one line or list item."""
    atoms = [match.span() for match in _ATOM.finditer(plain, start, end)]
    marker = _LIST_ITEM.match(plain, start, end)
    body = marker.end() if marker else start
    cuts = [m.end() for m in _SENTENCE_END.finditer(plain, body, end) if _ends_sentence(plain, m, end)]
    cuts += [m.end() for m in _SEPARATOR.finditer(plain, body, end)]
    outside = [cut for cut in sorted(set(cuts)) if not any(a < cut < b for a, b in atoms)]
    return _pieces(plain, outside, start, end)


def _ends_sentence(plain: str, match: re.Match[str], end: int) -> bool:
    mark = match[0]
    if mark[0] != "." and mark[0] != "\u2026":
        return True
    if mark.startswith(("..", "\u2026")):
        return not _CONTINUES.match(plain, match.end(), end) or bool(_STARTS_ANEW.match(plain, match.end(), end))
    word = _LAST_WORD.search(plain, max(0, match.start() - 12), match.start())
    if not word:
        return True
    last = word[0].lower()
    if last in _NEVER_LAST:
        return False
    if last in _RARELY_LAST:
        return not _CONTINUES.match(plain, match.end(), end)
    is_initial = len(last) == 1 and word[0].isupper() and word[0] != "I"
    return not is_initial


def _soft_pieces(plain: str, start: int, end: int) -> Iterator[Offsets]:
    if not _SOFT_TRIGGER.search(plain, start, end):
        yield start, end
        return
    matches = list(_TOKEN.finditer(plain, start, end))
    tokens = [match[0].lower() for match in matches]
    names = [match[0][0].isupper() and not match[0].isupper() for match in matches]
    yield from _pieces(plain, [matches[i].start() for i in soft_cuts(tokens, names)], start, end)


def _join_short(plain: str, pieces: Sequence[Offsets]) -> list[Offsets]:
    """Pieces of one line, each trimmed; those too short to carry an idea are joined to the one before, else after."""
    joined: list[Offsets] = []
    for start, end in pieces:
        n_words = _count_words(plain, start, end)
        if joined and (n_words < _MIN_UNIT_WORDS or _count_words(plain, *joined[-1]) < _MIN_UNIT_WORDS):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    trimmed = (_trim(plain, start, end) for start, end in joined)
    return [(start, end) for start, end in trimmed if _LETTER_OR_DIGIT.search(plain, start, end)]


def _count_words(plain: str, start: int, end: int) -> int:
    """Words in ``plain[start:end]``, counted up to the few that matter."""
    found = _WORD.finditer(plain, start, end)
    return sum(1 for _, _ in zip(range(_MIN_UNIT_WORDS), found, strict=False))


def _trim(plain: str, start: int, end: int) -> Offsets:
    while start < end and plain[start] in _TRIM_LEFT:
        start += 1
    while end > start and plain[end - 1] in _TRIM_RIGHT:
        end -= 1
    return start, end


def _limit(plain: str, start: int, end: int) -> Iterator[Offsets]:
    """``plain[start:end]``, cut where people would draw breath if it has more than ``MAX_UNIT_WORDS`` words."""
    words = [match.start() for match in _WORD.finditer(plain, start, end)]
    while len(words) > MAX_UNIT_WORDS:
        half, full = words[MAX_UNIT_WORDS // 2], words[MAX_UNIT_WORDS]
        breaths = [m.end() if m[0][0] == "," else m.start() for m in _BREATH.finditer(plain, half, full)]
        cut = breaths[-1] if breaths else full
        yield _trim(plain, start, cut)
        start = cut
        words = [word for word in words if word >= cut]
    yield _trim(plain, start, end)
