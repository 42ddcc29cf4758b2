"""Choosing inside the training part: a walk through settings, cross-validation, and how the chosen model decides."""

from toolkit.tuning.choose import Chosen, choose, fit, leaves_no_choice
from toolkit.tuning.cross_validation import CrossValidated, Examples, cross_validate, decided_out_of_fold
from toolkit.tuning.recalibration import METHODS, Recalibrated, recalibrate
from toolkit.tuning.search import Point, points, search_points

__all__ = [
    "METHODS",
    "Chosen",
    "CrossValidated",
    "Examples",
    "Point",
    "Recalibrated",
    "choose",
    "cross_validate",
    "decided_out_of_fold",
    "fit",
    "leaves_no_choice",
    "points",
    "recalibrate",
    "search_points",
]
