"""What is logged: of one model, and of the experiment as a whole. It is said here and written in ``tracking``."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.answers import Answers
from toolkit.classifiers import packages
from toolkit.evaluation import Evaluation
from toolkit.experiment.data import Material, held_out_files, training_files
from toolkit.experiment.headline import figures_csv, headline
from toolkit.gold import Alignment
from toolkit.model import StanceModel
from toolkit.records import Statement
from toolkit.report import ComparisonRow, comparison_csv, comparison_markdown, evaluation_plots
from toolkit.storage import record_row, statement_table
from toolkit.tracking import ModelRun, Table, requirements
from toolkit.tuning import Chosen

__all__ = [
    "Judged",
    "changes",
    "experiment_files",
    "experiment_metrics",
    "experiment_parameters",
    "experiment_tables",
    "held_out_figure",
    "model_record",
    "run_tags",
]


def changes(material: Material) -> str:
    """Return what the names of runs say of a run's overrides; what they show anyhow is left out."""
    shown = ("name", "description", "models", "schemes", "candidates", "register_champion", "register_as", "tracking")
    return " ".join(
        one.strip() for one in material.overrides if one.partition("=")[0].split(".")[0].strip() not in shown
    )


def run_tags(material: Material) -> dict[str, str]:
    """Return the tags by which runs of an experiment are filtered, besides those of where they come from."""
    files = "".join(f"{name} {digest}\n" for name, digest in sorted(material.origin.files.items()))
    tags = {
        "stance.experiment": material.config.name,
        "stance.split": material.config.split.kind,
        "stance.data": hashlib.sha256(files.encode("utf-8", "surrogatepass")).hexdigest()[:16],
    }
    return tags | ({"stance.overrides": " ".join(material.overrides)[:5000]} if material.overrides else {})


def held_out_figure(metric: str) -> str:
    """Return what a metric of the cross-validation is called among the held-out figures: ``f1/macro``."""
    over, _, kind = metric.partition("_")
    return f"{kind}/{over}"


# ----------------------------------------------------------------------------------------------------- one model


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model said of the held-out statements at ``positions``, and the figures of it."""

    positions: Sequence[int]
    answers: Answers
    evaluation: Evaluation


@contextmanager
def model_record(fitted: StanceModel, chosen: Chosen, material: Material, judged: Judged) -> Iterator[ModelRun]:
    """Give what the run of a model records; its saved model lies in a folder that is gone afterwards."""
    config, scheme = material.config, fitted.scheme
    train = material.plan.final.train
    example = statement_table([material.data.statements[i] for i in train[:2]])
    source = ", ".join(training_files(config))
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "model"
        fitted.save(saved)
        yield ModelRun(
            name=fitted.name,
            scheme=scheme.name,
            experiment=config.name,
            parameters=_parameters(fitted, chosen, material),
            training=Table("training", source, scheme.name, _labelled(material, scheme.name, train)),
            held_out=Table(
                "held-out",
                ", ".join(held_out_files(config)) or source,
                scheme.name,
                _labelled(material, scheme.name, judged.positions),
            ),
            training_metrics={} if chosen.score is None else {f"cv/{config.tuning.metric}": chosen.score},
            held_out_metrics=headline(judged.evaluation, intervals=config.tracking.intervals),
            files=_files(fitted, chosen, material, judged),
            example=example,
            answer=fitted.answer(example),
            model_folder=saved,
            requirements=requirements(sorted(packages(fitted.config))),
        )


def _parameters(fitted: StanceModel, chosen: Chosen, material: Material) -> dict[str, Any]:
    config, thresholds = material.config, fitted.decision.thresholds
    search = config.models[fitted.name].search
    return {
        "model": fitted.name,
        **_flat(fitted.config.model_dump(mode="json", exclude={"search"})),
        "searched": ", ".join(search.space) if search else "nothing",
        "chosen": json.dumps(chosen.point.values),
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


def _labelled(material: Material, scheme: str, positions: Sequence[int]) -> list[dict[str, Any]]:
    """Return some of the statements with their labels in a scheme, as a data set is logged."""
    data = material.data
    return [
        {
            "statement_id": data.statements[i].statement_id,
            "article_id": data.statements[i].article_id,
            "text": data.statements[i].text,
            scheme: "|".join(data.labels[i].by_scheme[scheme]),
        }
        for i in positions
    ]


def _files(fitted: StanceModel, chosen: Chosen, material: Material, judged: Judged) -> dict[str, str | bytes]:
    """Return the artifacts of a run: predictions, figures, what was tried, the label scheme, plots."""
    scheme, data = fitted.scheme, material.data
    rows = [
        {**_told(data.statements[i]), "gold": list(data.labels[i].by_scheme[scheme.name]), **answer}
        for i, answer in zip(judged.positions, judged.answers.rows(), strict=True)
    ]
    search = [{"values": values, "scores": scores and list(scores)} for values, scores in chosen.tried]
    return {
        "held_out_predictions.jsonl": _jsonl(rows),
        "figures.csv": figures_csv(judged.evaluation),
        "evaluation.json": json.dumps(judged.evaluation.to_dict(), indent=1),
        "search.json": json.dumps(search, indent=1),
        "label_scheme.json": json.dumps(scheme.to_dict(), indent=1, ensure_ascii=False),
        "config.json": _config(material),
        **{f"plots/{name}.png": image for name, image in evaluation_plots(judged.evaluation, fitted.name).items()},
    }


def _told(statement: Statement) -> dict[str, Any]:
    """Return what the held-out table tells of a statement, its length in words among it."""
    told = ("statement_id", "article_id", "text", "context", "speaker", "addressee", "cue", "kind", "act", "source")
    names = (*told, "published")
    return {**{name: getattr(statement, name) for name in names}, "length": len(statement.text.split())}


# ------------------------------------------------------------------------------------------------ the experiment


def experiment_parameters(material: Material) -> dict[str, object]:
    """Return the parameters of the experiment's run."""
    config = material.config
    return {
        "seed": config.seed,
        "threads": config.threads,
        "schemes": ", ".join(config.schemes),
        "models": ", ".join(config.models),
        "split": config.split.kind,
        "min_overlap": config.data.min_overlap,
    }


