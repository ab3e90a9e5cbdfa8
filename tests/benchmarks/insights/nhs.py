"""NHS comments: what is published of teams and themes, beside what the people who read the comments made of them.

The shipped stance weights have learned from the human sentiment of these comments, hence ``seen`` in the name: of other
comments alignment is less right (``tests.benchmarks.alignment`` has it across trusts). What finds themes and chooses
insights has learned from none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from service.build import build_analyser
from service.config import load_settings
from service.core.embedding import embed
from service.core.pipeline import Analyser
from service.ingest import ColumnMapping, parse_rating, read_comments, read_purpose
from service.results import Analysis, Insight
from tests.benchmarks.insights.rows import Row, Took, peak_memory, row

BENCHMARK = "insights_nhs_seen"
PURPOSE = Path(__file__).resolve().parents[3] / "data" / "purposes" / "nhs-values.yaml"
CUTS, RATING = ("service", "team"), "experience_rating"
NO_THEME = "Labelling not possible"
TOP = 12
DRAWS = 2_000
SIGNS = {"theme_down": -1, "theme_up": 1}


@dataclass(frozen=True)
class Run:
    """One analysis of all comments, and their labels.

    Attributes:
        labels: by comment id: text and groups; ``sentiment`` and ``rating``, higher is better; the human ``themes``.
        took: once the themes were there, until everything was published.
    """

    analysis: Analysis
    labels: pd.DataFrame
    analyser: Analyser
    took: Took


@dataclass(frozen=True)
class Agreement:
    """An insight about a theme, and the human theme that its evidence carries most often.

    Attributes:
        share, base: of the evidence, and of all labelled comments, that carry it.
        apart: mean sentiment of all comments with the human theme, less that of all comments.
        own_apart: the same of all comments with the theme of the insight.
    """

    insight: Insight
    human: str
    share: float
    base: float
    n: int
    apart: float
    own_apart: float

    def agrees(self, apart: float) -> bool:
        return bool(np.sign(apart) == SIGNS[self.insight.kind])


def analysed(file: Path) -> Run:
    """Analyse the comments as ``python -m service analyse`` does with the cuts and the rating of the README."""
    comments = read_comments(
        file, mapping=ColumnMapping(respondent_id="respondent_id"), cuts=CUTS, ratings=[parse_rating(RATING)]
    )
    analyser = build_analyser(load_settings(), cached=False)
    stages: dict[tuple[str, int], Took] = {}

    def progress(stage: str, done: int, total: int) -> None:
        stages[stage, done] = Took.now()

    analysis = analyser.run(comments, read_purpose(PURPOSE), cuts=CUTS, ratings=[RATING], progress=progress)
    return Run(analysis, labels(file), analyser, stages["insights", 1].since(stages["insights", 0]))


def labels(file: Path) -> pd.DataFrame:
    """What people made of each comment; NaN and no theme where they could not label it."""
    frame = pd.read_csv(file).set_index("comment_id")
    themes = [[name.strip() for name in str(cell).split(";")] for cell in frame.human_themes.fillna("")]
    return pd.DataFrame(
        {
            "text": frame.text.fillna(""),
            **{cut: frame[cut] for cut in CUTS},
            # Both run from 1, the best, to 5; 6 and 7 are no rating.
            "sentiment": 6 - frame.human_sentiment,
            "rating": 6 - frame[RATING].where(frame[RATING] <= 5),
            "themes": [frozenset(name for name in own if name and name != NO_THEME) for own in themes],
        },
        index=frame.index,
    )


def figures(run: Run) -> Iterator[Row]:
    yield from by_team(run)
    found = agreements(run.analysis, run.labels)
    yield from theme_rows(found, run.labels)
    yield from group_rows(run)
    yield row(BENCHMARK, "seconds_after_themes", run.took.wall, "s", 10.0, "at most", cpu=round(run.took.cpu, 1))
    yield row(BENCHMARK, "peak_memory_with_models", peak_memory(), "GB")


def by_team(run: Run) -> Iterator[Row]:
    """Rank correlation over the teams that are shown, beside what cosine and a lexicon's sentiment give."""
    (cut,) = (cut for cut in run.analysis.cuts if cut.name == "team")
    published = pd.Series({g.name: g.alignment.value for g in cut.groups if g.alignment.shown}, dtype=float)
    told = run.labels[run.labels.team.isin(published.index) & run.labels.sentiment.notna()]
    teams = told.assign(**_simple(run, told)).groupby("team")[["sentiment", "rating", "cosine", "lexicon"]].mean()
    teams["alignment"] = published
    for wanted in ("sentiment", "rating"):
        rho, low, high = _rank_correlation(teams.alignment, teams[wanted])
        spread = {"low": round(low, 4), "high": round(high, 4), "n": len(teams)}
        for against in ("cosine", "lexicon"):
            other, _, _ = _rank_correlation(teams[against], teams[wanted])
            yield row(BENCHMARK, f"team_alignment_and_{wanted}", rho, "spearman", other, against, **spread)


