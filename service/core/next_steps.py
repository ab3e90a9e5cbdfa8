"""What may be tried next, by kind of insight; a codebook theme's own practices go before these."""

NEXT_STEPS = {
    "facet_lived": (
        "Say publicly what keeps this alive, name the practice behind it, and protect it when plans change."
    ),
    "facet_contradicted": (
        "Ask a few teams in a workshop what would have to be true for this sentence to hold; agree on one visible "
        "change, and check it in the next pulse."
    ),
    "facet_contested": (
        "Bring people from both sides into one conversation: what do those who see it lived do differently?"
    ),
    "facet_silent": (
        "Ask about it directly in the next pulse; if people still have nothing to say, the statement and the work have "
        "drifted apart."
    ),
    "facet_uncertain": "Ask one pointed question about it in the next pulse before acting on it.",
    "group_differs": (
        "Visit the group and listen before explaining; agree on a regular check-in, and look again in the next pulse."
    ),
    "group_higher": "Ask the group what it does differently, and let it show one other group in an exchange.",
    "facet_change": (
        "Find out what was done between the pulses, tell people that it was noticed, and decide whether to carry on."
    ),
    "suggestion": "Pick one of these suggestions, do it visibly, and say to everyone whose idea was taken up and why.",
    "theme_common": "Read the quotes with the people concerned and decide together whether this needs an answer now.",
    "theme_up": "Learn from where this works and pass it on: a short exchange between teams is a start.",
    "theme_down": "Name it openly, choose one cause that can be removed within a month, and report back on it.",
    "rating_agreement": "Read alignment beside the rating; where the two part, ask why.",
    "unmentioned_concern": (
        "The statement will not help here: treat it as a matter of working conditions, and say who looks after it."
    ),
    "unmentioned_value": "Consider whether the next draft of the statement should say this.",
}
