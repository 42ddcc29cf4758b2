"""One model for one scheme: tuned inside every training part, evaluated once on what was held out, logged."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.classifiers import Point, Work, decide, points
from toolkit.config import EnsembleModel, ExperimentConfig, LeaveOutSplit, ModelConfig
from toolkit.evaluation import Evaluation, evaluate
from toolkit.experiment.data import Labelled, Part, Plan, held_out_files, table_rows, training_files, withhold
from toolkit.experiment.progress import Progress
from toolkit.experiment.tuned import Tuned, settles_itself, tune
from toolkit.labels import LabelScheme
from toolkit.model import StanceModel, needs_remote_code, read_by
from toolkit.report import evaluation_plots
from toolkit.storage import Journal, evidence_cell
from toolkit.tracking import LoggedModel, ModelRun, OpenRun, Provenance, Table, model_run, requirements

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Trained", "held_out_figure", "train_model"]

_PACKAGES = {
    "embeddings": ("torch", "transformers", "sentence-transformers"),
    "few_shot": ("torch", "transformers", "sentence-transformers"),
    "transformer": ("torch", "transformers"),
    "zero_shot": ("torch", "transformers"),
}
"""What models of a kind need to be served, besides what all of them need."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained and logged model with its figures."""

    scheme: str
    model: str
    score: float
    """What models are compared by: the cross-validated figure of the logged model in its training part; with sources
    left out, the figure of those it had not seen."""
    evaluation: Evaluation
    logged: LoggedModel


@dataclass(frozen=True, slots=True)
class Predicted:
    """What was predicted of the held-out statements: their positions, probabilities, decisions, what is withheld."""

    positions: tuple[int, ...]
    probabilities: NDArray[np.float64]
    decided: NDArray[np.int64]
    withheld: tuple[bool, ...]


def train_model(
    name: str,
    model: ModelConfig,
    scheme: LabelScheme,
    *,
    config: ExperimentConfig,
    data: Labelled,
    plan: Plan,
    origin: Provenance,
    journal: Journal,
    progress: Progress,
) -> Trained:
    """Tune, fit, evaluate and log one model for one scheme, as a child of the open experiment run."""
    tags = {"stance.remote_code": "true"} if needs_remote_code(model) else {}
    with model_run(scheme.name, name, origin, tags) as run:
        once = isinstance(config.split, LeaveOutSplit) and settles_itself(model, scheme)
        fits = 1 if once else points(model) * config.tuning.folds * config.tuning.repeats
        last = plan.final if plan.final is not plan.parts[0] else None
        progress.start(f"{scheme.name} {name}", fits * (len(plan.parts) + (last is not None)))
        step = _Step(name, model, scheme, config, data, journal, progress, run)
        tuned = [step.tune(part, f"part {number}", final=last is None) for number, part in enumerate(plan.parts)]
        predicted = _join([step.predict(one, part) for one, part in zip(tuned, plan.parts, strict=True)])
        final = step.tune(last, "all", final=True) if last else tuned[0]
        evaluation = evaluate(
            y_true=data.targets(scheme)[list(predicted.positions)],
            y_prob=predicted.probabilities,
            y_pred=predicted.decided,
            groups=[data.statements[i].article_id for i in predicted.positions],
            labels=scheme.label_names,
            multi_label=scheme.multi_label,
            seed=config.seed,
            resamples=config.evaluation.resamples,
            confidence=config.evaluation.confidence,
            abstain_below=model.abstain_below,
        )
        logged = _log(run, step, plan, final, predicted, evaluation)
    # Sources that a model had not seen say more of it than the folds it was tuned on.
    unseen = evaluation.figures[held_out_figure(config.tuning.metric)].value
    score = unseen if isinstance(config.split, LeaveOutSplit) else final.score
    return Trained(scheme.name, name, 0.0 if score is None else score, evaluation, logged)


def held_out_figure(metric: str) -> str:
    """Return what a metric of the cross-validation is called among the held-out figures: ``f1/macro``."""
    over, _, kind = metric.partition("_")
    return f"{kind}/{over}"


@dataclass(frozen=True, slots=True)
class _Step:
    """What stays the same for all parts of one model."""

    name: str
    model: ModelConfig
    scheme: LabelScheme
    config: ExperimentConfig
    data: Labelled
    journal: Journal
    progress: Progress
    run: OpenRun

    def tune(self, part: Part, key: str, *, final: bool) -> Tuned:
        """Tune and fit on one training part; what the ``final`` one tried and told is logged under plain names."""
        positions = list(part.train)

        def tell(name: str, value: float, step: int) -> None:
            self.progress.note(f"{name} {value:.3f} (step {step})")
            self.run.tell(name if final else f"{key.replace(' ', '_')}/{name}", value, step)

        def on_trial(point: Point, figure: float | None) -> None:
            if self.model.search is not None and final:
                self.run.trial(point.number, point.values, f"cv/{self.config.tuning.metric}", figure)

        return tune(
            self.model,
            self.scheme,
            self._reader(part),
            self.data.targets(self.scheme)[positions],
            self.data.lessons(self.scheme)[positions],
            part.folds,
            tuning=self.config.tuning,
            seed=self.config.seed,
            journal=self.journal,
            key=f"{self.scheme.name}/{self.name}/{key}",
            work=Work(tell=tell, threads=self.config.threads),
            on_fit=self.progress.advance,
            on_trial=on_trial,
            compare=not isinstance(self.config.split, LeaveOutSplit),
        )

    def _reader(self, part: Part) -> Callable[[ModelConfig], Sequence[str]]:
        share = self.config.data.withheld_cues
        statements = [withhold(self.data.statements[i], share) for i in part.train]
        return lambda model: read_by(model, statements)

    def fitted(self, tuned: Tuned) -> StanceModel:
        """Return the model as it is saved and used."""
        return StanceModel(
            self.name, self.scheme, tuned.point.model, tuned.classifier, tuned.thresholds, tuned.settled.calibration
        )

    def predict(self, tuned: Tuned, part: Part) -> Predicted:
        """Predict what was held out of a part."""
        fitted = self.fitted(tuned)
        probabilities = fitted.probabilities(read_by(fitted.config, [self.data.statements[i] for i in part.held_out]))
        decided = decide(probabilities, fitted.thresholds)
        return Predicted(part.held_out, probabilities, decided, tuple(fitted.withheld(probabilities)))


