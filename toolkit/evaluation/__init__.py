"""Figures with support and uncertainty; undefined is undefined."""

from toolkit.evaluation.agreement import Agreement, Coefficients, Contested, agreement
from toolkit.evaluation.behaviour import FAILED_COLUMNS, BehaviourEvaluation, evaluate_behaviour
from toolkit.evaluation.calibration import (
    LabelCalibration,
    ThresholdStability,
    evaluate_calibration,
    threshold_stability,
)
from toolkit.evaluation.classification import evaluate, evaluate_table
from toolkit.evaluation.counting import ERROR_COLUMNS
from toolkit.evaluation.figures import Evaluation, Figure
from toolkit.evaluation.quotes import QuoteError, QuoteEvaluation, evaluate_quotes
from toolkit.evaluation.shares import Resampling
from toolkit.evaluation.slices import FEWEST_ARTICLES, Slice, Sliced, evaluate_slices

__all__ = [
    "ERROR_COLUMNS",
    "FAILED_COLUMNS",
    "FEWEST_ARTICLES",
    "Agreement",
    "BehaviourEvaluation",
    "Coefficients",
    "Contested",
    "Evaluation",
    "Figure",
    "LabelCalibration",
    "QuoteError",
    "QuoteEvaluation",
    "Resampling",
    "Slice",
    "Sliced",
    "ThresholdStability",
    "agreement",
    "evaluate",
    "evaluate_behaviour",
    "evaluate_calibration",
    "evaluate_quotes",
    "evaluate_slices",
    "evaluate_table",
    "threshold_stability",
]
