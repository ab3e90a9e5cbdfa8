"""Which comments are written in a language that is analysed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from service.core.text.normalise import normalise
from service.errors import ConfigurationError

if TYPE_CHECKING:
    import lingua

# Languages a workplace is likely to answer in; a short list keeps lingua fast and its confidence sharp.
_LIKELY = tuple("en pl ro es pt fr de it nl cy tr lt cs hu sv ru uk ar fa ur hi bn zh ja ko".split())
_MAX_CHARS = 600
_PLACEHOLDER = re.compile(r"<[A-Z_]+>|\[[a-z ]*redacted\]|https?://\S+|\S+@\S+", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_ENGLISH_SHARE = 1 / 4
_MAX_NAME_WORDS = 3  # "Priya Raman" is a name, not a language
# A text is left out only if another language is this many times likelier than every supported one. The shorter the
# text, the more: a wrongly kept foreign word costs less than a lost "Good comms". Chosen on nhs_feedback.csv and
# worker_survey.csv (at most 0.3 % of their English answers may be left out).
_MARGINS = ((1, 8.0), (2, 5.0), (3, 3.0))
_LONG_MARGIN = 2.5
_MIN_CONFIDENCE = ((1, 0.4), (2, 0.3), (4, 0.25))
# English words that are frequent in feedback and are no words of the other languages on the list.
_ENGLISH = frozenset(
    """
    the and was were very is are it they them their you your we my of with to that this have has had been being not
    don't didn't can't couldn't wasn't isn't i'm i've it's would could should what when where which who how why
    because there here from about than then too all any every everything everyone nothing none anything something
    much more most less least better best good great excellent fantastic brilliant lovely amazing awesome helpful
    friendly kind caring supportive professional polite rude poor bad worse worst terrible awful slow quick quickly
    quicker fast faster long longer short shorter late early time times wait waiting waited hours days week weeks
    month year years staff team teams work working worked job manager managers management boss colleague colleagues
    people service services support care help helped helping food pay paid parking office training meeting meetings
    communication communications comms information feedback workload shift shifts leave holiday money salary never
    always often sometimes still just only really quite so but if or on at by for up down out off over under again
    please thank thanks pls kudos cheers need needs needed want wanted like liked love loved feel felt feeling think
    know make made keep kept get got give given take took told tell said say ask asked listen listened listening
    talk understand understanding explain explained happy pleased satisfied disappointed frustrated stressed tired
    well nice easy hard difficult clear unclear clean dirty cold hot busy quiet calm safe other others new old first
    last nurse nurses doctor doctors driver drivers ambulance hospital ward appointment phone call calls treatment
    health okay yes perfect prompt efficient efficiency attitude response arrived arrive sooner earlier came come
    change improve improved improvement quality equal equally fair unfair respect respectful trust trusted honest
    open mr mrs ms dr banter doing going having getting through before after during between without within should've
    """.split()
)


class LanguageDetector:
    """Tells texts in the languages that are analysed from others.

    lingua decides, among the languages a workplace is likely to write in; it is asked only about texts that do not
    show their English by common words. Short texts, and those lingua is not sure about, count as supported.

    Args:
        languages: ISO 639-1 codes that are analysed.

    Raises:
        ConfigurationError: a code is not a language that lingua knows.
    """

    def __init__(self, languages: Sequence[str] = ("en",)) -> None:
        self.languages = tuple(code.strip().lower() for code in languages)
        known = _languages_by_code()
        for code in self.languages:
            if code not in known:
                raise ConfigurationError(f"language {code!r} cannot be detected; use ISO 639-1 codes such as 'en'")

    @cached_property
    def _detector(self) -> lingua.LanguageDetector:
        from lingua import LanguageDetectorBuilder

        known = _languages_by_code()
        candidates = [known[code] for code in dict.fromkeys((*self.languages, *_LIKELY))]
        return LanguageDetectorBuilder.from_languages(*candidates).build()

    def supported(self, texts: Sequence[str]) -> list[bool]:
        """For each text, whether it is in an analysed language; texts without words are. Deterministic."""
        verdicts = {text: self._is_supported(text) for text in dict.fromkeys(texts)}
        return [verdicts[text] for text in texts]

    def _is_supported(self, text: str) -> bool:
        text = _PLACEHOLDER.sub(" ", normalise(text[: 2 * _MAX_CHARS]))[:_MAX_CHARS]
        words = _WORD.findall(text.lower())
        if not words or (len(words) <= _MAX_NAME_WORDS and text.istitle() and len(words) > 1):
            return True
        if "en" in self.languages and _looks_english(words):
            return True
        confidences = {
            value.language.iso_code_639_1.name.lower(): value.value
            for value in self._detector.compute_language_confidence_values(text)
        }
        best_code, best = max(confidences.items(), key=lambda item: item[1])
        ours = max(confidences[code] for code in self.languages)
        return (
            best_code in self.languages
            or best < _by_length(_MIN_CONFIDENCE, len(words), 0.0)
            or best < ours * _by_length(_MARGINS, len(words), _LONG_MARGIN)
        )


def _looks_english(words: Sequence[str]) -> bool:
    return sum(word in _ENGLISH for word in words) > _ENGLISH_SHARE * len(words)


def _by_length(steps: Iterable[tuple[int, float]], n_words: int, otherwise: float) -> float:
    return next((value for limit, value in steps if n_words <= limit), otherwise)


def _languages_by_code() -> dict[str, lingua.Language]:
    from lingua import Language

    return {language.iso_code_639_1.name.lower(): language for language in Language.all()}
