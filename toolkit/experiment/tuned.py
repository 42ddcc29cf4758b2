"""One training part of one model: searched, cross-validated, settled and fitted, going on where a kill stopped it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.classifiers import (
    NO_CALIBRATION,
    Classifier,
    CrossValidated,
    Point,
    Settled,
    Work,
    build,
    cross_validate,
    search_points,
    settle,
)
from toolkit.config import ModelConfig, TuningConfig
from toolkit.labels import LabelScheme
from toolkit.storage import Journal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Tuned", "settles_itself", "tune"]


@dataclass(frozen=True, slots=True)
class Tuned:
    """What cross-validation chose, what it tried, and the classifier fitted with it on the whole training part."""

    point: Point
    score: float | None
    """The cross-validated figure; None where it was not asked for and nothing had to be chosen by it."""
    tried: tuple[tuple[Mapping[str, Any], tuple[float, ...] | None], ...]
    """Per point, the values and the figure of every repeat; None where it was given up."""
    settled: Settled
    classifier: Classifier

    @property
    def thresholds(self) -> tuple[float, ...] | None:
        """Where each label is given: the classifier's own, else the tuned ones."""
        return self.classifier.thresholds or self.settled.thresholds


def tune(
    model: ModelConfig,
    scheme: LabelScheme,
    read: Callable[[ModelConfig], Sequence[str]],
    targets: NDArray[np.int64],
    lessons: NDArray[np.float64],
    folds: Sequence[NDArray[np.int64]],
    *,
    tuning: TuningConfig,
    seed: int,
    journal: Journal,
    key: str,
    work: Work,
    on_fit: Callable[[], None],
    on_trial: Callable[[Point, float | None], None] = lambda point, figure: None,
    compare: bool = True,
) -> Tuned:
    """Choose a point of the model's search space by out-of-fold predictions, and fit it on the training part.

    ``targets`` are what is scored and ``lessons`` what is learnt, both (n, labels). ``read`` gives the texts that a
    model reads; the first of equal points wins. Steps that the ``journal`` holds under ``key`` are not done again.
    Without ``compare``, a model that has nothing to choose is fitted and not cross-validated.
    """
    threshold = _threshold(model)
    own = Work(journal.place(f"{key}/fit"), work.tell, work.threads)
    if not compare and settles_itself(model, scheme):
        only = Point(0, {}, model)
        given = None if threshold is None or not scheme.multi_label else (threshold,) * len(scheme.labels)
        classifier = build(model, scheme, seed)
        classifier.fit(read(model), lessons, folds[0], own)
        on_fit()
        return Tuned(only, None, ((only.values, None),), Settled(NO_CALIBRATION, given), classifier)
    found: dict[int, CrossValidated] = {}

    def validate(point: Point, report: Callable[[float, int], None] | None = None) -> CrossValidated:
        # Fits are told apart by what is fitted, so that a point that comes again is not fitted again.
        name = f"{key}/{point.model.model_dump_json(exclude={'search'})}"
        return cross_validate(
            lambda: build(point.model, scheme, seed),
            read(point.model),
            targets,
            folds,
            multi_label=scheme.multi_label,
            metric=tuning.metric,
            lessons=lessons,
            calibration=point.model.calibration,
            threshold=_threshold(point.model),
            journal=journal,
            key=name,
            work=work,
            on_fit=on_fit,
            report=report,
        )

    def evaluate(point: Point, report: Callable[[float, int], None] | None) -> float:
        found[point.number] = validate(point, report)
        return found[point.number].score

    place = journal.place(f"{key}/search")
    tried: list[tuple[Point, float | None]] = []
    for point, figure in search_points(model, seed, evaluate, place / "study.sqlite" if place else None):
        tried.append((point, figure))
        on_trial(point, figure)
    finished = [(point, figure) for point, figure in tried if figure is not None]
    for point, _ in finished:
        if point.number not in found:  # evaluated before a kill: its fits are in the journal
            found[point.number] = validate(point)
    best, score = max(finished, key=lambda item: (item[1], -item[0].number))
    settled = settle(
        found[best.number],
        targets,
        multi_label=scheme.multi_label,
        calibration=best.model.calibration,
        threshold=_threshold(best.model),
    )
    classifier = build(best.model, scheme, seed)
    classifier.fit(read(best.model), lessons, folds[0], own)
    rows = tuple((point.values, found[point.number].scores if point.number in found else None) for point, _ in tried)
    return Tuned(best, score, rows, settled, classifier)


def settles_itself(model: ModelConfig, scheme: LabelScheme) -> bool:
    """Say whether a model has nothing to choose by cross-validation: no search, no calibration, no thresholds."""
    decided = _threshold(model) is not None or not scheme.multi_label
    return model.search is None and model.calibration == "none" and decided


def _threshold(model: ModelConfig) -> float | None:
    return model.thresholds if isinstance(model.thresholds, float) else None
