"""Answers that say nothing: "n/a", "did not answer", "."; and "nothing", which depends on what was asked."""

from __future__ import annotations

import re

from service.core.text.normalise import normalise

_NOT_ALNUM = re.compile(r"[\W_]+")
_LETTERS = re.compile(r"[^\W\d_]")
_ONE_LETTER = re.compile(r"(?:([^\W\d_])\1*|[^\W\d_]|asdf\w*|qwerty\w*)")

_NO_ANSWER = re.compile(
    r"(?:(?:sorry|well|i|im|am|still|really|just|ive|have|got|thank you|thanks|no)\s)*"
    r"(?:"
    r"n\s?a|n\s?k|n\s?r|tb[acd]|idk|dk|dunno|null|nan|blank|empty|test(?:ing)?|skip(?:ped)?|pass|refused"
    r"|unanswered|undefined"
    r"|(?:did not|didnt|not|no|havent|have not|wont|will not|cannot|cant)\s(?:to\s)?"
    r"(?:answer(?:ed)?|respon(?:se|d|ded)|applicable|relevant|reply|replied|provided|given|recorded|stated"
    r"|specified|known)"
    r"(?:\s(?:given|provided|this|that|the question|this question|to me))?"
    r"|(?:no|without)\s(?:further\s|more\s|other\s|additional\s|particular\s)?(?:comments?|opinion|view|views|idea"
    r"|clue|feedback|suggestions? given)"
    r"(?:\s(?:to (?:make|add|give)|at (?:this|the) (?:time|moment|present)))?"
    r"|(?:nothing|none|not anything)\s(?:more |else |further |much |really )?to (?:add|say|comment|report|write"
    r"|declare)"
    r"|(?:do not|dont|didnt|did not)\s(?:really\s|wish to\s|want to\s)?(?:know|answer|say|comment|remember|recall"
    r"|have an? (?:opinion|view|comment))"
    r"|(?:cannot|cant|can not)\s(?:really\s)?(?:say|comment|remember|recall|answer)"
    r"|(?:prefer|rather|would rather)\snot\s(?:to\s)?(?:say|answer)"
    r"|not\s(?:really\s|too\s|very\s)?sure|unsure|no idea|pass on this one"
    r"|(?:same\s)?as\s(?:above|before|previous(?:ly)?|below)(?:\s(?:answer|comment|response|stated|said|question))?"
    r"|(?:please\s)?(?:see|look at|refer to|answered|covered|said it|already said)\s(?:the\s|my\s|in\s)?"
    r"(?:answers?\s|comments?\s)?(?:above|below|previous(?:ly)?)(?:\s(?:answer|comment|response|entry)s?)?|ditto"
    r"|date redacted|redacted|(?:text\s)?removed|unreadable|illegible|inaudible"
    r")(?:\s(?:yet|really|sorry|though|at (?:this|the) (?:time|moment|present)|thanks|thank you|im afraid))*"
)
_NOTHING = re.compile(
    r"(?:(?:absolutely|really|honestly|literally|just|well|er+|erm|um+|no|nope|at the moment|currently|i think"
    r"|to be honest|tbh"
    r"|quite frankly|there is|theres|there was|there were|not)\s)*"
    r"(?:nothing|none|no|nope|nah|nil|nowt|nout|nought|zero|zilch|not a thing|not anything|no thing|nothin|noting"
    r"|(?:not|very|too)\s(?:a\s)?(?:very\s)?(?:much|a lot|lot|little|really|a great deal)"
    r"|(?:i\s)?(?:cannot|cant|can not|couldnt|could not|dont|do not)\s(?:really\s)?think of (?:anything|a thing"
    r"|any)(?:thing)?"
    r")(?:\s(?:at all|really|whatsoever|specific|specifically|particular|in particular|major|much|else|more"
    r"|special|so far"
    r"|comes to mind|springs to mind|that|which|what|to mind|come to mind|can think of|i|we|im|i am|aware of"
    r"|of note|of|note"
    r"|to (?:improve|change|do|mention|complain about|report)|needed"
    r"|for me|from me|with me|at (?:this|the) (?:time|moment|present)|at present|right now|now|yet|today|currently"
    r"|thanks|thank you|sorry|anything|off hand|offhand))*"
)
_AFFIRMATION = re.compile(r"(?:(?:yes|yep|yeah|yup|y)\s?)+")

