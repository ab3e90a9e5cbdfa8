"""Personal data with a recognisable form: e-mail, phone, address, web address, card, account, ids, vehicle plates.

Where a pattern has a group ``value``, that is the personal data and the rest is the cue it needs: a bare number is
nobody's, "staff id 48213" is somebody's. Every repetition is bounded, so that no text takes more than linear time.
"""

from __future__ import annotations

# Cue words in any case.
_LABEL_WORD = r"(?i:\s?(?:(?:id|no|nr|num|number|code|ref|reference)\b|#))"
_LABEL = rf"{_LABEL_WORD}{{0,3}}\.?"
_IS = r"\s{0,2}(?:(?i:is|was)|:|=|#|-|\()?\s{0,2}[:#]?\s{0,2}"
_ID_HOLDERS = (
    r"(?i:staff|employee|payroll|personnel|badge|worker|assignment|patient|hospital|nhs|national insurance|ni|nino"
    r"|passport|driving licen[cs]e|licen[cs]e|membership|member|policy|reference|ref|incident|case|customer|client"
    r"|student|user|social security|ssn|tax|utr|booking|crew|prolific)"
)
_CODE = r"(?=(?:[A-Za-z/-]{0,20}\d){4})[A-Za-z0-9][A-Za-z0-9/-]"  # at least four digits
_VEHICLE = r"(?i:reg(?:istration)?|plate|car|van|vehicle|ambulance)"
_PHONE_CUE = (
    r"(?i:phone|telephone|tel|mobile|mob|cell|desk|fax|office|whatsapp|(?:call(?:ed)?|ring|rang|text|contact"
    r"|reach(?:ed)?)"
    r"(?: (?:me|us|him|her|them))?(?: back)?(?: (?:on|at))?|answering at|messages (?:to|on)|registered)"
)

_ACCOUNT_NAME = (
    r"(?i:handle|user ?name|screen name|insta(?:gram)?|twitter|snapchat|discord|telegram|github|skype|tiktok|reddit"
    r"|login)"
)
_HANDLE = r"(?=[\w.-]{0,30}[\d_])[A-Za-z][\w.-]{2,30}\b"  # a word with a digit or an underscore

# Addresses.
_UPPER = "A-Z\u00c0-\u00de\u0100-\u017f\u0370-\u03ff\u0400-\u042f"
_CAP = rf"[{_UPPER}][\w'\u2019.-]{{0,24}}"
_NAME = rf"{_CAP}(?: (?:{_CAP}|(?:de|del|della|la|le|da|do|dos|di|van|der|den|du|des|the|of|und|e|y|z) ?{_CAP})){{0,3}}"
_NOT_STREET = (
    r"(?! ?(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|min|hour|hr|day|week|month"
    r"|year|am\b|pm\b|people|patient|staff|covid|i\b))"
)
_HOUSE = r"\d{1,5}(?:-\d{1,4})?[a-zA-Z]?"
_ROOM = r"(?i:(?:apt|apartment|suite|flat|unit|ste)\b\.? ?#?\d{1,5}[a-z]?)"
_POSTCODE = r"[A-PR-UWYZ](?:[A-HK-Y]?\d[A-Z\d]?) ?\d[ABD-HJLNP-UW-Z]{2}"
_STREET_TYPE = (
    r"(?i:street|st|road|rd|lane|ln|avenue|ave|close|drive|dr|court|ct|crescent|terrace|gardens|grove|place|square|sq"
    r"|mews|parade|boulevard|blvd|parkway|highway|hwy|quay|wharf|circle|circuit|cliffs?|way|hill|row|rise|view|green"
    r"|croft)\b\.?"
)
_FOREIGN_WORDS = (
    "rua rue via viale avda av avenida calle piazza piazzetta vicolo corso ul plaza strada chemin impasse cours "
    "boulevard largo travessa camino paseo kossuth"
).split()
# In lower case ("via e-mail") such a word opens a street only after a house number.
_FOREIGN_STREET = (
    rf"(?:\b{_HOUSE},? (?:\d{{1,4}} )?(?i:{'|'.join(_FOREIGN_WORDS)})\b\.?"
    rf"|\b(?:(?:{'|'.join(word.title() for word in _FOREIGN_WORDS)})\b\.?|ul\.))"
)
_FOREIGN_ENDING = (
    r"(?i:strasse|stra\u00dfe|str\.?|gasse|weg|laan|straat|gata|gatan|gate|v\u00e4gen|vegen|vej|gade|katu|kuja|tie|tee"
    r"|utca|\u00fat|t\u00e9r|u\.|ut\.|plein|kade|allee|platz|vegur|bakken)"
)
_GAP = r"[ \n>?]{0,8}"
# What follows a street, on the same line or in the lines below: flat, town, region, country, code.
_TAIL = (
    rf"(?:,?{_GAP}{_ROOM})?"
    rf"(?:(?:, ?|{_GAP}\n{_GAP})(?:{_POSTCODE}|{_NAME}(?: \([A-Za-z]+\))?)(?: {_POSTCODE}| \d{{4,6}})?"
    rf"|,?{_GAP}\d{{4,6}}\b|,? {_POSTCODE}\b){{0,5}}"
)
_ADDRESS_CUE = (
    r"(?i:address(?:es)?(?: of [\w' ]{1,40})?(?: is| to)?|it is|live[sd]? (?:at|in|on)|located (?:at|on|in)"
    r"|(?:moved|return|sent|ship|post|send|taxi|card|deliver(?:ed)?) to|meet (?:me|you) at|arrived at|off at|is at"
    r"|is in"
    r"|it's in|station is on|one to|enter on|here they are|corner of|side of)"
)

