"""Repeated grouped cross-validation inside the training part: hyper-parameters and decision thresholds.

Nothing here ever sees the held-out part. The cross-validated figure of a candidate uses, for each fold, thresholds
that were tuned on the other folds, so that it is not flattered by its own thresholds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.classifiers.base import Classifier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Tuned", "decide", "tune", "tune_thresholds"]


@dataclass(frozen=True, slots=True)
class Tuned:
    """What cross-validation chose, and the figures it chose by."""

    index: int
    """Position of the chosen candidate."""
    thresholds: tuple[float, ...] | None
    """Per label; None in single-label schemes, where the most probable label wins, and for classifiers that bring
    their own."""
    score: float
    """The chosen candidate's figure, mean over repeats."""
    scores: tuple[tuple[float, ...], ...]
    """Per candidate, the figure of every repeat."""


def tune(
    builders: Sequence[Callable[[], Classifier]],
    texts: Sequence[str],
    targets: NDArray[np.int64],
    folds: Sequence[NDArray[np.int64]],
    *,
    multi_label: bool,
    metric: str,
    on_fit: Callable[[], None] = lambda: None,
) -> Tuned:
    """Choose among candidates by out-of-fold predictions.

    ``folds`` holds one (n,) array of fold numbers per repeat. The first of equal candidates wins.
    ``on_fit`` is called after every fit.
    """
    import numpy as np

    answers = [[_out_of_fold(builder, texts, targets, fold, on_fit) for fold in folds] for builder in builders]
    scores = [
        tuple(_score(*answer, targets, fold, multi_label, metric) for answer, fold in zip(repeats, folds, strict=True))
        for repeats in answers
    ]
    means = [float(np.mean(per_repeat)) for per_repeat in scores]
    best = int(np.argmax(means))
    thresholds = None
    if multi_label and answers[best][0][1] is None:
        stacked = np.concatenate([probabilities for probabilities, _ in answers[best]])
        thresholds = tuple(float(t) for t in tune_thresholds(stacked, np.concatenate([targets] * len(folds))))
    return Tuned(best, thresholds, means[best], tuple(scores))


def _out_of_fold(
    builder: Callable[[], Classifier],
    texts: Sequence[str],
    targets: NDArray[np.int64],
    folds: NDArray[np.int64],
    on_fit: Callable[[], None],
) -> tuple[NDArray[np.float64], NDArray[np.int64] | None]:
    """Return out-of-fold probabilities, and the decisions where the classifier brings its own thresholds."""
    import numpy as np

    probabilities = np.zeros(targets.shape, dtype=np.float64)
    decided: NDArray[np.int64] | None = None
    for fold in np.unique(folds):
        inside, outside = (folds != fold).nonzero()[0], (folds == fold).nonzero()[0]
        classifier = builder()
        classifier.fit([texts[i] for i in inside], targets[inside], folds[inside])
        probabilities[outside] = classifier.predict_proba([texts[i] for i in outside])
        if classifier.thresholds is not None:
            decided = np.zeros_like(targets) if decided is None else decided
            decided[outside] = decide(probabilities[outside], classifier.thresholds)
        on_fit()
    return probabilities, decided


def _score(
    probabilities: NDArray[np.float64],
    decided: NDArray[np.int64] | None,
    targets: NDArray[np.int64],
    folds: NDArray[np.int64],
    multi_label: bool,
    metric: str,
) -> float:
    import numpy as np
    from sklearn.metrics import average_precision_score, f1_score

    if metric == "macro_average_precision":
        return float(average_precision_score(targets, probabilities, average="macro"))
    if decided is None:
        decided = np.zeros_like(targets)
        for fold in np.unique(folds):
            inside, outside = folds != fold, folds == fold
            thresholds = tune_thresholds(probabilities[inside], targets[inside]) if multi_label else None
            decided[outside] = decide(probabilities[outside], thresholds)
    # Every label has training examples (splits.need_support), so each F1 is defined.
    return float(f1_score(targets, decided, average=metric.removesuffix("_f1"), zero_division=0))


def tune_thresholds(probabilities: NDArray[np.float64], targets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for every label the threshold with the best F1: (n, labels) twice in, (labels,) out.

    A threshold lies half-way between the last probability that passes and the next one below. A label whose best F1
    is 0 (no examples) gets 1.0 and is never given.
    """
    import numpy as np

    thresholds = np.ones(probabilities.shape[1])
    for k in range(probabilities.shape[1]):
        order = np.argsort(-probabilities[:, k], kind="stable")
        scores, hits = probabilities[order, k], np.cumsum(targets[order, k])
        f1 = 2 * hits / (np.arange(1, len(order) + 1) + hits[-1])
        # A cut inside a run of equal probabilities cannot be made.
        f1[:-1][scores[:-1] == scores[1:]] = -1.0
        last = int(np.argmax(f1))
        if f1[last] > 0:
            below = scores[last + 1] if last + 1 < len(scores) else 0.0
            thresholds[k] = (scores[last] + below) / 2
    return thresholds


def decide(
    probabilities: NDArray[np.float64], thresholds: Sequence[float] | NDArray[np.float64] | None
) -> NDArray[np.int64]:
    """Turn probabilities, (n, labels), into decisions of 0 and 1.

    With thresholds, every label whose probability reaches its own; without, the most probable label.
    """
    import numpy as np

    if thresholds is not None:
        return (probabilities >= np.asarray(thresholds)).astype(np.int64)
    decided = np.zeros(probabilities.shape, dtype=np.int64)
    decided[np.arange(len(probabilities)), probabilities.argmax(axis=1)] = 1
    return decided
