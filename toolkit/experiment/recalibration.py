"""A model told anew how to decide on a new source, judged before and after by statements that taught it nothing."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.answers import Answers, indicator
from toolkit.classifiers import packages
from toolkit.errors import DataError
from toolkit.evaluation import Evaluation, LabelCalibration, Resampling, evaluate, evaluate_calibration
from toolkit.evaluation.comparison.paired import Difference, compare_models
from toolkit.experiment.headline import figures_csv, headline
from toolkit.inputs import read_by
from toolkit.model import StanceModel
from toolkit.records import Labels, Statement
from toolkit.splits import linked_groups
from toolkit.storage import record_row, statement_table
from toolkit.tracking import (
    ModelRun,
    Registered,
    Store,
    Table,
    experiment_run,
    log_experiment,
    model_run,
    provenance,
    register_candidate,
    requirements,
)
from toolkit.tuning import recalibrate

__all__ = ["Recalibration", "log_recalibration", "recalibrated"]

_NAME = "recalibration"
"""The experiment under which recalibrated models are logged."""
_NEAR = 0.8
"""Articles with statements whose word trigrams agree so far lie in one fold, as in experiments."""


@dataclass(frozen=True)
class Recalibration:
    """The new model, and the figures of the old and of the new way to decide on the same statements.

    Those of the new way are cross-fitted: no statement was decided by what it, or its article, had taught.
    """

    model: StanceModel
    labelled: tuple[tuple[Statement, Labels], ...]
    method: str
    before: Evaluation
    after: Evaluation
    calibration_before: tuple[LabelCalibration, ...]
    calibration_after: tuple[LabelCalibration, ...]
    answers: Answers
    """The cross-fitted answers."""
    gains: Mapping[str, Difference]
    """F1 after less before, paired on the same statements, with interval and p."""
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

    def gain(metric: str) -> Difference:
        compared = compare_models(
            gold,
            [new, old],
            articles,
            metric=metric,
            multi_label=scheme.multi_label,
            resampling=resampling,
            rounds=1999,
        )
        return compared.differences[0]

    return Recalibration(
        model=dataclasses.replace(model, decision=learnt.decision),
        labelled=tuple(labelled),
        method=method,
        before=judged(old),
        after=judged(new),
        calibration_before=evaluate_calibration(gold, old, articles, resampling=resampling),
        calibration_after=evaluate_calibration(gold, new, articles, resampling=resampling),
        answers=new,
        gains={name: gain(name) for name in ("f1/macro", "f1/micro", *(f"f1/{label}" for label in columns.labels))},
        kept=learnt.kept,
        folds=learnt.folds,
    )


def log_recalibration(store: Store, found: Recalibration, model: str, data: Path, name: str) -> Registered:
    """Log a recalibrated model as the run of an experiment ``recalibration``, and register it under ``name``.

    ``model`` says what was recalibrated, ``data`` is the file of its labels. Its figures are the cross-fitted ones.
    """
    scheme, fitted = found.model.scheme, found.model
    origin = provenance(Path.cwd(), [data], threads=1)
    ids = [statement.statement_id for statement, _ in found.labelled]
    config = {
        "seed": found.after.seed,
        "evaluation": {"resamples": found.after.resamples, "confidence": found.after.confidence},
        "split": {"kind": "cross-fitted", "folds": found.folds},
        "recalibration": {"model": model, "data": str(data), "method": found.method, "kept": list(found.kept)},
    }
    told = json.dumps(config, indent=1, ensure_ascii=False)
    sides = json.dumps({"training": [], "held_out": ids, "parts": [ids]}, indent=1)
    parameters = {"model": fitted.name, "recalibrated": model, "method": found.method, "folds": found.folds}
    with tempfile.TemporaryDirectory() as folder, experiment_run(store, _NAME, "", origin) as parent:
        fitted.save(Path(folder) / "model")
        with model_run(scheme.name, fitted.name, origin, {"stance.recalibrated": model}) as run:
            logged = run.log(_record(found, Path(folder) / "model", data, parameters, told))
        log_experiment(
            {"config.json": told, "split.json": sides}, parameters, {"statements": found.after.n}, *_tables(found, data)
        )
        return register_candidate(
            store, name, logged, model=f"{fitted.name}, recalibrated", experiment_run=parent, criterion="f1/macro"
        )


def _tables(found: Recalibration, data: Path) -> tuple[Table, Table]:
    """Return the labelled statements as training and held-out part: each was judged by what the others taught."""
    scheme = found.model.scheme.name
    rows = [
        {
            "statement_id": one.statement_id,
            "article_id": one.article_id,
            "text": one.text,
            scheme: "|".join(labels.by_scheme[scheme]),
        }
        for one, labels in found.labelled
    ]
    return Table("training", str(data), scheme, rows), Table("held-out", str(data), scheme, rows)


def _record(found: Recalibration, folder: Path, data: Path, parameters: dict[str, object], config: str) -> ModelRun:
    fitted, scheme = found.model, found.model.scheme
    predicted = [
        {**record_row(one), "length": len(one.text.split()), "gold": list(labels.by_scheme[scheme.name]), **answer}
        for (one, labels), answer in zip(found.labelled, found.answers.rows(), strict=True)
    ]
    training, held_out = _tables(found, data)
    thresholds = fitted.decision.thresholds
    cuts = "most probable" if thresholds is None else json.dumps([round(t, 6) for t in thresholds])
    example = statement_table([one for one, _ in found.labelled[:2]])
    return ModelRun(
        name=fitted.name,
        scheme=scheme.name,
        experiment=_NAME,
        parameters={**parameters, "thresholds": cuts, "seed": found.after.seed},
        training=training,
        held_out=held_out,
        training_metrics={},
        held_out_metrics=headline(found.after),
        files={
            "held_out_predictions.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in predicted),
            "figures.csv": figures_csv(found.after),
            "evaluation.json": json.dumps(found.after.to_dict(), indent=1),
            "label_scheme.json": json.dumps(scheme.to_dict(), indent=1, ensure_ascii=False),
            "config.json": config,
        },
        example=example,
        answer=fitted.answer(example),
        model_folder=folder,
        requirements=requirements(sorted(packages(fitted.config))),
    )
