"""Surveys for hypothesis: near the minimum, where something may be given away, and large, where all is shown."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.attacker.surveys import KINDS, Survey, make_survey

_REST = {
    "kind": st.sampled_from(KINDS),
    "odd_ones": st.integers(-2, 3),
    "fresh": st.sampled_from([0.0, 0.4, 1.0]),
    "spoken": st.floats(0.2, 1.0),
    "said": st.floats(0.1, 0.95),
    "apart": st.floats(0.0, 1.0),
    "suggests": st.floats(0.0, 1.0),
    "rated": st.sampled_from([0.0, 0.9, 1.0]),
    "goals": st.sampled_from([0.0, 0.9, 1.0]),
    "seed": st.integers(0, 2**31),
}
SMALL: st.SearchStrategy[Survey] = st.builds(make_survey, st.lists(st.integers(1, 17), min_size=2, max_size=5), **_REST)
LARGE: st.SearchStrategy[Survey] = st.builds(
    make_survey, st.lists(st.integers(10, 40), min_size=2, max_size=4), **_REST
)
