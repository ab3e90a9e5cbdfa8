"""The facet sentences that stand for each human theme of the NHS comments, and for the six values of the NHS."""

from __future__ import annotations

# Theme of pxtextmining framework v6 → facets that a purpose statement might hold. Several phrasings each, from a
# two-word title to a sentence, so that the model learns the idea and not one wording.
THEME_FACETS: dict[str, tuple[str, ...]] = {
    "Positive experience & gratitude": (
        "We give people an excellent experience.",
        "Everyone is happy with our service",
        "A service that people would recommend",
    ),
    "Negative experience & dissatisfaction": (
        "We give people an excellent experience.",
        "Nobody should leave dissatisfied",
    ),
    "Staff manner & personal attributes": (
        "Our people are kind, polite and professional.",
        "Kindness: We are friendly and caring with everyone we meet.",
        "Courtesy and warmth",
    ),
    "Timeliness of care": (
        "We are prompt and nobody waits longer than they need to.",
        "Right on time",
        "We respond quickly.",
    ),
    "Staff listening, understanding & involving patients": (
        "We listen to people and involve them in decisions.",
        "Listening: We understand what matters to each person.",
        "Every voice is heard",
    ),
    "Contacting services": ("We are easy to reach.", "Easy access: People get through to us without difficulty."),
    "Transport to/ from services": ("We bring people safely and comfortably where they need to be.", "Good transport"),
    "Information directly from staff during care": (
        "We explain things clearly.",
        "Clear communication: Our people tell you what is happening and why.",
    ),
    "Appointment arrangements": ("Our appointments are well arranged.", "We plan appointments around people's lives."),
    "Impact of treatment/ care": ("What we do makes a real difference to people's lives.", "Better health for all"),
    "Being kept informed, clarity & consistency of information": (
        "We keep people informed.",
        "Open communication: We give clear and consistent information at every step.",
        "We are open and transparent.",
    ),
    "Number & deployment of staff": ("We have enough people to do the job well.", "Well-staffed teams"),
    "Competence & training": ("Our people are skilled and well trained.", "Expertise and professionalism"),
    "Activities & access to fresh air": ("We offer plenty to do.", "Activities, outings and fresh air for everyone"),
    "Referals & continuity of care": (
        "Our teams work together so that nobody falls through the gaps.",
        "Joined-up working: services hand over to one another without friction.",
        "Collaboration across teams",
    ),
    "Diagnosis & triage": ("We assess people's needs accurately.", "We find out what is really wrong."),
    "Staff responsiveness": ("Our people are helpful and respond when they are needed.", "Always ready to help"),
    "Food & drink provision & facilities": ("We offer good food and drink.", "Good food"),
    "Information provision & guidance": ("We give useful advice and guidance.", "Helpful information"),
    "Supplying & understanding medication": ("We manage medicines carefully.", "The right medicine at the right time"),
    "Organisation & efficiency": ("We are well organised and efficient.", "Efficiency", "We keep things simple."),
    "Interaction with family/ carers": ("We involve families and carers.", "Families are our partners"),
    "Cleanliness, tidiness & infection control": ("We keep our places clean and safe.", "Cleanliness"),
    "Environment & Facilities": ("We provide a pleasant, well-equipped place.", "Comfortable surroundings"),
    "Mental Health Act": ("We protect people's rights and freedom.", "Rights are respected"),
    "Staff continuity": ("People see the same faces each time.", "Continuity: lasting relationships with our staff"),
    "Equality, Diversity & Inclusion": (
        "Everyone is welcome and treated fairly.",
        "Inclusion: We value difference and leave nobody out.",
    ),
    "Service location": ("Our services are close to where people live.", "Local services"),
    "Funding & use of financial resources": ("We invest in our services and spend money wisely.", "Value for money"),
    "Unspecified communication": ("We communicate well.", "Communication"),
    "Discharge": ("We plan people's move home with care.", "A good ending to every stay"),
    "Feeling safe": ("People feel safe with us.", "Safety"),
    "Provision of medical equipment": ("We provide the equipment people need.", "The right tools for the job"),
    "Appointment method": ("People choose how they meet us: in person, by phone or online.", "Flexible ways to meet"),
    "Care plans": ("Every person has a plan that is followed.", "Personal plans"),
    "Sensory experience": ("We keep our places calm and quiet.", "Peace and quiet"),
    "Patient records": ("We keep accurate records.", "Reliable record keeping"),
    "Admission": ("We welcome people well when they arrive.", "A good start"),
    "Electronic entertainment": ("We offer television, internet and games.", "Good internet access"),
    "Pain management": ("We relieve people's pain.", "Nobody is left in pain"),
    "Patient appearance & grooming": ("We help people look and feel their best.", "Personal care"),
    "Safeguarding concerns?": ("We protect people from harm.", "Protection from abuse"),
    "Parking": ("Parking is easy.", "Enough parking"),
    "Learning organisation": ("We learn from our mistakes.", "Continuous learning"),
}

