"""Alignment: how far an idea unit is about a facet (relevance) and whether it supports or contradicts it (stance)."""

from service.core.alignment.cross_encoder import CrossEncoderStance
from service.core.alignment.load import check_installed, load_stance_model
from service.core.alignment.pairs import PairScores, StanceModel, StancePair, facet_text, question_and_text
from service.core.alignment.scorer import AlignmentScorer, UnitScores

__all__ = [
    "AlignmentScorer",
    "CrossEncoderStance",
    "PairScores",
    "StanceModel",
    "StancePair",
    "UnitScores",
    "check_installed",
    "facet_text",
    "load_stance_model",
    "question_and_text",
]
