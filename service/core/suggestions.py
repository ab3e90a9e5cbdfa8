"""Which idea units say what should change.

Rules on the wording and on the question, weighed with what the stance model says of the unit beside ``SUGGESTS`` and
with its embedding. What counts: a wish or advice ("we should …", "please …", "I wish …", "could be quicker"), an
instruction ("Employ more cleaners"), and to a question that asks what to improve also a bare wish
("More staff", "Arrived sooner", "Fair pay"). What does not: a complaint about the past ("should have been told", "you
never rang"), for what to do about it is a guess; "nothing", "no improvement needed", "keep it up", which ask for none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from service.core.text import normalise
from service.core.units import Unit

_ASKS_WHAT_TO_IMPROVE = re.compile(
    r"\b(?:improv\w*|do better|be better|be done better|(?:should|could|would you) (?:\w+ ){0,3}(?:change"
    r"|do differently)|suggest\w*"
    r"|recommend\w*|do differently|would make|would help|would you like to see|start doing|ideas?|one thing)\b",
    re.IGNORECASE,
)
_ASKS_WHAT_IS_GOOD = re.compile(
    r"\b(?:good|best|well|like most|enjoy\w*|proud|appreciat\w*|strengths?)\b", re.IGNORECASE
)

_LEAD_IN = re.compile(
    r"^\W*(?:(?:and|but|also|just|maybe|perhaps|possibly|actually|so|then|only|firstly|secondly|finally|yes|or|to"
    r"|try to|try and"
    r"|i think|i feel|i would say|i'd say|in my opinion|probably|definitely|always|all|again|next time)\b[\s,:-]*)*",
    re.IGNORECASE,
)
_WANTS_NO_CHANGE = re.compile(
    r"^\W*(?:nothing|none|no\b(?! (?:more|longer)\b)|nil|n/a|not? (?:really|a thing|needed)|can'?t think"
    r"|cannot think|don'?t know|nowt)"
    r"|\b(?:nothing|no(?:t| need)?|don'?t|without|any) (?:\w+ ){0,4}?(?:to (?:be )?)?(?:improv\w+|chang\w+)\b"
    r"|\b(?:can'?t|couldn'?t|cannot|could not|not) (?:\w+ ){0,3}?(?:improved?|better|faulted|ask for more|wish for)\b"
    r"|\b(?:keep (?:it|this|that|doing|the (?:good|great)|up)|carry on|keep up)\b"
    r"|\b(?:would|could|must|need(?:ed)?) not\b|\bhadn'?t\b|\b(?:everything|all|as much as|best|anything"
    r"|whatever) (?:that )?(?:\w+ )?could\b"
    r"|\bcould(?:n'?t| not)\b",
    re.IGNORECASE,
)
_COMPLAINT = re.compile(
    r"\bshould(?:n'?t| not)? (?:have|of|'ve)\b|\bshould'?ve\b|\bthan (?:it|they|you|i) should\b", re.IGNORECASE
)
_BETTER = r"(?:more|less|fewer|better|improved?|sooner|earlier|quick(?:er|ly)|nicer|\w{3,}er)"
_WISH = re.compile(
    r"\bshould(?! (?:have|of|'ve|i\b))"
    r"|\bplease (?:can|could|do|don'?t|try|[a-z]+ (?:more|us|me|the|a|your|our|on|to|back|with))\b|\bpls\b"
    r"|\b(?:you|we|they|it|there|service|system|staff|team|management|platforms?|managers?|people) (?:really "
    r"|also |all |just |do )?need(?:s)?"
    r" (?!me|to see me|it\b)"
    r"|\bneeds? (?:to be |a |some |an |much |lot )*(?:improv\w*|address\w*|chang\w*|fix\w*|sort\w*|updat\w*"
    r"|look\w*|more|better|less|review\w*|done)\b"
    r"|\bneed (?:something|more|better)\b"
    r"|\b(?:could|can) do with\b|\b(?:would|could|might|may) (?:really |also |greatly )?(?:benefit|help|improve|make)\b"
    rf"|\b(?:would|might|could|may|will|'d) (?:also |really |have |of |'ve |all |maybe )?be(?:en)? (?:\w+ )?"
    rf"(?:nice|good|great|helpful|useful|beneficial|ideal|appreciated|welcome|handy|fairer|a start|{_BETTER})\b"
    r"|\b(?:would|'d) (?:also |really )?(?:like(?! to (?:thank|say|add|praise|commend))|love|prefer|appreciate)\b"
    r"|\b(?:i|we) wish\b(?! (?:you|them|him|her|everyone|all)\b)|\bif only\b|\bwhy (?:not|can'?t|don'?t)\b"
    r"|\b(?:how|what) about\b"
    r"|\b(?:i(?:'d| would)?|we) suggest\b|\b(?:my )?suggestions?\b(?: is| would|:)|\bmy advice\b|\bought to\b"
    r"|\bhad better\b|\blet'?s\b"
    r"|\b(?:they|you|we|staff|management|maybe|perhaps) could (?:also |maybe |perhaps |of |have |at least |all "
    r"|use |try )*(?!see|have done better)"
    r"(?:be|been|[a-z]{3,})\b|\bcould (?:use|do) (?:more|some|a bit)\b|\bmust be (?:done|improved|more)\b"
    r"|\bhave to be (?:improved|more)\b"
    r"|\bit'?s time to\b|^\W*time to\b",
    re.IGNORECASE,
)
# Verbs that open an instruction whatever was asked; those after that only when asked what to improve.
_INSTRUCTS = (
    r"stop|employ|hire|recruit|provide|allow|improve|reduce|increase|ensure|introduce|invest|make sure|bring back"
    r"|consider|don'?t|do not"
    r"|pay (?:us|people|staff|workers|more)|give (?:us|people|staff|me|more)|listen to|let (?:us|people|staff|me)"
    r"|treat (?:us|people|staff)"
    r"|hold (?:more|regular)|get rid|cut (?:down|the|out)|speed up|fix|address|remove|avoid|simplify|implement"
    r"|prioriti[sz]e|encourage"
    r"|communicate (?:more|better|with)|be more|have more|do more|offer (?:more|us|better)|create|establish"
    r"|recogni[sz]e"
)
_INSTRUCTION = re.compile(rf"(?:{_INSTRUCTS})\b", re.IGNORECASE)
_ASKED_INSTRUCTION = re.compile(
    r"(?:make|listen|answer|offer|train|check|explain|tell|send|let|keep|have|be|get|pay|treat|stick|try|bring|put"
    r"|add|change|speak|talk"
    r"|ask|use|include|involve|help|start|follow|update|review|open|lower|raise|show|respect|value|support|build"
    r"|plan|notify|arrive|come"
    r"|call|ring|turn|take|pick|give|do|not|don'?t|look|understand|teach|educate|inform|contact|reply|respond"
    r"|return|read|write|work"
    r"|organi[sz]e|share|set|spend|see|sort|clean|drive|wait|learn|train|deliver|develop|extend|expand|find|hold"
    r"|act|move|replace|clarify"
    r"|promote|publish|separate|remind|knock|feed|go|leave|attend|charge|trust|adjust|test|reward)\b"
    r"(?!,| (?:enough|good|bad|always|isn'?t|was|were|is|are|and|think|very|time|times|takers?|handlers?|centres?"
    r"|staff (?:was|were)|drivers? (?:was|were))\b)",
    re.IGNORECASE,
)
_GERUND = re.compile(
    r"(?:being|having|giving|providing|offering|making|ensuring|fostering|improving|increasing|reducing|allowing"
    r"|listening|answering"
    r"|employing|doing more|paying|implementing|setting|using|getting|explaining|letting|keeping)\b(?! (?:here"
    r"|on here|there))",
    re.IGNORECASE,
)
_BARE_WISH = re.compile(
    rf"(?:a |an |the |some |much |even |bit |little |lot |slightly |far |no )*(?:{_BETTER}|additional|extra"
    rf"|another|enough|swift\w*)\b"
    r"(?! (?:than|or less|of a|happy)\b)",
    re.IGNORECASE,
)
_ASKED_BARE_WISH = re.compile(
    r"(?:fair|clear|equal|transparent|regular|consistent|flexible|proper|adequate|independent|an? \w+ \w+ to"
    r"|stable|real)\b",
    re.IGNORECASE,
)
_HAPPENED = re.compile(
    rf"(?:been|arrived?|came|reacted|got|answered|responded|made|had|given|gave|rang|turned up)\b.*\b{_BETTER}\b",
    re.IGNORECASE,
)
_NOT_COMPARATIVE = re.compile(
    r"(?:however|whatever|whoever|never|ever|over|under|after|other|another|driver|paramedic|manager|her|together"
    r"|either|neither|rather|water"
    r"|letter|matter|member|number|paper|power|computer|carer|worker|consultant|answer|remember|further|former"
    r"|customer|officer|doctor"
    r"|helper|offer|order|consider|shower|winter|summer|weather|wheeler|partner|mother|father|sister|brother"
    r"|daughter|researcher|user"
    r"|whether|dinner|cancer|player|older|younger|elder|proper|super|clever|enter|later|care|career|volunteer"
    r"|prisoner|corner|center)s?\b",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|am|has|had|did|does|do|got|came|been|made|felt|took|went|gave|told|helped|very|i|they"
    r"|we|he|she|it)\b",
    re.IGNORECASE,
)
_MAX_BARE_WORDS = 14
_QUESTION = re.compile(r"^\W*(?:which|who|where|when|how can|what) .*\?", re.IGNORECASE)


def find_suggestions(
    units: Sequence[Unit],
    log_odds: npt.NDArray[np.float32] | None = None,
    weights: npt.NDArray[np.float32] | None = None,
    embeddings: npt.NDArray[np.float32] | None = None,
) -> npt.NDArray[np.bool_]:
    """Which units say what should change.

    Args:
        units: idea units.
        log_odds: (n_units,), that they do, by the stance model.
        weights: (3 + dim,), of ``log_odds`` and of the rules, the offset, and of ``embeddings``, fitted by
            ``models/stance/publish.py``; without all three the rules decide alone.
        embeddings: (n_units, dim), of the units' texts, by the embedder that the weights were fitted with.

    Returns:
        bool, (n_units,).
    """
    ruled = np.fromiter((_is_suggestion(unit.text, unit.question or "") for unit in units), np.bool_, len(units))
    if log_odds is None or weights is None or embeddings is None:
        return ruled
    own, rules, offset = weights[:3]
    return np.asarray(own * log_odds + rules * ruled + offset + embeddings @ weights[3:] > 0, dtype=np.bool_)


def _is_suggestion(text: str, question: str) -> bool:
    text = normalise(text)
    if _WANTS_NO_CHANGE.search(text) or _COMPLAINT.search(text) or _QUESTION.match(text):
        return False
    if _WISH.search(text):
        return True
    asked = bool(_ASKS_WHAT_TO_IMPROVE.search(question))
    if not asked and _ASKS_WHAT_IS_GOOD.search(question):
        return False
    body = text[_LEAD_IN.match(text).end() :]  # type: ignore[union-attr]
    if _INSTRUCTION.match(body) or (asked and _ASKED_INSTRUCTION.match(body)):
        return True
    return _is_bare_wish(body, asked)


def _is_bare_wish(body: str, asked: bool) -> bool:
    """A wish without a verb: "More staff", "Quicker response"; when asked, also "Fair pay" and "Arrived sooner"."""
    if len(body.split()) > _MAX_BARE_WORDS:
        return False
    if _BARE_WISH.match(body) and not _NOT_COMPARATIVE.match(body) and not _FINITE.search(body):
        return True
    if not asked:
        return False
    if _HAPPENED.match(body) or _GERUND.match(body):
        return True
    return bool(_ASKED_BARE_WISH.match(body)) and not _FINITE.search(body)