# A theme that is absent from the labels says nothing about these: almost every comment bears on them.
GENERAL_THEMES = frozenset({"Positive experience & gratitude", "Negative experience & dissatisfaction"})
UNLABELLED_THEMES = frozenset({"Labelling not possible", "Not assigned"})

VALUES: dict[str, str] = {
    "Working together for patients": "Patients come first in everything we do.",
    "Respect and dignity": (
        "We value every person as an individual, respect their aspirations and seek to understand their needs."
    ),
    "Commitment to quality of care": (
        "We earn the trust placed in us by insisting on quality and getting the basics of care right every time."
    ),
    "Compassion": "We respond with humanity and kindness to each person's pain, distress, anxiety or need.",
    "Improving lives": "We strive to improve health and wellbeing and people's experiences of the NHS.",
    "Everyone counts": (
        "We use our resources for the benefit of the whole community and make sure nobody is excluded or left behind."
    ),
}

# How far a comment of a theme is about a value, 0 to 1; a theme not named has the value's "other" relevance.
VALUE_THEMES: dict[str, dict[str, float]] = {
    "Working together for patients": {
        "Referals & continuity of care": 1.0,
        "Interaction with family/ carers": 0.9,
        "Being kept informed, clarity & consistency of information": 0.9,
        "Staff listening, understanding & involving patients": 0.9,
        "Care plans": 0.9,
        "Discharge": 0.8,
        "Organisation & efficiency": 0.8,
        "Staff responsiveness": 0.8,
        "Staff manner & personal attributes": 0.6,
        "Positive experience & gratitude": 0.6,
        "Negative experience & dissatisfaction": 0.6,
        "Information directly from staff during care": 0.7,
        "Unspecified communication": 0.8,
        "Appointment arrangements": 0.6,
        "Contacting services": 0.6,
        "Timeliness of care": 0.5,
        "other": 0.3,
    },
    "Respect and dignity": {
        "Staff manner & personal attributes": 1.0,
        "Staff listening, understanding & involving patients": 1.0,
        "Equality, Diversity & Inclusion": 1.0,
        "Mental Health Act": 0.9,
        "Patient appearance & grooming": 0.9,
        "Safeguarding concerns?": 0.9,
        "Interaction with family/ carers": 0.7,
        "Feeling safe": 0.6,
        "Staff responsiveness": 0.6,
        "Positive experience & gratitude": 0.4,
        "Negative experience & dissatisfaction": 0.5,
        "other": 0.1,
    },
    "Commitment to quality of care": {
        "Positive experience & gratitude": 0.9,
        "Negative experience & dissatisfaction": 0.9,
        "Food & drink provision & facilities": 0.4,
        "Activities & access to fresh air": 0.4,
        "Electronic entertainment": 0.2,
        "Parking": 0.2,
        "Sensory experience": 0.5,
        "Staff manner & personal attributes": 0.8,
        "Service location": 0.5,
        "other": 0.9,
    },
    "Compassion": {
        "Staff manner & personal attributes": 1.0,
        "Staff listening, understanding & involving patients": 0.9,
        "Feeling safe": 0.8,
        "Pain management": 0.9,
        "Staff responsiveness": 0.7,
        "Interaction with family/ carers": 0.7,
        "Safeguarding concerns?": 0.8,
        "Positive experience & gratitude": 0.4,
        "Negative experience & dissatisfaction": 0.4,
        "other": 0.08,
    },
    "Improving lives": {
        "Impact of treatment/ care": 1.0,
        "Activities & access to fresh air": 0.8,
        "Positive experience & gratitude": 0.8,
        "Negative experience & dissatisfaction": 0.8,
        "Competence & training": 0.6,
        "Information provision & guidance": 0.6,
        "Diagnosis & triage": 0.7,
        "Pain management": 0.8,
        "Staff manner & personal attributes": 0.5,
        "other": 0.4,
    },
    "Everyone counts": {
        "Equality, Diversity & Inclusion": 1.0,
        "Funding & use of financial resources": 1.0,
        "Number & deployment of staff": 0.8,
        "Service location": 0.8,
        "Contacting services": 0.6,
        "Appointment method": 0.6,
        "Staff listening, understanding & involving patients": 0.7,
        "Provision of medical equipment": 0.6,
        "Transport to/ from services": 0.5,
        "Positive experience & gratitude": 0.3,
        "Negative experience & dissatisfaction": 0.3,
        "other": 0.2,
    },
}