def experiment_metrics(
    material: Material, alignment: Alignment | None, best: Mapping[str, Evaluation]
) -> dict[str, float]:
    """Return the defined figures of the experiment's run: its parts, extraction against gold, the chosen models'.

    ``best`` holds the evaluation of the chosen model by label scheme, from which ``SCHEME/f1/macro`` is taken, and the
    held-out figure by which models are chosen.
    """
    figures: dict[str, float | None] = {
        "statements/training": len(material.plan.final.train),
        "statements/held_out": len(material.plan.held_out),
        "statements/dropped": len(material.plan.dropped),
        "statements/unlabelled": len(material.data.unlabelled),
    }
    if alignment is not None:
        figures |= {
            "extraction/precision": alignment.precision,
            "extraction/recall": alignment.recall,
            "extraction/speaker_accuracy": alignment.speaker_accuracy,
            "extraction/missed": len(alignment.missed),
        }
    if material.aside.count:
        figures["rows/rejected"] = material.aside.count
    for scheme, evaluation in best.items():
        for name in ("f1/macro", held_out_figure(material.config.tuning.metric)):
            figures[f"{scheme}/{name}"] = evaluation.figures[name].value
    return {name: value for name, value in figures.items() if value is not None}


def experiment_tables(material: Material) -> tuple[Table, Table]:
    """Return the data sets of the experiment's run: what trains and what is held out, all labels with it."""
    config = material.config
    source = ", ".join(training_files(config))
    schemes = _schemes(material)
    only = schemes[0] if len(schemes) == 1 else None
    return (
        Table("training", source, only, _all_labels(material, material.plan.final.train)),
        Table(
            "held-out", ", ".join(held_out_files(config)) or source, only, _all_labels(material, material.plan.held_out)
        ),
    )


def _all_labels(material: Material, positions: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {key: value for row in rows for key, value in row.items()}
        for rows in zip(*(_labelled(material, scheme, positions) for scheme in _schemes(material)), strict=True)
    ]


def _schemes(material: Material) -> list[str]:
    return list(material.data.labels[0].by_scheme)


def experiment_files(
    material: Material, alignment: Alignment | None, rows: Sequence[ComparisonRow]
) -> dict[str, str | bytes]:
    """Return the artifacts of the experiment's run: configuration, comparison, split, whatever was left out."""
    data, plan = material.data, material.plan
    ids = [statement.statement_id for statement in data.statements]
    sides: dict[str, Any] = {
        "training": [ids[i] for i in plan.final.train],
        "held_out": [ids[i] for i in plan.held_out],
        "parts": [[ids[i] for i in part.held_out] for part in plan.parts],
        "learnt": [[ids[i] for i in part.train] for part in plan.parts],
    }
    files: dict[str, str | bytes] = {
        "config.json": _config(material),
        "comparison.csv": comparison_csv(rows),
        "comparison.md": comparison_markdown(rows),
        "split.json": json.dumps(sides, indent=1),
    }
    if material.aside.count:
        files["rejected.jsonl"] = material.aside.listed()
    left_out = {
        "unlabelled.jsonl": data.unlabelled,
        "dropped.jsonl": [data.statements[i] for i in plan.dropped],
        "extraction/missed.jsonl": alignment.missed if alignment else (),
        "extraction/spurious.jsonl": alignment.spurious if alignment else (),
    }
    return files | {
        name: _jsonl([record_row(statement) for statement in statements])
        for name, statements in left_out.items()
        if statements or (alignment is not None and name.startswith("extraction/"))
    }


def _config(material: Material) -> str:
    return json.dumps(material.config.model_dump(mode="json"), indent=1, ensure_ascii=False)


def _jsonl(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
