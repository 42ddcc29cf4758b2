"""The experiment from end to end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.config import ExperimentConfig, LeaveOutSplit
from toolkit.experiment.data import Labelled, Plan, data_files, load_data, make_plan
from toolkit.experiment.progress import Progress, Silent
from toolkit.experiment.training import Trained, held_out_figure, train_model
from toolkit.labeling import Alignment
from toolkit.labels import LabelScheme
from toolkit.records import Statement
from toolkit.report import ComparisonRow, comparison_csv, comparison_markdown
from toolkit.storage import Journal, record_row
from toolkit.tracking import (
    Provenance,
    Registered,
    Store,
    experiment_run,
    log_experiment,
    provenance,
    register_candidate,
)

__all__ = ["Outcome", "run_experiment"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an experiment came to."""

    run_id: str
    alignment: Alignment | None
    """Extracted against gold statements; None without articles."""
    plan: Plan
    unlabelled: int
    """How many statements were left out, since they lack a label in one of the schemes."""
    rows: tuple[ComparisonRow, ...]
    registered: tuple[Registered, ...]
    """The best model of every scheme, by the config's own criterion; none where the config registers nothing."""


def run_experiment(
    config: ExperimentConfig,
    schemes: Sequence[LabelScheme],
    root: Path,
    store: Store,
    progress: Progress | None = None,
    *,
    work: Path | None = None,
    resume: bool = False,
    restart: bool = False,
) -> Outcome:
    """Load, divide, then tune, fit, evaluate once and log every model; register the best of a scheme.

    ``root`` is the folder that the config's paths are relative to. In ``work`` finished steps are kept until the end,
    so that a killed experiment can ``resume`` or ``restart``; without it nothing is kept. Raises a ToolkitError for
    whatever a person can mend; the MLflow runs end as FAILED or KILLED then.
    """
    from threadpoolctl import threadpool_limits

    progress = progress or Silent()
    with threadpool_limits(config.threads):
        alignment, data = load_data(config, schemes, root, progress)
        plan = make_plan(config, schemes, data)
        origin = provenance(root, data_files(config, root), config.threads)
        journal = Journal()
        if work is not None:
            journal = Journal.open(
                work, config.name, _fingerprint(config, schemes, origin), resume=resume, restart=restart
            )
        with journal, experiment_run(store, config.name, config.description, origin) as run_id:
            trained = [
                train_model(
                    name,
                    model,
                    scheme,
                    config=config,
                    data=data,
                    plan=plan,
                    origin=origin,
                    journal=journal,
                    progress=progress,
                )
                for scheme in schemes
                for name, model in config.models.items()
            ]
            eligible = [one for one in trained if config.candidates is None or one.model in config.candidates]
            best = {scheme.name: _best(eligible, scheme.name) for scheme in schemes}
            rows = [_row(one, config, chosen=one is best[one.scheme]) for one in trained]
            log_experiment(
                _files(config, alignment, data, plan, rows), _parameters(config), _metrics(alignment, data, plan)
            )
            kept = best.values() if config.register_champion else ()
            registered = tuple(_register(store, one, run_id, config.tuning.metric) for one in kept)
    return Outcome(run_id, alignment, plan, len(data.unlabelled), tuple(rows), registered)


def _fingerprint(config: ExperimentConfig, schemes: Sequence[LabelScheme], origin: Provenance) -> dict[str, str]:
    """What a resumed run must have in common with the one that it goes on with."""
    told = {f"config {key}": json.dumps(value) for key, value in config.model_dump(mode="json").items()}
    told |= {f"label scheme {scheme.name}": json.dumps(scheme.to_dict()) for scheme in schemes}
    told |= {f"SHA-256 of {name}": digest for name, digest in origin.files.items()}
    return told | {f"version of {name}": version for name, version in origin.versions.items()}


def _best(trained: Sequence[Trained], scheme: str) -> Trained:
    """The best by cross-validation in the training part: choosing by the held-out part would use it up."""
    return max((one for one in trained if one.scheme == scheme), key=lambda one: one.score)


def _row(one: Trained, config: ExperimentConfig, chosen: bool) -> ComparisonRow:
    metric = config.tuning.metric.replace("_", " ").replace("f1", "F1")
    how = "by cross-validation in the training part"
    if isinstance(config.split, LeaveOutSplit):
        how = "of sources that a model had not seen"
    if config.candidates is not None:
        how += f", of the candidates {', '.join(config.candidates)}"
    return ComparisonRow.of(
        one.evaluation, scheme=one.scheme, model=one.model, cv=one.score, criterion=f"{metric} {how}", chosen=chosen
    )


def _register(store: Store, one: Trained, run_id: str, metric: str) -> Registered:
    return register_candidate(
        store, one.scheme, one.logged, model=one.model, experiment_run=run_id, criterion=held_out_figure(metric)
    )


def _parameters(config: ExperimentConfig) -> dict[str, object]:
    return {
        "seed": config.seed,
        "threads": config.threads,
        "schemes": ", ".join(config.schemes),
        "models": ", ".join(config.models),
        "split": config.split.kind,
        "min_overlap": config.data.min_overlap,
    }


def _metrics(alignment: Alignment | None, data: Labelled, plan: Plan) -> dict[str, float]:
    figures: dict[str, float | None] = {
        "statements/training": len(plan.final.train),
        "statements/held_out": len(plan.held_out),
        "statements/dropped": len(plan.dropped),
        "statements/unlabelled": len(data.unlabelled),
    }
    if alignment is not None:
        figures |= {
            "extraction/precision": alignment.precision,
            "extraction/recall": alignment.recall,
            "extraction/speaker_accuracy": alignment.speaker_accuracy,
            "extraction/missed": len(alignment.missed),
        }
    return {name: value for name, value in figures.items() if value is not None}


def _files(
    config: ExperimentConfig, alignment: Alignment | None, data: Labelled, plan: Plan, rows: Sequence[ComparisonRow]
) -> dict[str, str | bytes]:
    ids = [statement.statement_id for statement in data.statements]
    sides: dict[str, Any] = {
        "training": [ids[i] for i in plan.final.train],
        "held_out": [ids[i] for i in plan.held_out],
        "parts": [[ids[i] for i in part.held_out] for part in plan.parts],
    }
    files: dict[str, str | bytes] = {
        "config.json": json.dumps(config.model_dump(mode="json"), indent=1, ensure_ascii=False),
        "comparison.csv": comparison_csv(rows),
        "comparison.md": comparison_markdown(rows),
        "split.json": json.dumps(sides, indent=1),
    }
    if data.unlabelled:
        files["unlabelled.jsonl"] = _jsonl(data.unlabelled)
    if plan.dropped:
        files["dropped.jsonl"] = _jsonl([data.statements[i] for i in plan.dropped])
    if alignment is not None:
        files["extraction/missed.jsonl"] = _jsonl(alignment.missed)
        files["extraction/spurious.jsonl"] = _jsonl(alignment.spurious)
    return files


def _jsonl(statements: Sequence[Statement]) -> str:
    return "".join(json.dumps(record_row(statement), ensure_ascii=False) + "\n" for statement in statements)
