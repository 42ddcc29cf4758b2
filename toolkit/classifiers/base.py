"""What every classifier of the toolkit can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Classifier"]


class Classifier(Protocol):
    """Learns from texts and a target matrix, answers with a probability for every label."""

    @property
    def thresholds(self) -> tuple[float, ...] | None:
        """Per label, where a classifier's own rule decides in multi-label schemes; None: tuned out of fold."""

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64], folds: NDArray[np.int64]) -> None:
        """Learn. ``targets`` is (n, labels) of 0 and 1; ``folds`` (n,) names the grouped fold of every text, for
        classifiers that calibrate inside.
        """

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities, (n, labels); the rows of a single-label scheme sum to 1."""

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Write what was learnt into a folder; return the plain values that belong beside it."""
