"""What every classifier of the toolkit can do, and from settings to a classifier, fresh or restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from toolkit.labels import LabelScheme
from toolkit.settings import ModelSettings
from toolkit.work import NOWHERE, Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["KINDS", "Classifier", "build", "packages", "restore"]


class Classifier(Protocol):
    """Learns from texts (:class:`toolkit.inputs.Input`) and a target matrix, answers with a probability for every
    label. It is made of its settings, a label scheme and a seed.
    """

    Settings: ClassVar[type[ModelSettings]]

    @property
    def thresholds(self) -> tuple[float, ...] | None:
        """Per label, where a classifier's own rule decides in multi-label schemes; None: tuned out of fold."""

    def fit(self, texts: Sequence[str], targets: NDArray[Any], folds: NDArray[np.int64], work: Work = NOWHERE) -> None:
        """Learn. ``targets`` is (n, labels) of 0 to 1: 0 and 1, or the shares of annotators who gave a label;
        classifiers that cannot learn from shares round them. ``folds`` (n,) names the grouped fold of every text, for
        classifiers that calibrate, stop early or stack inside.
        """

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities, (n, labels); the rows of a single-label scheme sum to 1."""

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Write what was learnt into a folder; return the plain values that belong beside it."""

    @classmethod
    def restore(cls, config: Any, scheme: LabelScheme, folder: Path, told: Mapping[str, Any]) -> Classifier:
        """Return a classifier as it was saved: ``told`` is what :meth:`save` returned.

        Raises ModelError for files, and ValueError, LookupError or TypeError for values that cannot be.
        """

    @staticmethod
    def packages(config: Any) -> tuple[str, ...]:
        """Name the packages that a model of this kind needs to be served, besides what all of them need."""


KINDS: dict[type[ModelSettings], Any] = {}
"""The class of every kind by its settings; ``toolkit.classifiers.kinds`` names them."""


def build(config: ModelSettings, scheme: LabelScheme, seed: int) -> Classifier:
    """Return a fresh classifier."""
    classifier: Classifier = KINDS[type(config)](config, scheme, seed)
    return classifier


def restore(config: ModelSettings, scheme: LabelScheme, folder: Path, told: Mapping[str, Any]) -> Classifier:
    """Return a classifier as it was saved in a folder. Raises ModelError."""
    classifier: Classifier = KINDS[type(config)].restore(config, scheme, folder, told)
    return classifier


def packages(config: ModelSettings) -> tuple[str, ...]:
    """Return what a model needs to be served, besides what all of them need."""
    found: tuple[str, ...] = KINDS[type(config)].packages(config)
    return found
