"""From the settings of a model to a fitted classifier that knows how it decides."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.classifiers import Classifier, build
from toolkit.decisions import NO_CALIBRATION, Decision
from toolkit.labels import LabelScheme
from toolkit.settings import ModelSettings
from toolkit.tuning.cross_validation import SO_FAR, CrossValidated, Examples, cross_validate, threshold_of
from toolkit.tuning.search import Point, Report, search_points
from toolkit.work import NOWHERE, Listener, Silent, Work

__all__ = ["Chosen", "choose", "fit", "leaves_no_choice"]


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """What cross-validation chose, what it tried, and the classifier fitted with it on the whole training part."""

    point: Point
    score: float | None
    """The cross-validated figure; None where nothing was compared."""
    tried: tuple[tuple[Mapping[str, Any], tuple[float, ...] | None], ...]
    """Per point, the values and the figure of every repeat; None where it was given up."""
    classifier: Classifier
    decision: Decision


def choose(
    model: ModelSettings, scheme: LabelScheme, examples: Examples, *, metric: str, seed: int, work: Work = NOWHERE
) -> Chosen:
    """Choose a point of the model's search space by out-of-fold predictions, and fit it on the training part.

    The first of equal points wins. Its calibration and thresholds are learnt from all its out-of-fold answers. Steps
    that ``work`` has kept are not done again.
    """
    found: dict[int, CrossValidated] = {}

    def validate(point: Point, report: Report | None = None) -> float:
        # Fits are told apart by what is fitted, so that a point that comes again is not fitted again.
        part = work.below(point.model.model_dump_json(exclude={"search"}))
        if report is not None:
            part = part.heard_by(_Reporting(work.listener, report))
        found[point.number] = cross_validate(point.model, scheme, examples, metric=metric, seed=seed, work=part)
        return found[point.number].score

    folder = work.below("search").folder if model.search is not None else None
    tried: list[tuple[Point, float | None]] = []
    for point, figure in search_points(model, seed, validate, folder / "study.sqlite" if folder else None):
        tried.append((point, figure))
        work.listener.tried(point.number, point.values, figure)
    finished = [(point, figure) for point, figure in tried if figure is not None]
    for point, _ in finished:
        if point.number not in found:  # evaluated before a kill: its fits are kept
            validate(point)
    best, score = max(finished, key=lambda item: (item[1], -item[0].number))
    rows = tuple((point.values, found[point.number].scores if point.number in found else None) for point, _ in tried)
    decision = _decision(best.model, scheme, examples, found[best.number])
    return Chosen(best, score, rows, *_fitted(best.model, scheme, examples, decision, seed, work))


def fit(model: ModelSettings, scheme: LabelScheme, examples: Examples, *, seed: int, work: Work = NOWHERE) -> Chosen:
    """Fit a model that leaves nothing to choose (:func:`leaves_no_choice`), without a figure of its own."""
    threshold = threshold_of(model)
    given = None if threshold is None or not scheme.multi_label else (threshold,) * len(scheme.labels)
    fitted = _fitted(model, scheme, examples, Decision(NO_CALIBRATION, given), seed, work)
    work.listener.step()
    return Chosen(Point(0, {}, model), None, (({}, None),), *fitted)


def leaves_no_choice(model: ModelSettings, scheme: LabelScheme) -> bool:
    """Say whether a model has nothing to choose by cross-validation: no search, no calibration, no thresholds."""
    decided = threshold_of(model) is not None or not scheme.multi_label
    return model.search is None and model.calibration == "none" and decided


def _decision(model: ModelSettings, scheme: LabelScheme, examples: Examples, found: CrossValidated) -> Decision:
    """Learn from all out-of-fold answers how a candidate decides."""
    import numpy as np

    decision = Decision.learn(
        np.concatenate(found.probabilities),
        np.concatenate([examples.targets] * len(found.probabilities)),
        multi_label=scheme.multi_label,
        calibration=model.calibration,
        threshold=threshold_of(model),
    )
    return decision if found.decided[0] is None else dataclasses.replace(decision, thresholds=None)


def _fitted(
    model: ModelSettings, scheme: LabelScheme, examples: Examples, decision: Decision, seed: int, work: Work
) -> tuple[Classifier, Decision]:
    """Fit on the whole training part; a classifier that brings thresholds of its own decides by them."""
    classifier = build(model, scheme, seed)
    classifier.fit(examples.read(model), examples.learnt, examples.folds[0], work.below("fit"))
    thresholds = classifier.thresholds or decision.thresholds
    return classifier, dataclasses.replace(decision, thresholds=thresholds, abstain_below=model.abstain_below)


class _Reporting(Silent):
    """Hands the figure of a candidate that may be given up to the search, and passes on whatever else it hears."""

    def __init__(self, listener: Listener, report: Report) -> None:
        self.listener, self.report = listener, report

    def step(self) -> None:
        """Pass it on."""
        self.listener.step()

    def tell(self, name: str, value: float, at: int) -> None:
        """Report the figure so far, which may raise; pass on every other."""
        if name == SO_FAR:
            self.report(value, at)
        else:
            self.listener.tell(name, value, at)
