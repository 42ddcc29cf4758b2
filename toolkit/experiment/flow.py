"""The experiment from end to end."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.config import ExperimentConfig, LeaveOutSplit, ShiftedSplit
from toolkit.evaluation import figure_said
from toolkit.experiment.data import Material, Plan, data_files, load_data, make_plan
from toolkit.experiment.headline import in_words
from toolkit.experiment.record import (
    changes,
    experiment_files,
    experiment_metrics,
    experiment_parameters,
    experiment_tables,
    held_out_figure,
    run_tags,
)
from toolkit.experiment.shift import curve_parts, shift_files
from toolkit.experiment.training import Trained, train_model
from toolkit.gold import Alignment
from toolkit.labels import LabelScheme
from toolkit.report import ComparisonRow, CurveRow, GapRow
from toolkit.storage import SetAside
from toolkit.tracking import (
    Registered,
    Store,
    add_tags,
    describe_version,
    experiment_run,
    log_experiment,
    provenance,
    register_candidate,
)
from toolkit.work import Listener, Silent, Workplace

__all__ = ["Outcome", "run_experiment"]

_SILENT, _NOWHERE = Silent(), Workplace()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an experiment came to."""

    run_id: str
    alignment: Alignment | None
    """Extracted against gold statements; None without articles."""
    plan: Plan
    unlabelled: int
    """How many statements were left out, since they lack a label in one of the schemes."""
    aside: SetAside
    """Rows that could not be read."""
    rows: tuple[ComparisonRow, ...]
    registered: tuple[Registered, ...]
    """The best model of every scheme, by the config's own criterion; none where the config registers nothing."""
    gaps: tuple[GapRow, ...] = ()
    curves: tuple[CurveRow, ...] = ()


def run_experiment(
    config: ExperimentConfig,
    schemes: Sequence[LabelScheme],
    root: Path,
    store: Store,
    listener: Listener = _SILENT,
    place: Workplace = _NOWHERE,
    overrides: Sequence[str] = (),
) -> Outcome:
    """Load, divide, then tune, fit, evaluate once and log every model; register the best of a scheme.

    ``root`` is the folder that the config's paths are relative to. In ``place`` finished steps are kept until the end,
    so that a killed experiment can go on. ``overrides`` are already in ``config``; runs are named by them.
    Raises a ToolkitError for whatever a person can mend; the MLflow runs end as
    FAILED or KILLED then.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(config.threads), contextlib.ExitStack() as opened:
        aside = SetAside(config.data.max_errors)
        alignment, data = load_data(config, schemes, root, listener, aside)
        plan = make_plan(config, schemes, data)
        origin = provenance(root, data_files(config, root), config.threads)
        material = Material(config, data, plan, origin, aside, tuple(overrides))
        list(curve_parts(material, schemes))  # what cannot be drawn is told before anything is trained
        kept = opened.enter_context(place.open(config.name, _fingerprint(material, schemes)))
        work = dataclasses.replace(kept, listener=listener, threads=config.threads)
        told = (config.name, config.description, origin, run_tags(material), changes(material))
        run_id = opened.enter_context(experiment_run(store, *told))
        trained = [train_model(name, scheme, material, work) for scheme in schemes for name in config.models]
        eligible = [one for one in trained if config.candidates is None or one.model in config.candidates]
        best = {scheme.name: _best(eligible, scheme.name) for scheme in schemes}
        rows = [_row(one, config, chosen=one is best[one.scheme]) for one in trained]
        gaps = tuple((one.scheme, one.model, one.gap) for one in trained if one.gap)
        curves = tuple((one.scheme, one.model, point) for one in trained for point in one.curve)
        log_experiment(
            experiment_files(material, alignment, rows) | shift_files(material, gaps, curves),
            experiment_parameters(material),
            experiment_metrics(material, alignment, {name: one.evaluation for name, one in best.items()}),
            *experiment_tables(material),
        )
        _mark_chosen(store, run_id, trained, best)
        chosen = best.values() if config.register_champion else ()
        registered = tuple(_register(store, one, run_id, config) for one in chosen)
    return Outcome(run_id, alignment, plan, len(data.unlabelled), aside, tuple(rows), registered, gaps, curves)


def _fingerprint(material: Material, schemes: Sequence[LabelScheme]) -> dict[str, str]:
    """What a resumed run must have in common with the one that it goes on with."""
    told = {f"config {key}": json.dumps(value) for key, value in material.config.model_dump(mode="json").items()}
    told |= {f"label scheme {scheme.name}": json.dumps(scheme.to_dict()) for scheme in schemes}
    told |= {f"SHA-256 of {name}": digest for name, digest in material.origin.files.items()}
    return told | {f"version of {name}": version for name, version in material.origin.versions.items()}


def _best(trained: Sequence[Trained], scheme: str) -> Trained:
    """The best by cross-validation in the training part: choosing by the held-out part would use it up."""
    return max((one for one in trained if one.scheme == scheme), key=lambda one: one.score)


def _row(one: Trained, config: ExperimentConfig, chosen: bool) -> ComparisonRow:
    metric = figure_said(held_out_figure(config.tuning.metric))
    how = "by cross-validation in the training part"
    if isinstance(config.split, ShiftedSplit):
        how = f"of {'sources' if isinstance(config.split, LeaveOutSplit) else 'months'} that a model had not seen"
    if config.candidates is not None:
        how += f", of the candidates {', '.join(config.candidates)}"
    return ComparisonRow.of(
        one.evaluation, scheme=one.scheme, model=one.model, cv=one.score, criterion=f"{metric} {how}", chosen=chosen
    )


def _mark_chosen(store: Store, run_id: str, trained: Sequence[Trained], best: Mapping[str, Trained]) -> None:
    """Say which model of a scheme is the best, at its own run and at the experiment's."""
    for one in trained:
        add_tags(store, one.logged.run_id, {"stance.chosen": str(one is best[one.scheme]).lower()})
    add_tags(store, run_id, {f"stance.chosen.{scheme}": one.model for scheme, one in best.items()})


def _register(store: Store, one: Trained, run_id: str, config: ExperimentConfig) -> Registered:
    name, criterion = config.register_as.get(one.scheme, one.scheme), held_out_figure(config.tuning.metric)
    registered = register_candidate(
        store, name, one.logged, model=one.model, experiment_run=run_id, criterion=criterion
    )
    told = in_words(one.evaluation, scheme=one.scheme, model=one.model, experiment=config.name, criterion=criterion)
    describe_version(store, name, registered.version, told)
    return registered
