"""The experiment from end to end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.config import ExperimentConfig
from toolkit.experiment.data import Labelled, data_files, divide, join_gold
from toolkit.experiment.progress import Progress, Silent
from toolkit.experiment.training import Trained, train_model
from toolkit.labeling import Alignment
from toolkit.labels import LabelScheme
from toolkit.report import ComparisonRow, comparison_csv, comparison_markdown
from toolkit.splits import Split
from toolkit.storage import record_row
from toolkit.tracking import Store, experiment_run, log_experiment, provenance, register_champion

__all__ = ["Champion", "Outcome", "run_experiment"]


@dataclass(frozen=True, slots=True)
class Champion:
    """The best model of a scheme, by the config's own criterion, as registered."""

    scheme: str
    model: str
    version: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an experiment came to."""

    run_id: str
    alignment: Alignment
    split: Split
    rows: tuple[ComparisonRow, ...]
    champions: tuple[Champion, ...]


def run_experiment(
    config: ExperimentConfig,
    schemes: Sequence[LabelScheme],
    root: Path,
    store: Store,
    progress: Progress | None = None,
) -> Outcome:
    """Extract, join gold, split, then tune, fit, evaluate once and log every model; register the champions.

    ``root`` is the folder that the config's paths are relative to. Raises a ToolkitError for whatever a person can
    mend; the MLflow runs end as FAILED or KILLED then.
    """
    from threadpoolctl import threadpool_limits

    progress = progress or Silent()
    with threadpool_limits(config.threads):
        alignment, data = join_gold(config, schemes, root, progress)
        split, folds = divide(config, schemes, data)
        origin = provenance(root, data_files(config, root), config.threads)
        with experiment_run(store, config.name, config.description, origin) as run_id:
            trained = [
                train_model(
                    name,
                    model,
                    scheme,
                    config=config,
                    data=data,
                    split=split,
                    folds=folds,
                    origin=origin,
                    progress=progress,
                )
                for scheme in schemes
                for name, model in config.models.items()
            ]
            best = {scheme.name: _best(trained, scheme.name) for scheme in schemes}
            rows = [_row(one, champion=one is best[one.scheme]) for one in trained]
            log_experiment(
                _files(config, alignment, data, split, rows), _parameters(config), _metrics(alignment, split)
            )
            champions = [_register(store, one, run_id) for one in best.values()] if config.register_champion else []
    return Outcome(run_id, alignment, split, tuple(rows), tuple(champions))


def _best(trained: Sequence[Trained], scheme: str) -> Trained:
    """The best by cross-validation in the training part: choosing by the held-out part would use it up."""
    return max((one for one in trained if one.scheme == scheme), key=lambda one: one.tuned.score)


def _row(one: Trained, champion: bool) -> ComparisonRow:
    return ComparisonRow.of(one.evaluation, scheme=one.scheme, model=one.model, cv=one.tuned.score, champion=champion)


def _register(store: Store, one: Trained, run_id: str) -> Champion:
    tags = {"model": one.model, "experiment_run": run_id}
    return Champion(one.scheme, one.model, register_champion(store, one.scheme, one.logged, tags))


def _parameters(config: ExperimentConfig) -> dict[str, object]:
    return {
        "seed": config.seed,
        "threads": config.threads,
        "schemes": ", ".join(config.schemes),
        "models": ", ".join(config.models),
        "test_size": config.split.test_size,
        "min_overlap": config.data.min_overlap,
    }


def _metrics(alignment: Alignment, split: Split) -> dict[str, float]:
    figures = {
        "extraction/precision": alignment.precision,
        "extraction/recall": alignment.recall,
        "extraction/speaker_accuracy": alignment.speaker_accuracy,
        "extraction/missed": len(alignment.missed),
        "statements/training": len(split.train),
        "statements/held_out": len(split.held_out),
    }
    return {name: value for name, value in figures.items() if value is not None}


def _files(
    config: ExperimentConfig, alignment: Alignment, data: Labelled, split: Split, rows: Sequence[ComparisonRow]
) -> dict[str, str | bytes]:
    ids = [statement.statement_id for statement in data.statements]
    sides = {"training": [ids[i] for i in split.train], "held_out": [ids[i] for i in split.held_out]}
    missed = [record_row(statement) for statement in alignment.missed]
    spurious = [record_row(statement) for statement in alignment.spurious]
    return {
        "config.json": json.dumps(config.model_dump(mode="json"), indent=1, ensure_ascii=False),
        "comparison.csv": comparison_csv(rows),
        "comparison.md": comparison_markdown(rows),
        "split.json": json.dumps(sides, indent=1),
        "extraction/missed.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in missed),
        "extraction/spurious.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in spurious),
    }
