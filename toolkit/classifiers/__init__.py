"""Classifiers: one protocol, a plain dictionary from kind to builder, and the tuning that all of them share."""

from toolkit.classifiers.base import Classifier
from toolkit.classifiers.build import build, candidates, restore
from toolkit.classifiers.tuning import Tuned, decide, tune

__all__ = ["Classifier", "Tuned", "build", "candidates", "decide", "restore", "tune"]