def _join(parts: Sequence[Predicted]) -> Predicted:
    """Put the parts together, in the order of the statements."""
    import numpy as np

    positions = [position for part in parts for position in part.positions]
    order = sorted(range(len(positions)), key=positions.__getitem__)
    withheld = [held for part in parts for held in part.withheld]
    return Predicted(
        tuple(positions[i] for i in order),
        np.concatenate([part.probabilities for part in parts])[order],
        np.concatenate([part.decided for part in parts])[order],
        tuple(withheld[i] for i in order),
    )


def _log(
    run: OpenRun, step: _Step, plan: Plan, final: Tuned, predicted: Predicted, evaluation: Evaluation
) -> LoggedModel:
    import pandas as pd

    config, scheme, data = step.config, step.scheme, step.data
    fitted = step.fitted(final)
    train = list(plan.final.train)
    files = _files(fitted, evaluation, final, data, predicted)
    files["config.json"] = json.dumps(config.model_dump(mode="json"), indent=1, ensure_ascii=False)
    example = pd.DataFrame({"text": [data.statements[i].text for i in train[:2]]})
    source = ", ".join(training_files(config))
    aside = ", ".join(held_out_files(config)) or source
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "model"
        fitted.save(saved)
        record = ModelRun(
            name=step.name,
            scheme=scheme.name,
            parameters=_parameters(step, final),
            training=Table("training", source, scheme.name, table_rows(data, scheme, train)),
            held_out=Table("held-out", aside, scheme.name, table_rows(data, scheme, predicted.positions)),
            training_metrics={} if final.score is None else {f"cv/{config.tuning.metric}": final.score},
            held_out_metrics=evaluation.metrics(),
            files=files,
            example=example,
            answer=fitted.predict(example),
            model_folder=saved,
            requirements=requirements(sorted(_packages(fitted.config))),
        )
        return run.log(record)


def _packages(model: ModelConfig) -> set[str]:
    if isinstance(model, EnsembleModel):
        return {package for member in model.members.values() for package in _packages(member)}
    if getattr(model, "encoder", None) == "model2vec":
        return {"model2vec"}
    return set(_PACKAGES.get(model.kind, ()))


def _parameters(step: _Step, final: Tuned) -> dict[str, Any]:
    thresholds = final.thresholds
    return {
        "model": step.name,
        **_flat(final.point.model.model_dump(mode="json", exclude={"search"})),
        "searched": ", ".join(step.model.search.space) if step.model.search else "nothing",
        "chosen": json.dumps(final.point.values),
        "thresholds": "most probable" if thresholds is None else json.dumps([round(t, 6) for t in thresholds]),
        "seed": step.config.seed,
        "folds": step.config.tuning.folds,
        "repeats": step.config.tuning.repeats,
    }


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, below in value.items():
        flat |= _flat(below, f"{prefix}{key}.") if isinstance(below, dict) else {f"{prefix}{key}": below}
    return flat


def _files(
    fitted: StanceModel, evaluation: Evaluation, final: Tuned, data: Labelled, predicted: Predicted
) -> dict[str, str | bytes]:
    """Return the artifacts of a run: predictions, figures, what was tried, the label scheme, plots."""
    scheme = fitted.scheme
    given, names = data.given(scheme), scheme.label_names
    rows = []
    has_rules = any(label.rules for label in scheme.labels.values())
    evidence = fitted.evidence([data.statements[i] for i in predicted.positions])
    for i, row, decided, held, found in zip(
        predicted.positions, predicted.probabilities, predicted.decided, predicted.withheld, evidence, strict=True
    ):
        statement = data.statements[i]
        rows.append(
            {
                "statement_id": statement.statement_id,
                "article_id": statement.article_id,
                "text": statement.text,
                "speaker": statement.speaker,
                "cue": statement.cue,
                "gold": list(given[i]),
                "labels": [name for name, yes in zip(names, decided, strict=True) if yes],
                "probabilities": dict(zip(names, map(float, row), strict=True)),
                **({"withheld": held} if fitted.abstains else {}),
                **({"evidence": [evidence_cell(statement, one) for one in found]} if has_rules else {}),
            }
        )
    search = [{"values": values, "scores": scores and list(scores)} for values, scores in final.tried]
    return {
        "held_out_predictions.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows),
        "evaluation.json": json.dumps(evaluation.to_dict(), indent=1),
        "search.json": json.dumps(search, indent=1),
        "label_scheme.json": json.dumps(scheme.to_dict(), indent=1, ensure_ascii=False),
        **{f"plots/{name}.png": image for name, image in evaluation_plots(evaluation, fitted.name).items()},
    }
