"""Where one sentence of feedback turns to another idea: contrasts, joined clauses, lists of ideas.

Works on the words and punctuation marks of a sentence, as `tokens`: lower-cased, in order. Closed word classes (who can
be a subject, which words can only be a verb) stand in for a parser.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_CONTRAST = frozenset("but although though however whereas yet".split())
_JOINING = frozenset(("and", "&", "plus", "+"))
_BREAKS = frozenset((",", "\u2013", "\u2014", "-", "--"))
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_PUNCTUATION = frozenset("""!"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~""") | {"\u2013", "\u2014", "\u2026", "--"}

_NOMINATIVE = frozenset(
    "i we they he she i'm we're they're he's she's i've we've they've i'd we'd they'd he'd she'd".split()
)
_NOMINATIVE |= frozenset("i'll we'll they'll he'll she'll ive im".split())
_OTHER_SUBJECTS = frozenset(
    "it you there this that these those everyone everybody nobody someone somebody anyone noone nothing everything "
    "none "
    "it's there's that's you're you've its theres thats".split()
)
_COLLECTIVE = frozenset("staff team management people crew police <person>".split())
_DETERMINERS = frozenset(
    "the my our your their his her its a an all most some many both each every no any another other few several "
    "one two".split()
)
_SKIPPED_FIRST = frozenset(
    "then also now still even often sometimes always never just really unfortunately sadly usually generally "
    "overall again maybe perhaps eventually finally luckily thankfully".split()
)
_FINITE = frozenset(
    "is isn't am are aren't was wasn't were weren't has hasn't have haven't had hadn't do don't does doesn't did "
    "didn't "
    "can can't cannot could couldn't will won't would wouldn't should shouldn't may might must need needs needn't "
    "isnt arent wasnt werent hasnt havent hadnt dont doesnt didnt cant couldnt wont wouldnt shouldnt ain't".split()
)
_VERBS = frozenset(
    "got gets get went go goes came come comes felt feel feels needed said say says told tell tells made make "
    "makes took "
    "take takes gave give gives want wants thought think thinks knew know knows found find finds kept keep keeps left "
    "let lets rang ring sent send sends saw see sees spoke speak speaks spent spend heard hear hears met meet "
    "meets ran run "
    "runs sat sit sits stood stand stands brought bring brings became become becomes began begin begins put puts "
    "paid pay "
    "pays lost lose loses held hold holds understood understand understands seem seems love loves like likes enjoy "
    "enjoys "
    "appreciate hope hopes wish believe believes work works help helps listen listens explain explains care cares "
    "treat "
    "treats support supports provide provides expect expects wait waits ask asks answer answers arrive arrives try "
    "tries "
    "call calls turn turns look looks happen happens stay stays leave leaves live lives use uses deserve deserves lack "
    "lacks struggle struggles tend tends change changes depend depends mean means cost costs require requires".split()
)
_NOT_SUBJECT = frozenset(
    "of to for with in on at by from about into onto through during without within over under between after before "
    "since "
    "until as if when because while whilst who which what where why how whether than that so not or nor but and "
    "very too "
    "more most less better then also please thank thanks be been being having".split()
)
_SUBORDINATORS = frozenset(
    "if when whenever because as while whilst once since until till unless after before although though despite due "
    "whether given to who which what where wherever how why whose that considering".split()
)
_LEAD_IN = _JOINING | _SKIPPED_FIRST | frozenset("but however yet only even mainly mostly especially".split())
_CONTRAST_SUBORDINATORS = frozenset("although though whereas while whilst".split())
_INNER_SUBORDINATORS = frozenset(
    "because if when which who whose where whether until unless whilst while how what why".split()
)
_NOT_CONTRAST_AFTER = frozenset("nothing anything everything all none choice option help as can't cannot".split())
_INTENSIFIERS = frozenset("very too quite so really a rather extremely also not still only fairly pretty just".split())
_NOT_IDEA_FIRST = frozenset(
    "overall in on at for with after before during since because if when as from by to of about yes no hello hi "
    "dear sorry "
    "thank thanks please including especially particularly such also e.g eg i.e ie mainly mostly although though "
    "despite "
    "unfortunately sadly first secondly firstly finally generally currently although instead".split()
)
_ADJECTIVES = frozenset(
    "good great nice kind poor bad clean dirty quick slow fast calm clear polite pleasant excellent brilliant "
    "amazing fantastic "
    "lovely friendly best better worse terrible awful safe patient warm cold hot quiet noisy easy hard long short "
    "late early "
    "happy sad fair unfair rude honest open prompt thorough efficient competent considerate attentive approachable "
    "fine "
    "comfortable professional caring understanding welcoming reassuring courteous gentle punctual smart tidy".split()
)
_ADJECTIVE_ENDINGS = ("ful", "able", "ible", "ive", "ous", "less", "ly", "ish")
_LEADING_ADJECTIVES = _ADJECTIVES | frozenset(
    "more less fewer no lack extra additional high low new old different regular".split()
)
_MIN_WORDS = 2
_MAX_ITEM_WORDS = 9
_SUBJECT_REACH = 6


