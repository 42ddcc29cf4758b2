"""Repeated grouped cross-validation inside the training part: hyper-parameters, calibration, decision thresholds.

Nothing here ever sees the held-out part. The cross-validated figure of a candidate uses, for each fold, a calibration
and thresholds that were learnt on the other folds, so that it is not flattered by its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.classifiers.base import NOWHERE, Classifier, Work
from toolkit.classifiers.calibration import Calibration
from toolkit.storage import Journal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Decisions = NDArray[np.int64]

__all__ = ["CrossValidated", "Settled", "cross_validate", "decide", "settle", "tune_thresholds"]


@dataclass(frozen=True, slots=True)
class CrossValidated:
    """Out-of-fold answers of one candidate, a matrix (n, labels) per repeat, and its figure in every repeat.

    ``decided`` is None where thresholds are to be tuned, and holds decisions of classifiers that bring their own.
    """

    probabilities: tuple[Matrix, ...]
    decided: tuple[Decisions | None, ...]
    scores: tuple[float, ...]

    @property
    def score(self) -> float:
        """The mean figure over repeats."""
        return sum(self.scores) / len(self.scores)


@dataclass(frozen=True, slots=True)
class Settled:
    """What turns a classifier's probabilities into decisions; thresholds are None where the most probable label
    wins.
    """

    calibration: Calibration
    thresholds: tuple[float, ...] | None


def cross_validate(
    builder: Callable[[], Classifier],
    texts: Sequence[str],
    targets: Decisions,
    folds: Sequence[NDArray[np.int64]],
    *,
    multi_label: bool,
    metric: str,
    lessons: Matrix | None = None,
    calibration: str = "none",
    threshold: float | None = None,
    journal: Journal | None = None,
    key: str = "",
    work: Work = NOWHERE,
    on_fit: Callable[[], None] = lambda: None,
    report: Callable[[float, int], None] | None = None,
) -> CrossValidated:
    """Fit once per fold and repeat, and predict what was left out.

    ``folds`` holds one (n,) array of fold numbers per repeat. ``lessons``, (n, labels), is what is learnt where that is
    not what is scored. Fits whose result the ``journal`` holds under ``key``
    are not done again. ``on_fit`` is called after every fit, and ``report`` with the micro-averaged average precision
    of all that was predicted so far; it may raise to give the candidate up.
    """
    import numpy as np
    from sklearn.metrics import average_precision_score

    journal = journal or Journal()
    learnt = targets if lessons is None else lessons
    answers: list[Matrix] = []
    decisions: list[Decisions | None] = []
    steps = itertools.count()
    for repeat, dealt in enumerate(folds):
        probabilities, decided = np.zeros(targets.shape, dtype=np.float64), np.zeros_like(targets)
        own, seen = False, np.zeros(len(dealt), dtype=bool)
        for fold in np.unique(dealt):
            outside = dealt == fold
            name = f"{key}/repeat {repeat}/fold {fold}"
            found = journal.recall(name)
            if found is None:
                place = Work(journal.place(name), work.tell, work.threads)
                found = _fit_predict(builder(), texts, learnt, dealt, outside, place)
                journal.keep(name, **found)
            probabilities[outside] = found["probabilities"]
            if "thresholds" in found:
                own = True
                decided[outside] = decide(probabilities[outside], found["thresholds"])
            on_fit()
            seen |= outside
            step = next(steps)
            if report is not None and targets[seen].any():
                report(float(average_precision_score(targets[seen], probabilities[seen], average="micro")), step)
        answers.append(probabilities)
        decisions.append(decided if own else None)
    scores = tuple(
        _score(probabilities, decided, targets, dealt, multi_label, metric, calibration, threshold)
        for probabilities, decided, dealt in zip(answers, decisions, folds, strict=True)
    )
    return CrossValidated(tuple(answers), tuple(decisions), scores)


def _fit_predict(
    classifier: Classifier,
    texts: Sequence[str],
    targets: Decisions | Matrix,
    folds: NDArray[np.int64],
    outside: NDArray[np.bool_],
    work: Work,
) -> dict[str, Matrix]:
    import numpy as np

    inside = ~outside
    classifier.fit(list(itertools.compress(texts, inside)), targets[inside], folds[inside], work)
    found = {"probabilities": classifier.predict_proba(list(itertools.compress(texts, outside)))}
    if classifier.thresholds is not None:
        found["thresholds"] = np.array(classifier.thresholds)
    return found


def settle(
    found: CrossValidated,
    targets: Decisions,
    *,
    multi_label: bool,
    calibration: str = "none",
    threshold: float | None = None,
) -> Settled:
    """Learn the calibration and the thresholds of the chosen candidate from all its out-of-fold answers.

    ``threshold`` is where every label is given; None tunes it for each.
    """
    import numpy as np

    stacked = np.concatenate(found.probabilities)
    repeated = np.concatenate([targets] * len(found.probabilities))
    settled = _settled(stacked, repeated, multi_label, calibration, threshold)
    return settled if found.decided[0] is None else Settled(settled.calibration, None)


def _settled(
    probabilities: Matrix, targets: Decisions, multi_label: bool, calibration: str, threshold: float | None
) -> Settled:
    learnt = Calibration.learn(calibration, probabilities, targets, multi_label)
    if not multi_label:
        return Settled(learnt, None)
    if threshold is not None:
        return Settled(learnt, (threshold,) * targets.shape[1])
    return Settled(learnt, tuple(float(t) for t in tune_thresholds(learnt.apply(probabilities), targets)))


def _score(
    probabilities: Matrix,
    decided: Decisions | None,
    targets: Decisions,
    folds: NDArray[np.int64],
    multi_label: bool,
    metric: str,
    calibration: str,
    threshold: float | None,
) -> float:
    import numpy as np
    from sklearn.metrics import average_precision_score, f1_score

    corrected, answer = np.zeros_like(probabilities), np.zeros_like(targets)
    for fold in np.unique(folds):
        inside, outside = folds != fold, folds == fold
        settled = _settled(probabilities[inside], targets[inside], multi_label, calibration, threshold)
        corrected[outside] = settled.calibration.apply(probabilities[outside])
        answer[outside] = decide(corrected[outside], settled.thresholds)
    answer = answer if decided is None else decided
    present = targets.any(axis=0)  # a label without an example has no figure
    if metric == "macro_average_precision":
        return float(average_precision_score(targets[:, present], corrected[:, present], average="macro"))
    average = metric.removesuffix("_f1")
    return float(f1_score(targets[:, present], answer[:, present], average=average, zero_division=0))


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
