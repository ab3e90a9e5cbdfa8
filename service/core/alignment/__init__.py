"""Alignment: how far an idea unit is about a facet (relevance) and whether it supports or contradicts it (stance)."""

from service.core.alignment.cross_encoder import CrossEncoderStance
from service.core.alignment.load import check_installed, load_stance_model
from service.core.alignment.pairs import SUGGESTS, PairScores, StanceModel, StancePair, facet_text, question_and_text
from service.core.alignment.scorer import AlignmentScorer, UnitScores, log_odds

__all__ = [
    "SUGGESTS",
    "AlignmentScorer",
    "CrossEncoderStance",
    "PairScores",
    "StanceModel",
    "StancePair",
    "UnitScores",
    "check_installed",
    "facet_text",
    "load_stance_model",
    "log_odds",
    "question_and_text",
]
