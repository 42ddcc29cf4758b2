"""Classifiers: one protocol, a plain dictionary from kind to builder, and the tuning that all of them share."""

from toolkit.classifiers.base import Classifier, Input, Work
from toolkit.classifiers.build import build, restore
from toolkit.classifiers.calibration import NO_CALIBRATION, Calibration
from toolkit.classifiers.search import Point, points, search_points
from toolkit.classifiers.tuning import CrossValidated, Settled, cross_validate, decide, settle

__all__ = [
    "NO_CALIBRATION",
    "Calibration",
    "Classifier",
    "CrossValidated",
    "Input",
    "Point",
    "Settled",
    "Work",
    "build",
    "cross_validate",
    "decide",
    "points",
    "restore",
    "search_points",
    "settle",
]
