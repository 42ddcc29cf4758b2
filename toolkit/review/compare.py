"""Logged runs compared on the statements that all of them were held to, from their held-out tables alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, TypeAlias

from toolkit.answers import Answers, indicator
from toolkit.errors import TrackingError, UsageError
from toolkit.evaluation import Figure, Resampling, figure_said
from toolkit.evaluation.comparison.dominance import almost_stochastic_order
from toolkit.evaluation.comparison.paired import Difference, Paired, compare_models
from toolkit.tracking import LoggedRun

__all__ = ["Comparison", "ModelScore", "Pair", "SeedOrder", "compare_runs", "schemes_of"]


_Gold: TypeAlias = tuple[str, str, frozenset[str]]
"""The text of a statement, its article, its gold labels."""


@dataclass(frozen=True, slots=True)
class ModelScore:
    """The figure of one run, with its interval; None is undefined."""

    model: str
    run_id: str
    metric: float | None
    low: float | None
    high: float | None
    n: int
    """How many statements it is a figure of."""
    support: int


@dataclass(frozen=True, slots=True)
class Pair:
    """One model less another, and what it says."""

    a: str
    b: str
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None
    effect: float | None
    smallest_difference: float | None
    mcnemar: float | None
    better: str | None
    """Which of the two is better; None where they cannot be told apart."""
    verdict: str


@dataclass(frozen=True, slots=True)
class SeedOrder:
    """Whether the runs of one model, under several seeds, dominate those of another: ``epsilon`` below 0.5, best 0."""

    a: str
    b: str
    epsilon: float
    runs_a: int
    runs_b: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The models of one label scheme on the same held-out statements."""

    scheme: str
    metric: str
    statements: int
    articles: int
    confidence: float
    seed: int
    resamples: int
    rounds: int
    models: tuple[ModelScore, ...]
    """The best first."""
    pairs: tuple[Pair, ...]
    tied: tuple[str, ...]
    """The best model and those that cannot be told apart from it; empty where it stands alone."""
    smallest_difference: float | None
    """The smallest difference from the best model that this set shows 4 times of 5: the largest of the models that it
    is tied with, or of all others where it stands alone."""
    seeds: tuple[SeedOrder, ...]

    @property
    def sentences(self) -> list[str]:
        """What the comparison comes to: the best, what is tied with it, and what this set can show."""
        held = f"on {self.statements} statements of {self.articles} articles"
        by, shows = f"by {figure_said(self.metric)}", _shows(self.smallest_difference)
        defined = [model for model in self.models if model.metric is not None]
        if not defined:
            return [f"{figure_said(self.metric)} is undefined for every model {held}."]
        if self.tied:
            return [f"{_listed(self.tied)} cannot be told apart {by} {held}{shows}."]
        if len(defined) == 1:
            return [f"{defined[0].model} is the only model with a defined {figure_said(self.metric)} {held}."]
        return [f"{defined[0].model} is better than every other model {by} {held}{shows}."]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data; undefined is null."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        for name in ("models", "pairs", "seeds"):
            plain[name] = [{field: getattr(one, field) for field in one.__slots__} for one in plain[name]]
        return {**plain, "tied": list(self.tied), "sentences": self.sentences}


def schemes_of(runs: Sequence[LoggedRun]) -> list[str]:
    """Return the names of the label schemes of runs, in their order."""
    return list(dict.fromkeys(run.scheme.name for run in runs))


def compare_runs(
    runs: Sequence[LoggedRun], *, metric: str = "f1/macro", seed: int | None = None, rounds: int | None = None
) -> Comparison:
    """Compare runs of one label scheme, each with each.

    Intervals are drawn as the first run's configuration says; ``seed`` None is its own seed too, so that the interval
    of a model is the one that its run tells. Raises UsageError for fewer than two runs and for a metric that there is
    not, TrackingError where they were not held to the same statements, gold labels and label scheme.
    """
    if len(runs) < 2:
        raise UsageError(f"comparing needs two runs of a label scheme at least, not {len(runs)}.")
    first, names = runs[0], _names(runs)
    gold, answers = _aligned(runs, names)
    asked = first.config["evaluation"]
    drawing = Resampling(int(first.config["seed"]) if seed is None else seed, asked["resamples"], asked["confidence"])
    paired = compare_models(
        gold,
        answers,
        [statement.article_id for statement in first.held_out],
        metric=metric,
        multi_label=first.scheme.multi_label,
        resampling=drawing,
        rounds=rounds,
    )
    order = sorted(range(len(runs)), key=lambda k: -_or_least(paired.figures[k]))
    pairs = [_pair(one, names, paired, order) for one in paired.differences]
    pairs.sort(key=lambda pair: [order.index(names.index(name)) for name in (pair.a, pair.b)])
    return Comparison(
        scheme=first.scheme.name,
        metric=paired.metric,
        statements=paired.n,
        articles=paired.n_articles,
        confidence=paired.confidence,
        seed=drawing.seed,
        resamples=drawing.resamples,
        rounds=paired.rounds,
        models=tuple(_score(names[k], runs[k], paired.figures[k], paired.n) for k in order),
        pairs=tuple(pairs),
        tied=tuple(names[k] for k in paired.tied),
        smallest_difference=paired.smallest,
        seeds=_seed_orders(runs, paired, drawing.seed),
    )


def _or_least(figure: Figure) -> float:
    return -1.0 if figure.value is None else figure.value


def _score(name: str, run: LoggedRun, figure: Figure, n: int) -> ModelScore:
    return ModelScore(name, run.run_id, figure.value, figure.low, figure.high, n, figure.support)


# ------------------------------------------------------------------------------- may these runs be compared at all


