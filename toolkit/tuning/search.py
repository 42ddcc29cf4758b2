"""Walking through a search space: every point of a grid, or what Optuna proposes, resumable and the same again."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.settings import ModelSettings, Range, Search, with_changes

__all__ = ["Point", "Pruned", "Report", "points", "search_points"]


class Pruned(Exception):
    """Raised by a report to give a point up."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a search space: its number, the values tried, and the model with them."""

    number: int
    values: Mapping[str, Any]
    model: ModelSettings


Report = Callable[[float, int], None]
Evaluate = Callable[[Point, Report | None], float]


def points(model: ModelSettings) -> int:
    """Return how many points are tried."""
    if model.search is None:
        return 1
    if model.search.method != "grid":
        return model.search.trials
    return math.prod(len(values) for values in model.search.space.values() if isinstance(values, list))


def search_points(
    model: ModelSettings, seed: int, evaluate: Evaluate, study: Path | None = None
) -> Iterator[tuple[Point, float | None]]:
    """Evaluate point after point and yield each with its figure, None where it was given up.

    ``evaluate`` gets a point and, where points may be given up, a function that takes an intermediate figure and its
    step, and raises :class:`Pruned` for a hopeless point. ``study`` is the SQLite file that lets Optuna go on after a
    kill; the points that were done before are yielded again. The same seed gives the same points, resumed or not.
    """
    search = model.search
    if search is None:
        yield (only := Point(0, {}, model)), evaluate(only, None)
    elif search.method == "grid":
        for number, chosen in enumerate(itertools.product(*search.space.values())):
            values = dict(zip(search.space, chosen, strict=True))
            yield (point := Point(number, values, with_changes(model, values))), evaluate(point, None)
    else:
        yield from _walk(model, search, seed, evaluate, study)


def _walk(
    model: ModelSettings, search: Search, seed: int, evaluate: Evaluate, study_file: Path | None
) -> Iterator[tuple[Point, float | None]]:
    import optuna
    from optuna.trial import TrialState

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    done = (TrialState.COMPLETE, TrialState.PRUNED)
    study = optuna.create_study(
        study_name="search",
        storage=f"sqlite:///{study_file}" if study_file else None,
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4) if search.prune else optuna.pruners.NopPruner(),
        load_if_exists=True,
    )
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)  # its process is gone
    for number, trial in enumerate(study.get_trials(states=done)):
        values = json.loads(trial.user_attrs["values"])
        figure = trial.value if trial.state == TrialState.COMPLETE else None
        yield Point(number, values, with_changes(model, values)), figure
    for number in range(len(study.get_trials(states=done)), search.trials):
        # A sampler of its own for each point: a resumed search draws what an uninterrupted one would have drawn.
        study.sampler = _sampler(search, (seed + 7919 * number) % 2**31)
        asked = study.ask()
        values = {key: _suggest(asked, key, space) for key, space in search.space.items()}
        asked.set_user_attr("values", json.dumps(values))
        point = Point(number, values, with_changes(model, values))

        def report(value: float, step: int, trial: optuna.Trial = asked) -> None:
            trial.report(value, step)
            if trial.should_prune():
                raise Pruned

        try:
            figure = evaluate(point, report if search.prune else None)
        except Pruned:
            study.tell(asked, state=TrialState.PRUNED)
            yield point, None
        else:
            study.tell(asked, figure)
            yield point, figure


def _sampler(search: Search, seed: int) -> Any:
    import optuna

    if search.method == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=min(10, max(2, search.trials // 3)))


def _suggest(trial: Any, key: str, space: list[Any] | Range) -> Any:
    if isinstance(space, Range):
        if isinstance(space.low, int) and isinstance(space.high, int):
            return trial.suggest_int(key, space.low, space.high, log=space.log)
        return trial.suggest_float(key, float(space.low), float(space.high), log=space.log)
    # Optuna takes plain values only; a list ([1, 2]) goes as its JSON.
    return json.loads(trial.suggest_categorical(key, [json.dumps(value) for value in space]))
