"""One model for one scheme: tuned inside the training part, fitted on it, evaluated once on the held-out part."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.classifiers import Tuned, build, candidates, decide, tune
from toolkit.config import ExperimentConfig, ModelConfig
from toolkit.evaluation import Evaluation, evaluate
from toolkit.experiment.data import Labelled, table_rows
from toolkit.experiment.progress import Progress
from toolkit.labels import LabelScheme
from toolkit.model import StanceModel, input_text
from toolkit.report import evaluation_plots
from toolkit.splits import Split
from toolkit.tracking import LoggedModel, ModelRun, Provenance, Table, log_model_run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Trained", "fits_needed", "train_model"]


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained and logged model with its figures."""

    scheme: str
    model: str
    tuned: Tuned
    evaluation: Evaluation
    logged: LoggedModel


def fits_needed(config: ExperimentConfig, model: ModelConfig) -> int:
    """Return how often a model is fitted while it is tuned."""
    return len(candidates(model)) * config.tuning.folds * config.tuning.repeats


def train_model(
    name: str,
    model: ModelConfig,
    scheme: LabelScheme,
    *,
    config: ExperimentConfig,
    data: Labelled,
    split: Split,
    folds: Sequence[NDArray[np.int64]],
    origin: Provenance,
    progress: Progress,
) -> Trained:
    """Tune, fit, evaluate and log one model for one scheme, as a child of the open parent run."""
    texts = [input_text({f: getattr(s, f) for f in (*model.input, "text")}, model.input) for s in data.statements]
    targets = data.targets(scheme)
    train, held_out = list(split.train), list(split.held_out)
    train_texts, train_targets = [texts[i] for i in train], targets[train]

    tried = candidates(model)
    progress.start(f"{scheme.name} {name}", fits_needed(config, model))
    tuned = tune(
        [lambda candidate=candidate: build(candidate, scheme, config.seed) for _, candidate in tried],  # type: ignore[misc]
        train_texts,
        train_targets,
        folds,
        multi_label=scheme.multi_label,
        metric=config.tuning.metric,
        on_fit=progress.advance,
    )
    chosen_values, chosen = tried[tuned.index]
    classifier = build(chosen, scheme, config.seed)
    classifier.fit(train_texts, train_targets, folds[0])
    thresholds = classifier.thresholds or tuned.thresholds
    fitted = StanceModel(name, scheme, chosen, classifier, thresholds)

    probabilities = fitted.probabilities([texts[i] for i in held_out])
    evaluation = evaluate(
        y_true=targets[held_out],
        y_prob=probabilities,
        y_pred=decide(probabilities, thresholds),
        groups=[data.statements[i].article_id for i in held_out],
        labels=scheme.label_names,
        multi_label=scheme.multi_label,
        seed=config.seed,
        resamples=config.evaluation.resamples,
        confidence=config.evaluation.confidence,
    )
    files = _files(fitted, evaluation, tuned, [values for values, _ in tried], data, held_out, probabilities)
    files["config.json"] = json.dumps(config.model_dump(mode="json"), indent=1, ensure_ascii=False)
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "model"
        fitted.save(saved)
        example = _example(train_texts)
        record = ModelRun(
            name=name,
            scheme=scheme.name,
            parameters=_parameters(name, model, chosen, chosen_values, thresholds, config),
            training=Table("training", config.data.gold, scheme.name, table_rows(data, scheme, train)),
            held_out=Table("held-out", config.data.gold, scheme.name, table_rows(data, scheme, held_out)),
            training_metrics={f"cv/{config.tuning.metric}": tuned.score},
            held_out_metrics=evaluation.metrics(),
            files=files,
            example=example,
            answer=fitted.predict(example),
            model_folder=saved,
        )
        logged = log_model_run(record, origin)
    return Trained(scheme.name, name, tuned, evaluation, logged)


def _example(texts: Sequence[str]) -> Any:
    import pandas as pd

    return pd.DataFrame({"text": list(texts[:2])})


def _parameters(
    name: str,
    model: ModelConfig,
    chosen: ModelConfig,
    values: dict[str, Any],
    thresholds: tuple[float, ...] | None,
    config: ExperimentConfig,
) -> dict[str, Any]:
    flat = _flat(chosen.model_dump(mode="json", exclude={"search"}))
    return {
        "model": name,
        **flat,
        "searched": ", ".join(getattr(model, "search", {})) or "nothing",
        "chosen": json.dumps(values),
        "thresholds": "most probable" if thresholds is None else json.dumps([round(t, 6) for t in thresholds]),
        "seed": config.seed,
        "folds": config.tuning.folds,
        "repeats": config.tuning.repeats,
    }


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, below in value.items():
        flat |= _flat(below, f"{prefix}{key}.") if isinstance(below, dict) else {f"{prefix}{key}": below}
    return flat


def _files(
    fitted: StanceModel,
    evaluation: Evaluation,
    tuned: Tuned,
    tried: Sequence[dict[str, Any]],
    data: Labelled,
    held_out: Sequence[int],
    probabilities: NDArray[np.float64],
) -> dict[str, str | bytes]:
    """Return the artifacts of a run: predictions, figures, what was tried, the label scheme, plots."""
    scheme = fitted.scheme
    given, answered = data.given(scheme), fitted.labels_of(probabilities)
    predictions = [
        {
            "statement_id": data.statements[i].statement_id,
            "article_id": data.statements[i].article_id,
            "text": data.statements[i].text,
            "speaker": data.statements[i].speaker,
            "gold": list(given[i]),
            "labels": list(labels),
            "probabilities": dict(zip(scheme.label_names, map(float, row), strict=True)),
        }
        for i, labels, row in zip(held_out, answered, probabilities, strict=True)
    ]
    search = [{"values": v, "scores": list(s)} for v, s in zip(tried, tuned.scores, strict=True)]
    return {
        "held_out_predictions.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in predictions),
        "evaluation.json": json.dumps(evaluation.to_dict(), indent=1),
        "search.json": json.dumps(search, indent=1),
        "label_scheme.json": json.dumps(scheme.to_dict(), indent=1, ensure_ascii=False),
        **{f"plots/{name}.png": image for name, image in evaluation_plots(evaluation, fitted.name).items()},
    }