def _aligned(runs: Sequence[LoggedRun], names: Sequence[str]) -> tuple[Any, list[Answers]]:
    """Return the gold labels and every run's answers in the order of the first run's statements."""
    first, gold = runs[0], _gold_of(runs[0])
    asked = [statement.statement_id for statement in first.held_out]
    labels = tuple(first.scheme.labels)
    answers = []
    for run, name in zip(runs, names, strict=True):
        problem = _difference_of(first, run, gold)
        if problem is not None:
            raise TrackingError(f"{names[0]} and {name} cannot be compared: {problem}.")
        places = {statement.statement_id: k for k, statement in enumerate(run.held_out)}
        order = [places[one] for one in asked]
        told = run.answers
        answers.append(Answers(told.columns, told.probabilities[order], told.given[order]))
    return indicator(first.gold, labels), answers


def _difference_of(one: LoggedRun, other: LoggedRun, first: Mapping[str, _Gold]) -> str | None:
    """Say in what two runs differ that must be the same, ``first`` being the gold of one; None where in nothing."""
    if one.scheme.name != other.scheme.name:
        return f"their label schemes are '{one.scheme.name}' and '{other.scheme.name}'"
    if one.scheme.digest != other.scheme.digest:
        versions = f"{one.scheme.digest} and {other.scheme.digest}"
        return f"they follow different versions of the label scheme '{one.scheme.name}' (digests {versions})"
    second = _gold_of(other)
    if first.keys() != second.keys():
        only = (len(first.keys() - second.keys()), len(second.keys() - first.keys()))
        return (
            f"they were held to different statements ({only[0]} of the first alone, {only[1]} of the second alone); "
            f"an experiment holds out the same ones under the same data, split and seed"
        )
    changed = sum(first[key] != second[key] for key in first)
    if changed:
        return f"the gold labels of {changed} of {len(first)} held-out statements are not the same"
    return None


def _gold_of(run: LoggedRun) -> dict[str, _Gold]:
    """Return by id what makes a held-out statement the same: its text, its article, its gold labels."""
    rows = zip(run.held_out, run.gold, strict=True)
    return {one.statement_id: (one.text, one.article_id, frozenset(gold)) for one, gold in rows}


# ------------------------------------------------------------------------------------------- what is said of pairs


def _names(runs: Sequence[LoggedRun]) -> list[str]:
    """Return a name for every run that no other one has: the model's, with its seed or else its run where it must."""
    models = [run.model for run in runs]
    seeded = [f"{run.model} (seed {run.config['seed']})" for run in runs]
    named = [model if models.count(model) == 1 else with_seed for model, with_seed in zip(models, seeded, strict=True)]
    return [
        name if named.count(name) == 1 else f"{run.model} (run {run.run_id[:8]})"
        for name, run in zip(named, runs, strict=True)
    ]


def _pair(one: Difference, names: Sequence[str], paired: Paired, order: Sequence[int]) -> Pair:
    """Tell a pair with the better model first, so that a difference is not negative."""
    if order.index(one.a) > order.index(one.b):
        turned = {"low": _minus(one.high), "high": _minus(one.low), "effect": _minus(one.effect)}
        one = Difference(
            one.b, one.a, _minus(one.value), turned["low"], turned["high"], one.error, one.p, one.p_holm,
            turned["effect"], one.smallest, one.mcnemar,
        )  # fmt: skip
    a, b = names[one.a], names[one.b]
    better = a if paired.apart(one) else None
    return Pair(
        a, b, one.value, one.low, one.high, one.p, one.p_holm, one.effect, one.smallest, one.mcnemar,
        better, _verdict(a, b, one, better, paired),
    )  # fmt: skip


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def _verdict(a: str, b: str, one: Difference, better: str | None, paired: Paired) -> str:
    held = f"on {paired.n} statements of {paired.n_articles} articles"
    if one.value is None:
        return f"{a} and {b} cannot be compared {held}: {figure_said(paired.metric)} is undefined for one of them"
    if better is None:
        return f"{a} and {b} cannot be told apart {held}{_shows(one.smallest)}"
    bounds = "" if one.low is None or one.high is None else f" [{one.low:.2f}, {one.high:.2f}]"
    p = one.p_holm or 0.0
    told = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    return f"{a} is better than {b} by {one.value:.2f}{bounds} {held} ({told})"


def _shows(smallest: float | None) -> str:
    """Say which difference this set would not show 4 times of 5."""
    if smallest is None:
        return ""
    return f"; a difference of less than {_rounded(smallest)} would not reliably show on this set"


def _rounded(difference: float) -> str:
    return f"{difference:.2f}" if difference >= 0.01 else f"{difference:.3f}"


def _listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them, at most five."""
    if len(names) > 5:
        names = [*names[:4], f"{len(names) - 4} more"]
    return " and ".join((", ".join(names[:-1]), names[-1]))


# ------------------------------------------------------------------------------------------------- several seeds


def _seed_orders(runs: Sequence[LoggedRun], paired: Paired, seed: int) -> tuple[SeedOrder, ...]:
    """Return the order of all models of which two runs at least differ in nothing but their seed."""
    figures: dict[tuple[str, str], dict[int, float]] = {}
    for run, figure in zip(runs, paired.figures, strict=True):
        if figure.value is not None:
            settings = json.dumps(run.config["models"].get(run.model), sort_keys=True)
            same = figures.setdefault((run.model, settings), {})
            same[int(run.config["seed"])] = figure.value
    several = [(name, list(by_seed.values())) for (name, _), by_seed in figures.items() if len(by_seed) > 1]
    return tuple(
        SeedOrder(a, b, almost_stochastic_order(ours, theirs, seed=seed), len(ours), len(theirs))
        for (a, ours), (b, theirs) in permutations(several, 2)
    )
