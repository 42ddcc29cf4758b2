"""Figures with support and uncertainty; undefined is undefined."""

from toolkit.evaluation.annotators.agreement import Agreement, Coefficients, Contested, agreement
from toolkit.evaluation.annotators.drift import Drift, drifts
from toolkit.evaluation.annotators.spans import SpanAgreement, agreement_on_spans
from toolkit.evaluation.behaviour.bias import Bias, LabelBias
from toolkit.evaluation.behaviour.checklist import CHECKED_COLUMNS, Checked, CheckedCapability, Checklist, check
from toolkit.evaluation.behaviour.pairs import FAILED_COLUMNS, BehaviourEvaluation, evaluate_behaviour
from toolkit.evaluation.calibration import (
    LabelCalibration,
    ThresholdStability,
    evaluate_calibration,
    threshold_stability,
)
from toolkit.evaluation.classification import evaluate, evaluate_table
from toolkit.evaluation.extraction.counting import ERROR_COLUMNS
from toolkit.evaluation.extraction.quotes import QuoteError, QuoteEvaluation, evaluate_quotes
from toolkit.evaluation.figures import Evaluation, Figure, figure_said
from toolkit.evaluation.shares import Resampling
from toolkit.evaluation.shift import CurvePoint, Gap, measure_gap, measure_point
from toolkit.evaluation.slices import FEWEST_ARTICLES, Slice, Sliced, evaluate_slices

__all__ = [
    "CHECKED_COLUMNS",
    "ERROR_COLUMNS",
    "FAILED_COLUMNS",
    "FEWEST_ARTICLES",
    "Agreement",
    "BehaviourEvaluation",
    "Bias",
    "Checked",
    "CheckedCapability",
    "Checklist",
    "Coefficients",
    "Contested",
    "CurvePoint",
    "Drift",
    "Evaluation",
    "Figure",
    "Gap",
    "LabelBias",
    "LabelCalibration",
    "QuoteError",
    "QuoteEvaluation",
    "Resampling",
    "Slice",
    "Sliced",
    "SpanAgreement",
    "ThresholdStability",
    "agreement",
    "agreement_on_spans",
    "check",
    "drifts",
    "evaluate",
    "evaluate_behaviour",
    "evaluate_calibration",
    "evaluate_quotes",
    "evaluate_slices",
    "evaluate_table",
    "figure_said",
    "measure_gap",
    "measure_point",
    "threshold_stability",
]
