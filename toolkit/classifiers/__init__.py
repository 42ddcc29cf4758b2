"""Classifiers: they learn, answer, save, restore, and name their packages; one protocol, one module for each kind."""

from toolkit.classifiers.base import Classifier, build, packages, restore
from toolkit.classifiers.kinds import AnyModel

__all__ = ["AnyModel", "Classifier", "build", "packages", "restore"]
