"""A model told anew how to decide on a new source, judged before and after by statements that taught it nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.answers import Answers, indicator
from toolkit.errors import DataError
from toolkit.evaluation import Evaluation, LabelCalibration, Resampling, evaluate, evaluate_calibration
from toolkit.inputs import read_by
from toolkit.model import StanceModel
from toolkit.records import Labels, Statement
from toolkit.splits import linked_groups
from toolkit.tuning import recalibrate

__all__ = ["Recalibration", "recalibrated"]

_NEAR = 0.8
"""Articles with statements whose word trigrams agree so far lie in one fold, as in experiments."""


@dataclass(frozen=True)
class Recalibration:
    """The new model, and the figures of the old and of the new way to decide on the same statements.

    Those of the new way are cross-fitted: no statement was decided by what it, or its article, had taught.
    """

    model: StanceModel
    before: Evaluation
    after: Evaluation
    calibration_before: tuple[LabelCalibration, ...]
    calibration_after: tuple[LabelCalibration, ...]
    answers: Answers
    """The cross-fitted answers."""
    kept: tuple[str, ...]
    folds: int


def recalibrated(
    model: StanceModel,
    labelled: Sequence[tuple[Statement, Labels]],
    *,
    method: str = "sigmoid",
    folds: int = 5,
    resampling: Resampling,
) -> Recalibration:
    """Learn how a model is to decide from labelled statements, and say what that changes.

    Raises DataError or SplitError where there are too few statements, examples or articles.
    """
    scheme, statements = model.scheme, [statement for statement, _ in labelled]
    if not statements:
        raise DataError(f"no statement has a gold label in {scheme.name}.")
    gold = indicator([labels.by_scheme[scheme.name] for _, labels in labelled], scheme.label_names)
    articles = [one.article_id for one in statements]
    raw = model.classifier.predict_proba(read_by(model.config, statements))
    groups = linked_groups(articles, [one.text for one in statements], _NEAR)
    learnt = recalibrate(raw, gold, groups, model.decision, scheme, method=method, folds=folds, seed=resampling.seed)
    columns = dataclasses.replace(model.columns(), abstains=False)
    old, new = Answers(columns, *model.decision.of(raw)), Answers(columns, learnt.probabilities, learnt.given)

    def judged(answers: Answers) -> Evaluation:
        return evaluate(gold, answers, articles, multi_label=scheme.multi_label, resampling=resampling)

    return Recalibration(
        model=dataclasses.replace(model, decision=learnt.decision),
        before=judged(old),
        after=judged(new),
        calibration_before=evaluate_calibration(gold, old, articles, resampling=resampling),
        calibration_after=evaluate_calibration(gold, new, articles, resampling=resampling),
        answers=new,
        kept=learnt.kept,
        folds=learnt.folds,
    )