def soft_cuts(tokens: Sequence[str], names: Sequence[bool]) -> list[int]:
    """Indices of the tokens with which a new idea begins, ascending.

    Args:
        tokens: words and punctuation marks of one sentence, lower-cased.
        names: for each token whether it is written like a name, with a capital first letter.
    """
    cuts: list[int] = []
    start = depth = 0
    for i, token in enumerate(tokens):
        depth = max(0, depth + (token in _OPENING) - (token in _CLOSING))
        if depth or i == start:
            continue
        if token in _CONTRAST:
            cut = _contrast_cut(tokens, start, i)
        elif token in _JOINING or token in _BREAKS:
            cut = _clause_cut(tokens, start, i)
        else:
            continue
        if cut is not None:
            cuts.append(cut)
            start = cut
    bounds = [0, *cuts, len(tokens)]
    lists = [cut for a, b in pairwise(bounds) for cut in _list_cuts(tokens, names, a, b)]
    return sorted({*cuts, *lists})


def _is_word(token: str) -> bool:
    return token not in _PUNCTUATION


def _count_words(tokens: Sequence[str], start: int, end: int) -> int:
    return sum(_is_word(token) for token in tokens[start:end])


def _is_verb(token: str) -> bool:
    return (
        token in _FINITE or token in _VERBS or (token.endswith("ed") and len(token) > 4) or _has_contracted_verb(token)
    )


def _has_contracted_verb(token: str) -> bool:
    return token.endswith(("'m", "'re", "'ve", "'ll", "n't")) or token in {"it's", "he's", "she's", "that's", "there's"}


def _contrast_cut(tokens: Sequence[str], start: int, i: int) -> int | None:
    """Where to cut at the contrasting word ``tokens[i]``, or None."""
    contrast, before, after = tokens[i], tokens[i - 1], tokens[i + 1 : i + 5]
    if not after or _count_words(tokens, i + 1, len(tokens)) < _MIN_WORDS or before in _NOT_CONTRAST_AFTER:
        return None
    if contrast == "but" and (
        after[0] == "also" or {"only", "just"} & set(tokens[start : start + 4]) & set(_after_not(tokens, start, i))
    ):
        return None
    if contrast == "yet" and before not in {",", "and"}:
        return None
    if contrast == "however" and after[0] in {"long", "much", "many", "often", "small", "hard"}:
        return None
    if after[0] in _INTENSIFIERS and len(tokens) - i - 1 <= 3 and not any(map(_is_verb, after)):
        return None
    cut = i - 1 if before in {"even", "and"} else i
    return cut if _count_words(tokens, start, cut) >= _MIN_WORDS else None


def _after_not(tokens: Sequence[str], start: int, end: int) -> list[str]:
    return [tokens[i + 1] for i in range(start, end) if tokens[i] in {"not", "isn't", "wasn't"}]


def _clause_cut(tokens: Sequence[str], start: int, i: int) -> int | None:
    """Where to cut at the comma, dash or "and" ``tokens[i]``, or None: only between two independent clauses."""
    first = i + 1
    while first < len(tokens) and (tokens[first] in _JOINING or tokens[first] in _BREAKS):
        first += 1
    if not _starts_clause(tokens, first):
        return None
    contrasted = tokens[start] in _CONTRAST_SUBORDINATORS or tokens[start : start + 2] == ["even", "though"]
    if contrasted and tokens[i] == "," and any(map(_is_verb, tokens[start:i])):
        return i + 1
    if not _is_clause(tokens, start, i):
        return None
    joined = tokens[i] in _JOINING or tokens[i + 1] in _JOINING
    if joined and _INNER_SUBORDINATORS.intersection(tokens[start:i]):
        return None
    return i + 1 if tokens[i] in _BREAKS else i