def _simple(run: Run, told: pd.DataFrame) -> dict[str, np.ndarray]:
    """Of each comment the cosine with the statement, and VADER's sentiment."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    vectors = embed([*told.text, run.analysis.purpose.statement], run.analyser.loaded.embedder)
    lexicon = SentimentIntensityAnalyzer()
    return {
        "cosine": vectors[:-1] @ vectors[-1],
        "lexicon": np.array([lexicon.polarity_scores(text)["compound"] for text in told.text]),
    }


def _rank_correlation(x: pd.Series, y: pd.Series) -> tuple[float, float, float]:
    """Spearman's rho and its 95 % bootstrap interval over teams."""
    random = np.random.default_rng(0)
    draws = [spearmanr(x.iloc[rows], y.iloc[rows]).statistic for rows in random.integers(0, len(x), (DRAWS, len(x)))]
    low, high = np.nanpercentile(draws, (2.5, 97.5))
    return float(spearmanr(x, y).statistic), float(low), float(high)


def agreements(analysis: Analysis, labels: pd.DataFrame) -> list[Agreement]:
    """Each insight about a theme beside the human themes of its evidence, in the order of the insights."""
    labelled = labels[labels.sentiment.notna() & (labels.themes.map(len) > 0)]
    one_each = labelled.themes.explode()
    base = one_each.value_counts() / len(labelled)
    overall = labelled.sentiment.mean()
    apart = labelled.sentiment.reindex(one_each.index).groupby(one_each.to_numpy()).mean() - overall
    of_theme: dict[str, list[str]] = {}
    for comment in analysis.comments:
        for theme in comment.themes:
            of_theme.setdefault(theme.theme_id, []).append(comment.comment_id)
    found = []
    for insight in analysis.insights:
        evidence = labelled.index.intersection(list(insight.evidence))
        if insight.theme_id is None or not len(evidence):
            continue
        shares = labelled.themes[evidence].explode().value_counts() / len(evidence)
        # Of two that are as frequent among the evidence the one that is rarer elsewhere.
        human = max(shares.index, key=lambda name: (shares[name], -base[name]))
        own = labelled.sentiment.reindex(of_theme.get(insight.theme_id, [])).mean() - overall
        found.append(Agreement(insight, human, shares[human], base[human], len(evidence), apart[human], own))
    return found


