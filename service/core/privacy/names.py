"""People's names in feedback: which words are one, and how far it goes.

The small language model knows many names but takes sentence-initial words ("Superb", "Covid") and typos for names;
a list of first names knows common ones in any spelling. A name counts when one of these holds:

- it follows a title or a cue ("Mr Patel", "my name is Rubija");
- it begins with a listed first name, which need not have a capital ("thanks to sarah jones");
- the model marks it, it is written like a name, and none of its words is a known non-name.

Organisations and places stay: "James Cook Hospital", "Victoria Ward".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

Offsets = tuple[int, int]

_WORD = re.compile(r"[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*")
_DIGIT = re.compile(r"\d")
_PARTICLES = frozenset("van von de der den del della di da dos la le al el bin ibn ter ten mac mc o' st".split())
_TITLES = frozenset("mr mrs ms miss mx dr prof professor sir dame rev revd cllr sgt mister".split())
_LOWER_TITLES = frozenset("mr mrs".split())
_ROLES = frozenset("nurse sister doctor matron".split())
_CUE_REACH = 30
_SURE_CUE = re.compile(
    r"(?i:\bname(?:'s| is|:)|\bnamed|regards,|sincerely,|surname is|calls? me|(?:named|called) (?:him|her|them)"
    r"|name\?|thanks to|kudos to|shout ?out to)\s{1,8}$"
)
_CUE = re.compile(
    _SURE_CUE.pattern[:-1].removesuffix(r"\s{1,8}")
    + r"|(?i:\bi'm|i am|this is|called|my (?:kid|son|daughter|wife|husband|partner|friend|boss|mentor|nurse|gp"
    r"|therapist)|thank you(?: to)?|thanks|manager,?|supervisor,?|colleague,?|nurse|doctor)\s{1,3}$"
)
_TOLD = re.compile(
    r"(?i:\b(?:spoke|speak|speaking|spoken|talk|talked|talking|listen|thanks|listened|said|thank you) (?:to|with) )$"
)
_PLACED = re.compile(r"(?i:\b(?:at|in|from|to|near|of|the|via|around|our|old) )$")
_ORGANISATION = frozenset(
    "hospital house ward centre center clinic unit road street university school foundation trust ltd inc llc "
    "group plc "
    "orchestra company team court lodge lane way avenue infirmary library college park hall airport council "
    "building site office store church society institute association bank stadium gardens close drive surgery hospice "
    "corporation corp co international system systems services partners solutions".split()
)
_PLACE_WORDS = frozenset(
    "hospital ward house close unit centre center clinic road street lane court lodge surgery".split()
)
_NOT_NAMES = frozenset(
    """
    i the a an and or but so if in on at to of for by with from as is are was were be been being it its he she they
    we you my our your their this that these those there here what when where who why how not no yes ok okay very
    all more most some any every each monday tuesday wednesday thursday friday saturday sunday january february
    march april may june july august september october november december christmas easter spring summer autumn
    winter boxing bank holiday covid coronavirus corona nhs gp gps hr ot cpn camhs mh ms adhd gdpr a&e ambulance
    ambulances hospital ward clinic pfizer moderna astrazeneca teams slack zoom outlook excel word sharepoint google
    microsoft amazon facebook whatsapp twitter instagram linkedin prolific mturk turk mechanical clickworker appen
    toloka reddit upwork fiverr chatgpt netflix youtube spotify xbox mum mom dad mother father son daughter wife
    husband nan gran grandma grandad uncle aunt auntie brother sister baby nurse nurses matron doctor doctors dr
    consultant consultants physio physiotherapist psychologist psychiatrist therapist therapy paramedic paramedics
    driver drivers crew staff team manager managers management director directors ceo supervisor receptionist
    reception admin pharmacist pharmacy dentist midwife midwives carer carers patient patients healthcare health
    mental community service services support care caring helpful friendly professional polite excellent brilliant
    amazing superb fantastic great good lovely perfect outstanding wonderful calm kind quick quicker fast prompt
    efficient happy satisfied pleased thank thanks cheers please communication information info treatment transport
    appointment appointments medication group groups activities food coffee bar buzzer knowledge advocacy employ
    felt listened explained answer answered arrived arrival came everything everyone nothing none better best bad
    poor well always never could would should can will shall need needs less feel feels staffing training pay
    department finance marketing sales operations legal engineering logistics procurement payroll security
    facilities estates kitchen english british american european asian african polish indian muslim christian jewish
    hindu sikh catholic black white irish welsh scottish spanish french german italian chinese god jesus lord bless
    amen king queen president prime minister law cancer diabetes asthma autism stroke copd ecg mri ct iv bp ptsd bpd
    dna rvi qmc sms email text phone call calls app apps online web website survey question questions task tasks
    platform platforms study studies researcher researchers requester requesters worker however also although though
    because since after before did does do done due resulted ticked clearer medic drs personality xray problem
    problems disorder disorders syndrome bias guidelines guideline responder responders timescale told said got get
    had have has went gave made put see saw only just even still then than too such while same hello hi dear sir
    madam hey regards love congrats congratulations welcome sorry bravo wow
    """.split()
)
_FOLLOWING_WORDS = frozenset(
    "who for from and which because has had have did does said told helped made gave at on".split()
)
_PERSON_VERBS = frozenset(
    "is was has had always just lives lived said says told shouted spent began gave gives explained explains "
    "listened listens "
    "helped helps came went called rang supported supports looked treated arrived works worked never really should "
    "will".split()
)
_CONTRACTION = re.compile(r"n't$|'(?:ve|d|ll|re|m)$")
_MAX_FOLLOWING = 3
_MIN_LENGTH = 2
_MIN_LOWER_LENGTH = 4  # "ben", "tim" and "tia" are also "been", "time" and a diagnosis


class _Token(NamedTuple):
    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        return self.text.lower().replace("\u2019", "'").removesuffix("'s")

    @property
    def is_capitalised(self) -> bool:
        return self.text[0].isupper()

    @property
    def is_initial(self) -> bool:
        return len(self.text) == 1 and self.text.isupper() and self.text not in {"I", "A"}

    @property
    def is_no_name(self) -> bool:
        return self.lower in _NOT_NAMES and not self.is_initial


@cache
def _first_names() -> tuple[frozenset[str], frozenset[str]]:
    """First names that are nothing else, and those that are also words or places."""
    lines = (Path(__file__).parent / "first_names.txt").read_text(encoding="utf-8").splitlines()
    split = lines.index("[ambiguous]")
    names = (line.split() for line in lines[lines.index("[names]") + 1 : split])
    ambiguous = (line.split() for line in lines[split + 1 :])
    return frozenset(name for line in names for name in line), frozenset(name for line in ambiguous for name in line)


def may_hold_name(text: str, known: Callable[[str], bool]) -> bool:
    """Whether ``text`` can hold a name at all: a listed first name, a title, a cue, or a capital that neither the
    start of a sentence nor a known non-name explains. Texts that cannot need no language model.
    """
    names, _ = _first_names()
    for token in _tokens(text):
        lower = token.lower
        if lower in names or lower in _TITLES:
            return True
        explained = not token.is_capitalised or lower in _NOT_NAMES
        if not explained and (not _starts_sentence(text, token.start) or _is_unseen(token, known)):
            return True
    return bool(_ANY_CUE.search(text))


_ANY_CUE = re.compile(r"(?i)\bname(?:'s| is|:)|\bnamed\b|calls? me")


def find_names(text: str, people: Iterable[Offsets], known: Callable[[str], bool]) -> list[Offsets]:
    """Offsets of the names in ``text``; they may overlap.

    Args:
        text: normalised text.
        people: what the language model takes for people; it is checked.
        known: whether the model has seen a lower-case word.
    """
    tokens = _tokens(text)
    found = [
        *_listed_names(text, tokens),
        *_titled_names(text, tokens, known),
        *_model_names(text, people, known),
        *_unseen_names(text, tokens, known),
    ]
    return [*found, *_joined_names(text, tokens, found, known)]


def _tokens(text: str) -> list[_Token]:
    return [_Token(match[0], *match.span()) for match in _WORD.finditer(text)]


def _starts_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 4) : start].rstrip(" \"'(*->")
    return not before or before[-1] in ".!?\n:;\u2026)"


def _before(text: str, start: int) -> str:
    return text[max(0, start - _CUE_REACH) : start]


def _adjacent(text: str, before: _Token, after: _Token) -> bool:
    return text[before.end : after.start] in {" ", ". ", "-", "'", " '"}


def _without_possessive(token: _Token) -> int:
    return token.end - 2 if token.text.endswith(("'s", "\u2019s")) else token.end


def _extent(text: str, tokens: Sequence[_Token], i: int) -> Offsets | None:
    """The name that begins at ``tokens[i]`` with the surnames that follow; None when it is a place's or company's."""
    end = i
    for j in range(i + 1, min(i + 1 + _MAX_FOLLOWING, len(tokens))):
        token = tokens[j]
        if not _adjacent(text, tokens[j - 1], token) or (token.is_no_name and token.lower not in _PLACE_WORDS):
            break
        if token.lower in _PLACE_WORDS or (token.lower in _ORGANISATION and token.is_capitalised):
            return None
        if token.is_capitalised:
            end = j
        elif token.lower not in _PARTICLES:
            break
    return tokens[i].start, _without_possessive(tokens[end])


def _listed_names(text: str, tokens: Sequence[_Token]) -> list[Offsets]:
    names, ambiguous = _first_names()
    found: list[Offsets | None] = []
    for i, token in enumerate(tokens):
        cued = bool(_CUE.search(_before(text, token.start))) if token.lower in names | ambiguous else False
        if token.lower in names:
            short_acronym = token.text.isupper() and not text.isupper() and len(token.text) <= _MIN_LOWER_LENGTH
            if token.is_capitalised and not (short_acronym and not cued):
                found.append(_extent(text, tokens, i))
            elif token.text.islower() and (len(token.text) >= _MIN_LOWER_LENGTH or cued):
                found.append(_lower_extent(text, tokens, i))
        elif token.lower in ambiguous and token.is_capitalised and not token.text.isupper():
            extent = _extent(text, tokens, i)
            if extent and (extent[1] > token.end or cued):
                found.append(extent)
    return [extent for extent in found if extent]


def _lower_extent(text: str, tokens: Sequence[_Token], i: int) -> Offsets:
    """A first name in lower case; the next word is its surname only after a cue, as in "thanks to sarah jones"."""
    token = tokens[i]
    if i + 1 < len(tokens) and _adjacent(text, token, tokens[i + 1]) and _SURE_CUE.search(_before(text, token.start)):
        following = tokens[i + 1]
        if following.lower not in _NOT_NAMES | _FOLLOWING_WORDS:
            return token.start, _without_possessive(following)
    return token.start, _without_possessive(token)


def _titled_names(text: str, tokens: Sequence[_Token], known: Callable[[str], bool]) -> list[Offsets]:
    """Names after a title or a cue, and those written with a middle initial ("Sari J. Paavolainen")."""
    found: list[Offsets | None] = []
    for i, token in enumerate(tokens):
        if token.is_no_name or len(token.text) < _MIN_LENGTH:
            continue
        before = tokens[i - 1].lower if i and _adjacent(text, tokens[i - 1], token) else ""
        titled = before in _LOWER_TITLES or (before in _TITLES and token.is_capitalised)
        titled = titled or (before in _ROLES and token.is_capitalised and not token.text.isupper())
        cued = bool(_SURE_CUE.search(_before(text, token.start)))
        if titled or (cued and token.is_capitalised) or _has_middle_initial(text, tokens, i):
            found.append(_extent(text, tokens, i))
        elif cued and not known(token.lower):
            found.append((token.start, token.end))
    return [extent for extent in found if extent]


def _has_middle_initial(text: str, tokens: Sequence[_Token], i: int) -> bool:
    if i + 2 >= len(tokens) or not tokens[i + 1].is_initial:
        return False
    first, initial, last = tokens[i : i + 3]
    written = all(token.is_capitalised and not token.text.isupper() and not token.is_no_name for token in (first, last))
    return written and _adjacent(text, first, initial) and _adjacent(text, initial, last)


def _model_names(text: str, people: Iterable[Offsets], known: Callable[[str], bool]) -> list[Offsets]:
    found: list[Offsets] = []
    for start, end in people:
        if _DIGIT.search(text, start, end):  # "Leeds LS1" is no person
            continue
        tokens = _entity_tokens(text, start, end)
        while tokens and (tokens[0].lower in _TITLES or tokens[0].is_no_name or not tokens[0].is_capitalised):
            tokens.pop(0)
        while tokens and tokens[-1].is_no_name:
            tokens.pop()
        if tokens and _looks_like_name(text, tokens, known):
            found.append((tokens[0].start, _without_possessive(tokens[-1])))
    return found


def _unseen_names(text: str, tokens: Sequence[_Token], known: Callable[[str], bool]) -> list[Offsets]:
    """Words the model has never seen, written as a full name or followed by what only people do."""
    found: list[Offsets] = []
    for i, token in enumerate(tokens):
        if not _is_unseen(token, known) or _PLACED.search(_before(text, token.start)):
            continue
        if i + 1 < len(tokens) and tokens[i + 1].lower in _PERSON_VERBS and _adjacent(text, token, tokens[i + 1]):
            found.append((token.start, token.end))
        elif i + 1 < len(tokens) and _is_unseen(tokens[i + 1], known) and _adjacent(text, token, tokens[i + 1]):
            extent = _extent(text, tokens, i)
            if extent:
                found.append(extent)
    return found


def _joined_names(
    text: str, tokens: Sequence[_Token], found: Sequence[Offsets], known: Callable[[str], bool]
) -> list[Offsets]:
    """Unseen words beside a name in an enumeration: "Nekolná and Pearson", "Kastner, Becker and Reed"."""
    starts, ends = {start for start, _ in found}, {end for _, end in found}
    joined: list[Offsets] = []
    for before, after in pairwise(tokens):
        gap = text[before.end : after.start]
        if gap in {", ", " & "} and _is_unseen(after, known) and before.end in ends:
            joined.append((after.start, after.end))
        elif gap in {", ", " & "} and _is_unseen(before, known) and after.start in starts:
            joined.append((before.start, before.end))
    for before, link, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if link.lower != "and":
            continue
        if before.end in ends and _is_unseen(after, known):
            joined.append((after.start, after.end))
        elif after.start in starts and _is_unseen(before, known):
            joined.append((before.start, before.end))
    return joined


def _is_unseen(token: _Token, known: Callable[[str], bool]) -> bool:
    written = token.is_capitalised and not token.text.isupper() and len(token.text) > _MIN_LENGTH
    explained = token.is_no_name or token.lower in _ORGANISATION | _PLACE_WORDS or _CONTRACTION.search(token.lower)
    return written and not explained and not known(token.lower)


def _entity_tokens(text: str, start: int, end: int) -> list[_Token]:
    entity = text[start:end].split("\n", maxsplit=1)[0]
    return [_Token(token.text, token.start + start, token.end + start) for token in _tokens(entity)]


def _looks_like_name(text: str, tokens: Sequence[_Token], known: Callable[[str], bool]) -> bool:
    if any(token.is_no_name or token.lower in _ORGANISATION for token in tokens):
        return False
    following = _WORD.match(text, tokens[-1].end + 1)
    if following and (
        following[0].lower() in _PLACE_WORDS
        or (following[0].title() == following[0] and following[0].lower() in _ORGANISATION)
    ):
        return False
    if max(len(token.text) for token in tokens) <= _MIN_LENGTH:
        return False
    before = _before(text, tokens[0].start)
    if len(tokens) > 1:
        written = all(token.is_capitalised or token.lower in _PARTICLES for token in tokens)
        return written and not (_PLACED.search(before) and all(known(token.lower) for token in tokens))
    token = tokens[0]
    if token.text.isupper() and not text.isupper():
        return False
    if _starts_sentence(text, token.start):
        return not known(token.lower)
    return not _PLACED.search(before) or bool(_TOLD.search(before))