def _is_clause(tokens: Sequence[str], start: int, end: int) -> bool:
    """Whether ``tokens[start:end]`` can stand as a sentence: a subject, then a verb."""
    if ":" in tokens[start:end]:
        start = end - 1 - tokens[start:end][::-1].index(":")
    while start < end and (tokens[start] in _LEAD_IN or not _is_word(tokens[start])):
        start += 1
    if _count_words(tokens, start, end) < _MIN_WORDS or tokens[start] in _SUBORDINATORS:
        return False
    return _has_contracted_verb(tokens[start]) or any(map(_is_verb, tokens[start + 1 : end]))


def _starts_clause(tokens: Sequence[str], i: int) -> bool:
    """Whether an independent clause begins at ``tokens[i]``: a subject, then a verb before anything else."""
    while i < len(tokens) and tokens[i] in _SKIPPED_FIRST:
        i += 1
    if i + 1 >= len(tokens):
        return False
    first = tokens[i]
    if first in _NOMINATIVE:
        return _is_word(tokens[i + 1])
    if first in _OTHER_SUBJECTS:
        return _has_contracted_verb(first) or any(map(_is_verb, tokens[i + 1 : i + 3]))
    determined = first in _DETERMINERS
    if not determined and (
        first in _NOT_SUBJECT or _is_verb(first) or first.endswith(("ing", "ly")) or not _is_word(first)
    ):
        return False
    for distance, word in enumerate(tokens[i + 1 : i + 1 + _SUBJECT_REACH], start=1):
        if word in _FINITE:
            return True
        if (word in _NOT_SUBJECT and not (determined and word == "of")) or not _is_word(word):
            return False
        if _is_verb(word) and (distance >= 2 if determined else distance == 1 and _is_plural(first)):
            return True
        if not determined and distance >= 3:
            return False
    return False


def _is_plural(token: str) -> bool:
    return token in _COLLECTIVE or (token.endswith("s") and not token.endswith(("ss", "ous")))


def _list_cuts(tokens: Sequence[str], names: Sequence[bool], start: int, end: int) -> list[int]:
    """Cuts between the items of a verbless list ("Good pay, nice colleagues and poor parking")."""
    if any(token in _FINITE or token in _NOMINATIVE or _has_contracted_verb(token) for token in tokens[start:end]):
        return []
    if tokens[start] in _NOT_IDEA_FIRST:
        return []
    commas = [i for i in range(start, end) if tokens[i] == ","]
    items = list(zip([start, *(i + 1 for i in commas)], [*commas, end], strict=True))
    cuts = [c for (a, b), (c, d) in pairwise(items) if _is_idea(tokens, names, a, b) and _is_idea(tokens, names, c, d)]
    for a, b in items:
        cuts += [
            i
            for i in range(a + _MIN_WORDS, b - _MIN_WORDS)
            if tokens[i] in _JOINING
            and tokens[i + 1] in _LEADING_ADJECTIVES
            and _is_idea(tokens, names, a, i)
            and _is_idea(tokens, names, i + 1, b)
        ]
    return cuts


def _is_idea(tokens: Sequence[str], names: Sequence[bool], start: int, end: int) -> bool:
    """Whether a list item carries an idea: some words, not only a name, and not only adjectives."""
    if start < end and tokens[start] in _JOINING:
        start += 1
    if not _MIN_WORDS <= end - start <= _MAX_ITEM_WORDS or tokens[start] in _NOT_IDEA_FIRST:
        return False
    if start > 0 and all(names[start:end]):
        return False
    return _is_verb(tokens[start]) or not all(map(_is_descriptive, tokens[start:end]))


def _is_descriptive(token: str) -> bool:
    """Whether a word only describes: an adjective, an adverb, or what links them."""
    return (
        token in _ADJECTIVES
        or token in _INTENSIFIERS
        or token in _JOINING
        or token.endswith(_ADJECTIVE_ENDINGS)
        or not _is_word(token)
    )
