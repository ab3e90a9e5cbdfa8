"""Putting units together, and bootstrap intervals."""

import numpy as np
import pytest

from service.core.aggregate import Bootstrap, adjust, interval, mean_by, rank_correlation, score_comments


def test_a_comment_is_the_relevance_weighted_mean_of_its_relevant_units():
    relevance = np.array([[0.9], [0.6], [0.1]], dtype=np.float32)
    stance = np.array([[1.0], [-1.0], [-1.0]], dtype=np.float32)
    scores = score_comments(relevance, stance, np.array([0, 0, 0]), 1, threshold=0.5, about=0.5)
    assert scores.facet[0, 0] == pytest.approx((0.9 - 0.6) / 1.5, abs=1e-6)
    assert scores.relevance[0, 0] == pytest.approx(0.9)


def test_a_little_relevance_counts_for_the_whole_and_not_for_the_facet():
    scores = score_comments(
        np.array([[0.2]], dtype=np.float32), np.ones((1, 1), dtype=np.float32), np.array([0]), 1, 0.12, 0.3
    )
    assert scores.overall[0] == pytest.approx(1.0)
    assert np.isnan(scores.facet[0, 0])


def test_a_comment_relevant_to_nothing_has_no_alignment():
    scores = score_comments(
        np.array([[0.1, 0.2]], dtype=np.float32),
        np.ones((1, 2), dtype=np.float32),
        np.array([1]),
        2,
        threshold=0.5,
        about=0.5,
    )
    assert np.isnan(scores.overall).all()
    assert np.isnan(scores.facet).all()


def test_a_respondent_is_the_mean_of_their_comments_and_missing_ones_do_not_count():
    means = mean_by(np.array([[1.0], [np.nan], [0.0], [-1.0]]), np.array([0, 0, 0, 1]), 3)
    assert means[:2, 0].tolist() == [0.5, -1.0]
    assert np.isnan(means[2, 0])


def test_the_interval_covers_the_true_mean_about_nineteen_times_in_twenty_for_small_groups():
    rng = np.random.default_rng(7)
    hits = 0
    for trial in range(300):
        values = rng.normal(0.2, 0.5, size=(12, 1))
        estimate = Bootstrap(12, seed=trial).means(values).estimate(0)
        hits += estimate.low <= 0.2 <= estimate.high
    assert 0.92 <= hits / 300 <= 0.98


def test_the_same_seed_gives_the_same_interval_and_another_gives_another():
    values = np.random.default_rng(0).normal(size=(40, 1))
    first, again, other = (Bootstrap(40, seed).means(values).estimate(0) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_share_of_all_or_none_still_has_an_interval():
    estimate = Bootstrap(20, 0).means(np.ones((20, 1))).share(0)
    assert estimate.value == 1.0
    assert estimate.high == pytest.approx(1.0)
    assert 0.8 < estimate.low < 0.9


def test_a_difference_takes_account_of_people_who_are_on_both_sides():
    person = np.random.default_rng(1).normal(size=50)
    paired = Bootstrap(50, 0).means(np.stack([person + 0.3, person], axis=1)).difference(0, 1)
    assert paired.estimate.value == pytest.approx(0.3)
    assert paired.estimate.high - paired.estimate.low < 1e-9


def test_intervals_widen_when_fewer_people_are_behind_them():
    draws = np.random.default_rng(0).normal(size=4000)
    few, many = interval(draws, 5), interval(draws, 5000)
    assert few[1] - few[0] > many[1] - many[0]


def test_large_surveys_are_resampled_in_blocks_with_the_same_result_shape():
    n = 30_000
    means = Bootstrap(n, 0, draws=1000).means(np.linspace(0, 1, n)[:, None])
    assert means.draws.shape == (1000, 1)
    assert not np.isnan(means.draws).any()
    assert means.estimate(0).value == pytest.approx(0.5)


def test_rank_correlation_counts_only_who_has_both_and_knows_its_sign():
    x = np.array([1.0, 2, 3, 4, 5, 6, np.nan, 8])
    y = np.array([6.0, 5, 4, 3, 2, 1, 0, np.nan])
    result = rank_correlation(x, y, seed=0)
    assert result.estimate.value == pytest.approx(-1.0)
    assert result.estimate.n == 6


def test_rank_correlation_without_variation_is_not_a_number():
    assert not rank_correlation(np.ones(10), np.arange(10.0), seed=0).estimate.shown


def test_adjusted_p_values_keep_their_order_and_never_shrink():
    p = [0.04, 0.01, 0.5]
    adjusted = adjust(p)
    assert adjusted[1] < adjusted[0] < adjusted[2]
    assert all(after >= before for after, before in zip(adjusted, p, strict=True))
    assert adjust([]) == []
