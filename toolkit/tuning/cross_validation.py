"""Repeated grouped cross-validation inside the training part.

Nothing here ever sees the held-out part. The cross-validated figure of a candidate uses, for each fold, a calibration
and thresholds that were learnt on the other folds, so that it is not flattered by its own.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.classifiers import build
from toolkit.decisions import Decision, decide
from toolkit.labels import LabelScheme
from toolkit.settings import ModelSettings
from toolkit.work import NOWHERE, Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Given = NDArray[np.int64]
    _Arrays = dict[str, NDArray[Any]]

__all__ = ["SO_FAR", "CrossValidated", "Examples", "cross_validate", "decided_out_of_fold", "threshold_of"]

SO_FAR = "average_precision so far"
"""The figure that is told after every fit of a candidate that may be given up."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """One training part: the texts that a model reads, by its settings, what is scored, what is learnt, and the folds.

    ``targets`` (0 and 1) and ``learnt`` (0 to 1) are (n, labels); they differ where annotators do. ``folds`` holds one
    (n,) array of fold numbers per repeat.
    """

    read: Callable[[ModelSettings], Sequence[str]]
    targets: Given
    learnt: Matrix
    folds: Sequence[NDArray[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidated:
    """Out-of-fold answers of one candidate, a matrix (n, labels) per repeat, and its figure in every repeat.

    ``decided`` is None where thresholds are to be tuned, and holds decisions of classifiers that bring their own.
    """

    probabilities: tuple[Matrix, ...]
    decided: tuple[Given | None, ...]
    scores: tuple[float, ...]

    @property
    def score(self) -> float:
        """The mean figure over repeats."""
        return sum(self.scores) / len(self.scores)


def cross_validate(
    model: ModelSettings, scheme: LabelScheme, examples: Examples, *, metric: str, seed: int, work: Work = NOWHERE
) -> CrossValidated:
    """Fit once per fold and repeat, and predict what was left out; fits that ``work`` has kept are not done again.

    A candidate that may be given up tells the micro-averaged average precision of all that was predicted so far
    (:data:`SO_FAR`); whoever listens may raise to give it up.
    """
    import numpy as np

    texts, prunes = examples.read(model), model.search is not None and model.search.prune
    answers: list[Matrix] = []
    decisions: list[Given | None] = []
    fits = itertools.count()
    for repeat, folds in enumerate(examples.folds):
        probabilities, decided = np.zeros(examples.targets.shape), np.zeros_like(examples.targets)
        own, seen = False, np.zeros(len(folds), dtype=bool)
        for fold in np.unique(folds):
            outside = folds == fold

            def answer(part: Work, folds: NDArray[np.int64] = folds, outside: NDArray[np.bool_] = outside) -> _Arrays:
                classifier, inside = build(model, scheme, seed), ~outside
                classifier.fit(_of(texts, inside), examples.learnt[inside], folds[inside], part)
                found = {"probabilities": classifier.predict_proba(_of(texts, outside))}
                if classifier.thresholds is not None:
                    found["thresholds"] = np.array(classifier.thresholds)
                return found

            found = work.once(f"repeat {repeat}/fold {fold}", answer)
            probabilities[outside] = found["probabilities"]
            if "thresholds" in found:
                own = True
                decided[outside] = decide(probabilities[outside], found["thresholds"])
            work.listener.step()
            seen |= outside
            at = next(fits)
            if prunes and examples.targets[seen].any():
                work.listener.tell(SO_FAR, _precision(examples.targets[seen], probabilities[seen], "micro"), at)
        answers.append(probabilities)
        decisions.append(decided if own else None)
    learn = functools.partial(
        Decision.learn,
        multi_label=scheme.multi_label,
        calibration=model.calibration,
        threshold=threshold_of(model),
    )
    scores = tuple(
        _score(learn, metric, examples.targets, answer, decided, folds)
        for answer, decided, folds in zip(answers, decisions, examples.folds, strict=True)
    )
    return CrossValidated(tuple(answers), tuple(decisions), scores)


def threshold_of(model: ModelSettings) -> float | None:
    """Return where the settings say that every label is given; None where it is tuned, or rules decide."""
    return model.thresholds if isinstance(model.thresholds, float) else None


def _of(texts: Sequence[str], where: Iterable[bool]) -> list[str]:
    return list(itertools.compress(texts, where))


def decided_out_of_fold(
    model: ModelSettings, scheme: LabelScheme, examples: Examples, found: CrossValidated
) -> tuple[Matrix, Given]:
    """Return probabilities and decisions (n, labels) of the first repeat.

    Each fold is decided by what was learnt on the others.
    """
    learn = functools.partial(
        Decision.learn,
        multi_label=scheme.multi_label,
        calibration=model.calibration,
        threshold=threshold_of(model),
    )
    corrected, given = _decide_out_of_fold(learn, examples.targets, found.probabilities[0], examples.folds[0])
    return corrected, given if found.decided[0] is None else found.decided[0]


def _decide_out_of_fold(
    learn: Callable[[Matrix, Given], Decision], targets: Given, probabilities: Matrix, folds: NDArray[np.int64]
) -> tuple[Matrix, Given]:
    import numpy as np

    corrected, given = np.zeros_like(probabilities), np.zeros_like(targets)
    for fold in np.unique(folds):
        inside, outside = folds != fold, folds == fold
        decision = learn(probabilities[inside], targets[inside])
        corrected[outside], given[outside] = decision.of(probabilities[outside])
    return corrected, given


def _score(
    learn: Callable[[Matrix, Given], Decision],
    metric: str,
    targets: Given,
    probabilities: Matrix,
    decided: Given | None,
    folds: NDArray[np.int64],
) -> float:
    from sklearn.metrics import f1_score

    corrected, given = _decide_out_of_fold(learn, targets, probabilities, folds)
    given = given if decided is None else decided
    present = targets.any(axis=0)  # a label without an example has no figure
    if metric == "macro_average_precision":
        return _precision(targets[:, present], corrected[:, present], "macro")
    average = metric.removesuffix("_f1")
    return float(f1_score(targets[:, present], given[:, present], average=average, zero_division=0))


def _precision(targets: Given, probabilities: Matrix, average: str) -> float:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(targets, probabilities, average=average))
