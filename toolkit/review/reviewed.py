"""What a page is about: a run, or an experiment with all its runs, read back whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from toolkit.errors import TrackingError, first_line
from toolkit.evaluation import Evaluation, Figure
from toolkit.labels import LabelScheme
from toolkit.records import Statement
from toolkit.review.compare import Comparison, compare_runs
from toolkit.tracking import LoggedExperiment, LoggedRun, Store, experiment_of, read_runs

__all__ = ["Model", "Reviewed", "evaluation_of", "read_reviewed"]


_UNSEEN = {"leave_out": "sources", "rolling": "months"}
"""Kinds of splits whose held-out figure chooses between models, and what is unseen in it."""


@dataclass(frozen=True)
class Model:
    """A run of a model with the figures that were logged of it."""

    run: LoggedRun
    evaluation: Evaluation

    @property
    def name(self) -> str:
        """The name of the model in its experiment."""
        return self.run.model

    @cached_property
    def statements(self) -> list[Statement]:
        """The held-out statements."""
        return self.run.held_out

    @cached_property
    def gold(self) -> list[tuple[str, ...]]:
        """Their gold labels."""
        return self.run.gold

    @property
    def cv(self) -> float | None:
        """The figure by cross-validation in the training part."""
        return self.run.metrics.get(f"cv/{self.run.config['tuning']['metric']}")

    def figure(self, name: str) -> Figure:
        """Return a figure; an undefined one where the run has none of this name."""
        return self.evaluation.figures.get(name, Figure(None, None, None, 0))


@dataclass(frozen=True)
class Reviewed:
    """What a page is about; ``experiment`` is None where a run stands alone."""

    name: str
    run_id: str
    experiment: LoggedExperiment | None
    models: tuple[Model, ...]

    @cached_property
    def schemes(self) -> dict[str, LabelScheme]:
        """The label schemes by name."""
        return {model.run.scheme.name: model.run.scheme for model in self.models}

    @property
    def config(self) -> Mapping[str, Any]:
        """The resolved configuration."""
        return self.models[0].run.config

    @property
    def tags(self) -> Mapping[str, str]:
        """Where the runs come from: commit, digests, versions."""
        return self.models[0].run.tags

    @cached_property
    def compared(self) -> dict[str, Comparison]:
        """The models of every label scheme that has several, compared by macro F1."""
        runs = {scheme: [model.run for model in self.of(scheme)] for scheme in self.schemes}
        return {scheme: compare_runs(several) for scheme, several in runs.items() if len(several) > 1}

    def of(self, scheme: str) -> list[Model]:
        """Return the models of a label scheme, in the order in which they were trained."""
        return [model for model in self.models if model.run.scheme.name == scheme]

    def chosen(self, scheme: str) -> Model:
        """Return the model that was chosen among the candidates, as the experiment chose it (see :meth:`score`)."""
        models = self.of(scheme)
        candidates = self.config.get("candidates")
        eligible = [model for model in models if candidates is None or model.name in candidates] or models
        return max(eligible, key=lambda model: float("-inf") if (score := self.score(model)) is None else score)

    @property
    def split(self) -> str:
        """The kind of the split."""
        return str(self.config.get("split", {}).get("kind", "not told"))

    @property
    def unseen(self) -> str | None:
        """What models were chosen by the held-out figure itself of: sources or months that they had not seen."""
        return _UNSEEN.get(self.split)

    @property
    def final_saw_all(self) -> bool:
        """Whether the logged model learnt from the held-out statements too; other fits were judged on them."""
        return self.split in ("nested", *_UNSEEN)

    def score(self, model: Model) -> float | None:
        """Return what models were chosen by: the cross-validated figure, or that of the unseen."""
        if self.unseen is None:
            return model.cv
        over, _, kind = str(self.config["tuning"]["metric"]).partition("_")
        return model.figure(f"{kind}/{over}").value


def read_reviewed(store: Store, name: str) -> Reviewed:
    """Read what a name means: an experiment, the id of a run, ``EXPERIMENT/MODEL``, a registered model.

    Raises TrackingError where it means none, or where an artifact is missing.
    """
    runs = read_runs(store, name)
    if not runs:
        raise TrackingError(f"{name}: has no finished run of a model, so there is nothing to report.")
    experiment = _experiment(store, runs[0])
    whole = experiment is not None and len(runs) == len(experiment.models)
    told = experiment.name if whole and experiment else f"{runs[0].model} ({runs[0].scheme.name})"
    if not whole and len(runs) > 1:
        told = name
    run_id = experiment.run_id if whole and experiment else runs[0].run_id
    return Reviewed(told, run_id, experiment, tuple(Model(run, evaluation_of(run)) for run in runs))


def _experiment(store: Store, run: LoggedRun) -> LoggedExperiment | None:
    """Return the experiment of a run; None where there is none, or it did not come to its end."""
    try:
        return experiment_of(store, run)
    except TrackingError:
        return None


def evaluation_of(run: LoggedRun) -> Evaluation:
    """Return the figures that were logged of a run. Raises TrackingError where they cannot be read."""
    path = run.folder / "evaluation.json"
    try:
        return Evaluation.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise TrackingError(f"{path}: cannot be read: {first_line(error)}.") from None
