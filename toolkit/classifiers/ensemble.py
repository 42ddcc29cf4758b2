"""Averaged or stacked probabilities of several classifiers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.classifiers.base import NOWHERE, Classifier, Work
from toolkit.classifiers.heads import LinearHead, load_skops, save_skops
from toolkit.config import EnsembleModel, LogisticRegression
from toolkit.labels import LabelScheme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["Ensemble"]

_HEAD = "stack.skops"
Builder = Callable[[], Classifier]


class Ensemble:
    """Asks every member; the answer is their (weighted) mean, or that of a logistic regression on all of them.

    Stacking (Wolpert 1992) learns from out-of-fold answers of the members, made with the grouped folds of the training
    part, so that a member that merely remembers is not believed.
    """

    thresholds = None

    def __init__(self, config: EnsembleModel, scheme: LabelScheme, builders: Mapping[str, Builder], seed: int) -> None:
        self.config = config
        self.multi_label = scheme.multi_label
        self._builders = builders
        self._members: dict[str, Classifier] = {}
        head = LogisticRegression(kind="logistic_regression", class_weight=None)
        self._head = LinearHead(head, len(scheme.labels), scheme.multi_label, seed)

    def fit(self, texts: Sequence[str], targets: NDArray[Any], folds: NDArray[np.int64], work: Work = NOWHERE) -> None:
        """Fit every member; with stacking, once per fold besides."""
        import numpy as np

        if self.config.method == "stack":
            columns = [np.zeros(targets.shape) for _ in self._builders]
            for fold in np.unique(folds):
                inside, outside = (folds != fold).nonzero()[0], (folds == fold).nonzero()[0]
                for column, (name, build) in zip(columns, self._builders.items(), strict=True):
                    member = build()
                    place = _below(work, f"{name}-{fold}")
                    member.fit([texts[i] for i in inside], targets[inside], folds[inside], place)
                    column[outside] = member.predict_proba([texts[i] for i in outside])
            self._head.fit(_odds(columns), targets, folds)
        for name, build in self._builders.items():
            self._members[name] = build()
            self._members[name].fit(texts, targets, folds, _below(work, name))

    def predict_proba(self, texts: Sequence[str]) -> Matrix:
        """Return probabilities, (n, labels)."""
        import numpy as np

        answers = [member.predict_proba(texts) for member in self._members.values()]
        if self.config.method == "stack":
            return self._head.predict_proba(_odds(answers))
        mean: Matrix = np.average(np.stack(answers), axis=0, weights=self.config.weights)
        return mean

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Write every member into a folder of its own, and the stacking head."""
        told: dict[str, Any] = {}
        for number, (name, member) in enumerate(self._members.items()):
            place = folder / f"member-{number}"
            place.mkdir()
            told[name] = dict(member.save(place))
        if self.config.method == "stack":
            save_skops(self._head.estimator, folder / _HEAD)
        return {"members": told, **self._head.told()}

    @classmethod
    def restore(
        cls,
        config: EnsembleModel,
        scheme: LabelScheme,
        folder: Path,
        restored: Mapping[str, Classifier],
        told: Mapping[str, Any],
    ) -> Ensemble:
        """Put restored members together again; ``restored`` holds them by name."""
        from sklearn.base import BaseEstimator

        ensemble = cls(config, scheme, {}, seed=0)
        ensemble._members = dict(restored)
        if config.method == "stack":
            ensemble._head.restored(load_skops(folder / _HEAD, BaseEstimator), told)
        return ensemble


def _below(work: Work, name: str) -> Work:
    if work.folder is None:
        return work
    place = work.folder / name
    place.mkdir(parents=True, exist_ok=True)
    return Work(place, work.tell, work.threads)


def _odds(columns: Sequence[Matrix]) -> Matrix:
    """Return the log odds of all members side by side, (n, members x labels)."""
    import numpy as np

    p = np.clip(np.concatenate(columns, axis=1), 1e-4, 1 - 1e-4)
    odds: Matrix = np.log(p) - np.log1p(-p)
    return odds