PATTERNS: dict[str, tuple[str, ...]] = {
    "EMAIL": (
        r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}",
        r"\b[\w.+-]{2,64} ?(?:\(at\)|\[at\]| at ) ?[\w-]{2,63} ?(?:\(dot\)|\[dot\]| dot ) ?(?:com|org|net|co|uk)\b",
    ),
    "URL": (
        r"(?i:\bhttps?://|\bwww\.)[^\s<>\"']{1,500}[^\s<>\"'.,;:!?)]",
        r"(?<![@\w.-])[a-z0-9][a-z0-9-]{1,62}(?:\.[a-z0-9-]{1,62}){0,3}\.(?:com|org|net|co|uk|nhs|gov|edu|io|info"
        r"|biz|eu)"
        r"\b(?:/[^\s<>\"']{0,300})?(?![.\w])",
        r"(?<![\w@./])@[A-Za-z_][\w.]{2,29}\b",
        rf"\b{_ACCOUNT_NAME}(?i: (?:handle|name|id|account))?\s?(?i:is|was|:|=)?\s{{1,2}}(?P<value>{_HANDLE})",
    ),
    "PHONE": (
        rf"\b{_PHONE_CUE}{_LABEL}{_IS}(?P<value>[+(]?\d[\d().\-/ ]{{5,20}}\d(?: ?(?:x|ext\.?) ?\d{{1,5}})?)(?![\d-])",
        r"(?P<value>[+(]?\d[\d().\-/ ]{5,20}\d(?:x\d{1,5})?)\s(?i:fax|mobile|office|cell|phone)\b",
        r"(?<![\w.])(?:\+|00)\d{1,3}[ .-]?\(?\d{1,5}\)?(?:[ .-]?\d{2,6}){1,4}\b",
        r"(?<![\w.-])(?:\(0\d{2,5}\)|0\d{2,5})[ -]?\d{3,4}[ -]?\d{3,4}\b",
        r"(?<![\w.-])0\d{2,4}(?:[ .-]\d{2,4}){2,4}\b",
        r"(?i:\b(?:ext|extn|extension)\b)\.? ?(?:no\.? ?)?\d{3,6}\b",
        r"(?<![\w.-])(?:001-)?(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}(?: ?x ?\d{1,5})?\b",
    ),
    "CARD": (rf"(?i:\b(?:card|visa|mastercard|amex|cc)){_LABEL}{_IS}(?P<value>\d[\d -]{{9,21}}\d)\b",),
    "ACCOUNT": (
        rf"(?i:\b(?:account|acct|a/c|acc)){_LABEL}{_IS}(?P<value>\d[\d -]{{5,20}}\d)\b",
        rf"(?i:\bsort){_LABEL}{_IS}(?P<value>\d\d[ -]?\d\d[ -]?\d\d)\b",
        r"\b\d\d-\d\d-\d\d \d{8}\b",
        r"(?i:\biban)\W{1,3}(?:is )?(?P<value>[A-Za-z]{2}\d{2}[A-Za-z0-9 ]{8,30})\b",
    ),
    "ID": (
        rf"\b(?:{_ID_HOLDERS}{_LABEL_WORD}{{1,3}}|(?i:ssn|nino|id))\.?{_IS}(?P<value>{_CODE}{{3,24}})\b",
        rf"\b{_ID_HOLDERS}{_IS}(?P<value>{_CODE}{{5,24}})\b",
        r"\b[A-HJ-PR-Y]{2}(?:0[1-9]|[1-7]\d) ?[A-HJ-PR-Z]{3}\b",
        rf"\b{_VEHICLE}{_LABEL}{_IS}(?P<value>[A-HJ-NPR-Y]\d{{1,3}} ?[A-HJ-PR-Z]{{3}}"
        rf"|[A-HJ-PR-Z]{{3}} ?\d{{1,3}} ?[A-HJ-NPR-Y]|(?i:[a-z]{{2}}\d\d ?[a-z]{{3}}))\b",
        r"(?i:\b(?:dob|d\.o\.b|date of birth|born on))\W{1,3}(?i:is |was )?"
        r"(?P<value>\d{1,4}[/. -](?:\d{1,2}|[A-Za-z]{3,9})[/. -]\d{1,4})",
        r"\b\d{3}-\d{2}-\d{4}\b",
        r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b",
    ),
    "ADDRESS": (
        rf"(?:{_ROOM},?{_GAP})?\b{_HOUSE},? (?:\d{{1,4}} )?(?:{_CAP} ){{1,4}}{_STREET_TYPE}{_TAIL}",
        rf"{_FOREIGN_STREET} (?:[\w'\u2019.-]{{1,20}} ){{0,4}}\d{{1,4}}\b{_TAIL}",
        rf"{_FOREIGN_STREET} {_NAME}{_TAIL}",
        rf"\b(?:{_HOUSE} )?(?:{_CAP} ){{0,2}}{_CAP}{_FOREIGN_ENDING} \d{{1,4}}\b{_TAIL}",
        rf"\b{_HOUSE},? [^\n,;!?<>]{{3,45}}{_GAP},?{_GAP}{_ROOM}{_TAIL}",
        rf"\b{_ADDRESS_CUE}[:?]?\s{{1,6}}(?P<value>\d{{2,5}}{_NOT_STREET} (?:\d{{1,4}} )?"
        rf"{_NAME}(?: \d{{1,4}})?{_TAIL})",
        rf"^[>? ]{{0,5}}(?P<value>\d{{3,5}}{_NOT_STREET} (?:\d{{1,4}} )?{_NAME} \d{{1,4}}\.?){_TAIL}",
        rf"\b{_ROOM}\b",
        rf"(?i:\bP\.?O\.? ?Box|\bPSC|\bUnit) \d{{1,6}}(?:,? (?i:box) \d{{1,6}})?(?:{_GAP}[AFD]PO A[AEP] \d{{5}})?",
        r"(?:\bUSS? [A-Z]\w{2,20}\s{1,4})?\b[AFD]PO A[AEP] \d{5}\b",
        rf"\b{_POSTCODE}\b",
        r"(?i:\b(?:zip|post(?:al)? ?code)(?: code)?)(?i: is)?[: ]{1,4}(?P<value>\d{3,6}(?:-\d{3})?(?: [A-Z]{2}\b"
        r"| \d{2}\b)?)",
    ),
}