_YES_NO = re.compile(
    r"^\W*(?:(?:in your (?:view|opinion)|overall|on the whole)\W+)?"
    r"(?:do|does|did|is|are|am|was|were|has|have|had|can|could|will|would|should)\b",
    re.IGNORECASE,
)
_ASKS_WHAT_IS_WRONG = re.compile(
    r"\b(?:improv\w*|better|chang\w*|different\w*|(?:get|gets|getting|stand\w*) in (?:the|your) way|challeng\w*"
    r"|barrier\w*"
    r"|obstacle\w*|problem\w*|concern\w*|issue\w*|difficult\w*|frustrat\w*|hinder\w*|prevent\w*|suggest\w*|stop"
    r"|dislike\w*"
    r"|worst|bad|wrong|negative\w*|least|dissatisf\w*|disappoint\w*|hold\w* (?:you|us|me) back|missing|lack\w*"
    r"|worr(?:y|ies)"
    r"|complain\w*|weakness\w*|do more|do less|start doing|fix)\b",
    re.IGNORECASE,
)
_ASKS_FOR_OBSTACLES = re.compile(
    r"\b(?:in (?:the|your|our) way|barriers?|obstacles?|challeng\w*|problems?|frustrat\w*|hinder\w*|prevent\w*"
    r"|dislike|worst|hold\w* (?:you|us) back|(?:go(?:es|ing)?|went) wrong)\b",
    re.IGNORECASE,
)
_ASKS_FOR_STRENGTHS = re.compile(
    r"\b(?:(?:work(?:s|ed|ing)?|go(?:es|ing)?|went) well|proud|like (?:most|best)|enjoy|appreciate|strengths?)\b",
    re.IGNORECASE,
)
_ASKS_WHAT_IS_GOOD = re.compile(
    r"\b(?:good|great|well|like(?:d)?|best|enjoy\w*|proud|positive\w*|satisf\w*|appreciat\w*|strengths?|work(?:s"
    r"|ed|ing)? well"
    r"|happy|happiest|love|pleased|praise|motivat\w*|inspir\w*)\b",
    re.IGNORECASE,
)


def presupposes(question: str | None) -> int:
    """The side an answer is on before a word of it is read: −1 obstacles, +1 strengths, 0 neither or both."""
    if not question:
        return 0
    return bool(_ASKS_FOR_STRENGTHS.search(question)) - bool(_ASKS_FOR_OBSTACLES.search(question))


def is_no_content(text: str, question: str | None = None) -> bool:
    """Whether the answer ``text`` carries no idea.

    "n/a", "did not answer", "not sure", "as above", a lone number, emoji or punctuation never do: they have no words
    that could be scored, themed or quoted. "Nothing", "none", "no", "not much" and "can't think of anything" do when
    the question asks what is wrong or what is good, for then they praise or blame; without such a question, or when
    it asks for both at once, they do not. "Yes" and "no" answer a question that begins with a verb ("Do you …?").
    """
    key = _NOT_ALNUM.sub(" ", normalise(text).replace("'", "").lower()).strip()
    if not _LETTERS.search(key):
        return "/" not in text and "%" not in text if key else True
    question = normalise(question) if question else ""
    if _ONE_LETTER.fullmatch(key.replace(" ", "")) or _NO_ANSWER.fullmatch(key):
        return True
    if _AFFIRMATION.fullmatch(key):
        return not _YES_NO.match(question)
    if _NOTHING.fullmatch(key):
        return not _is_answered_by_nothing(question)
    return False


def _is_answered_by_nothing(question: str) -> bool:
    wrong, good = bool(_ASKS_WHAT_IS_WRONG.search(question)), bool(_ASKS_WHAT_IS_GOOD.search(question))
    return wrong != good or bool(_YES_NO.match(question))
