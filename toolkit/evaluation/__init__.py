"""Figures with support and uncertainty; undefined is undefined."""

from toolkit.evaluation.classification import evaluate, evaluate_table
from toolkit.evaluation.figures import Evaluation, Figure

__all__ = ["Evaluation", "Figure", "evaluate", "evaluate_table"]