def theme_rows(found: list[Agreement], labels: pd.DataFrame) -> Iterator[Row]:
    for item in found:
        insight = item.insight
        about = {"n": item.n, "kind": insight.kind, "headline": insight.headline, "human_theme": item.human}
        metric = f"evidence_of_{insight.insight_id}"
        yield row(BENCHMARK, metric, item.share, "share", item.base, "its share of all comments", **about)
    top = [item for item in found if _place(item.insight) <= TOP]
    for name, some in ((f"first_{TOP}", top), ("all", found)):
        if not some:
            continue
        chance = float(np.mean([_share_by_chance(labels, item.n) for item in some]))
        share = float(np.mean([item.share for item in some]))
        yield row(BENCHMARK, f"evidence_share_{name}", share, "share", chance, "as many drawn by chance", n=len(some))
        lift = float(np.median([item.share / item.base for item in some]))
        yield row(BENCHMARK, f"evidence_lift_{name}", lift, "ratio", 1.0, "its share of all comments", n=len(some))
        signed = [item for item in some if item.insight.kind in SIGNS]
        if signed:
            agree = float(np.mean([item.agrees(item.apart) for item in signed]))
            yield row(BENCHMARK, f"sign_of_human_theme_{name}", agree, "share", 0.5, "chance", n=len(signed))
            agree = float(np.mean([item.agrees(item.own_apart) for item in signed]))
            yield row(BENCHMARK, f"sign_of_own_comments_{name}", agree, "share", 0.5, "chance", n=len(signed))


def group_rows(run: Run) -> Iterator[Row]:
    """Of the groups said to differ, the share whose comments people found to differ from the rest in the same way."""
    sides = [(insight, side) for insight in run.analysis.insights if (side := group_side(run.labels, insight))]
    for name, most in ((f"first_{TOP}", TOP), ("all", len(run.analysis.insights))):
        some = [side == np.sign(insight.estimate.value or 0.0) for insight, side in sides if _place(insight) <= most]
        if some:
            yield row(BENCHMARK, f"sign_of_group_{name}", float(np.mean(some)), "share", 0.5, "chance", n=len(some))


def group_side(labels: pd.DataFrame, insight: Insight) -> float:
    """Whether the group of an insight has better (1) or worse (−1) human sentiment than the rest; 0 without a group."""
    if insight.kind != "group_differs" or insight.cut is None:
        return 0.0
    named = labels[insight.cut].notna()
    inside = labels[insight.cut].map(lambda name: " ".join(str(name).split())) == insight.group
    return float(np.sign(labels.sentiment[named & inside].mean() - labels.sentiment[named & ~inside].mean()))


def _place(insight: Insight) -> int:
    return int(insight.insight_id.removeprefix("i"))


def _share_by_chance(labels: pd.DataFrame, size: int) -> float:
    """The share of the most frequent human theme among ``size`` comments, the mean of many draws."""
    themes = labels.themes[labels.sentiment.notna() & (labels.themes.map(len) > 0)].tolist()
    random = np.random.default_rng(0)
    most = []
    for _ in range(DRAWS):
        drawn = pd.Series([name for row in random.choice(len(themes), size, replace=False) for name in themes[row]])
        most.append(drawn.value_counts().iloc[0] / size)
    return float(np.mean(most))


def disagreements(run: Run) -> Iterator[str]:
    """Insights whose sign people do not bear out, or whose evidence no human theme holds together."""
    for insight in run.analysis.insights:
        if (side := group_side(run.labels, insight)) and side != np.sign(insight.estimate.value or 0.0):
            yield f"\n{insight.insight_id} {insight.kind}: {insight.headline}\n  people found its comments otherwise"
    for item in agreements(run.analysis, run.labels):
        insight = item.insight
        signed = insight.kind in SIGNS and not (item.agrees(item.apart) and item.agrees(item.own_apart))
        if not signed and item.share > item.base and item.share >= 0.5:
            continue
        yield f"\n{insight.insight_id} {insight.kind}: {insight.headline}"
        yield f"  {item.human}: {item.share:.2f} of the evidence, {item.base:.2f} of all comments"
        yield f"  sentiment apart: {item.apart:+.2f} where people see that, {item.own_apart:+.2f} in its own comments"
        for comment_id in insight.evidence:
            comment = run.labels.loc[comment_id]
            yield f"  [{comment.sentiment:g}; {', '.join(sorted(comment.themes))}] {comment.text}"
