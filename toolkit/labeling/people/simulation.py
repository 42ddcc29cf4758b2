"""How many labels each way of choosing statements needs: people's labelling, played through on a labelled table.

Articles are held out; of the others so many statements are labelled at random, a model learns from them, the next batch
is drawn by the strategy, and so on (pool-based active learning, Lewis and Gale 1994; judged by learning curves as in
Settles and Craven 2008). Every repetition has held-out articles and a first batch of its own, the same for all
strategies, so that each is compared with chance in pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from toolkit.answers import indicator
from toolkit.classifiers import build
from toolkit.decisions import decide
from toolkit.errors import UsageError, nearest
from toolkit.gold import combined
from toolkit.inputs import read_by
from toolkit.labeling.people.sampling import clusters_of, draw, inclusion, of_strata, weights_by
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement
from toolkit.settings import ModelSettings
from toolkit.splits import hold_out, linked_groups, need_support
from toolkit.work import Listener, Silent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Numbers = NDArray[np.int64]

__all__ = ["SIMULATED", "Course", "Plan", "Simulation", "simulate"]

SIMULATED = ("random", "uncertain", "rare", "diverse", "disagreement")
"""The strategies that can be played through; what they are compared with comes first."""
_NEAR = 0.8
"""The share of word trigrams that makes two texts near-identical."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played through: sizes are numbers of statements, shares go from 0 to 1."""

    strategies: tuple[str, ...] = SIMULATED
    start: int = 100
    batch: int = 100
    most: int | None = None
    """Where labelling stops; None: when every statement that is not held out is labelled."""
    seeds: int = 10
    seed: int = 0
    test_size: float = 0.3
    share: float = 0.95
    """Of the macro F1 of a model that learnt from all, at which a strategy has arrived."""
    floor: float = 0.2
    """The share of the chance that is the same for all statements, as ``stance annotate sample`` keeps it."""


@dataclass(frozen=True, slots=True)
class Course:
    """One repetition of one strategy: the macro F1 on held-out articles after so many labels."""

    strategy: str
    seed: int
    full: float
    """The macro F1 of a model that learnt from all that is not held out."""
    curve: tuple[tuple[int, float], ...]

    def arrives(self, share: float) -> int | None:
        """Return the least number of labels at which two batches in succession reach that share of ``full``.

        One batch may do so by luck. None where there are no such two; the last batch of all is enough by itself.
        """
        there = [value >= share * self.full for _, value in self.curve]
        there.append(there[-1])
        return next((size for k, (size, _) in enumerate(self.curve) if there[k] and there[k + 1]), None)

    @property
    def mean(self) -> float:
        """The mean macro F1 along the curve, the height of the learning curve."""
        return sum(value for _, value in self.curve) / len(self.curve)


@dataclass(frozen=True, slots=True)
class Simulation:
    """All repetitions of all strategies, and what they come to."""

    plan: Plan
    statements: int
    articles: int
    courses: tuple[Course, ...]

    def of(self, strategy: str) -> list[Course]:
        """Return the repetitions of a strategy, by seed."""
        return [course for course in self.courses if course.strategy == strategy]

    def to_dict(self) -> dict[str, Any]:
        """Return, by strategy, the labels it needs and how it compares with chance, as plain data; undefined is null.

        ``labels`` is the median over repetitions with the interval of its order statistics (at least 95 %, which takes
        six repetitions); a repetition that never arrives counts as more than all others. ``macro_f1`` and
        ``above_random`` are means over repetitions of the height of the curve, with Student's interval.
        ``p_value`` is of the sign test that the strategy arrives sooner or later than chance, by Holm.
        """
        random, strategies = self.of("random"), {}
        for name in self.plan.strategies:
            courses = self.of(name)
            arrived = [course.arrives(self.plan.share) for course in courses]
            strategies[name] = {
                "labels": _median(arrived),
                "arrived": sum(one is not None for one in arrived),
                "macro_f1": _mean([course.mean for course in courses]),
                "curve": _mean_curve(courses),
            }
            if name != "random":
                pairs = list(zip(courses, random, strict=True))
                strategies[name] |= {"above_random": _mean([a.mean - b.mean for a, b in pairs])}
                strategies[name] |= _compared(arrived, [course.arrives(self.plan.share) for course in random])
        _adjust(strategies)
        told = {name: getattr(self.plan, name) for name in Plan.__slots__ if name != "strategies"}
        told |= {"statements": self.statements, "articles": self.articles, "full": _mean([c.full for c in random])}
        return {**told, "strategies": strategies}


def simulate(
    labelled: Iterable[tuple[Statement, Labels]],
    scheme: LabelScheme,
    model: ModelSettings,
    plan: Plan,
    *,
    other: ModelSettings | None = None,
    listener: Listener | None = None,
) -> Simulation:
    """Play labelling through on a labelled table; rows of several annotators are combined by majority.

    ``model`` learns after every batch, without a search, and gives the labels of a multi-label scheme above its own
    fixed threshold, or above 0.5; ``other`` is what ``disagreement`` compares it with. Raises UsageError for what
    cannot be played, SplitError where there are too few articles with a label.
    """
    _check(plan, other)
    listener = listener or Silent()
    pairs = [pair for pair in combined(labelled, [scheme]) if scheme.name in pair[1].by_scheme]
    statements, given = [one for one, _ in pairs], [labels.by_scheme[scheme.name] for _, labels in pairs]
    articles = [one.article_id or one.statement_id for one in statements]
    groups = linked_groups(articles, [one.text for one in statements], _NEAR)
    targets = indicator(given, scheme.label_names)
    pupils = [_Pupil.of(one, scheme, statements, targets, groups) for one in (model, other) if one is not None]
    courses = []
    for seed in range(plan.seed, plan.seed + plan.seeds):
        split = hold_out(groups, [labels or ("none",) for labels in given], plan.test_size, seed)
        need_support(scheme, given, split, 1)
        courses += _Repetition.of(plan, seed, split.train, split.held_out, pupils, statements).courses(listener)
    return Simulation(plan, len(statements), len(set(articles)), tuple(courses))


def _check(plan: Plan, other: ModelSettings | None) -> None:
    for name in plan.strategies:
        if name not in SIMULATED:
            raise UsageError(f"{name!r} cannot be played through{nearest(name, SIMULATED)}: {', '.join(SIMULATED)}.")
    if "random" not in plan.strategies:
        raise UsageError("the strategies are compared with random, which must be one of them.")
    if "disagreement" in plan.strategies and other is None:
        raise UsageError("disagreement compares two models; name the other one too.")


@dataclass(frozen=True, slots=True, eq=False)
class _Pupil:
    """A model that learns anew from whatever is labelled."""

    settings: ModelSettings
    scheme: LabelScheme
    texts: Sequence[str]
    targets: Numbers
    folds: Numbers

    @classmethod
    def of(
        cls,
        settings: ModelSettings,
        scheme: LabelScheme,
        statements: Sequence[Statement],
        targets: Numbers,
        groups: Sequence[str],
    ) -> _Pupil:
        import numpy as np

        # Folds inside, by article, are for models that calibrate themselves.
        folds = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)[1] % 3
        return cls(settings, scheme, list(read_by(settings, statements)), targets, folds)

    def answers(self, known: Numbers, asked: Numbers, seed: int) -> Matrix:
        """Return the probabilities, (n, labels), of those that are asked, by what is known of the others."""
        import numpy as np

        learnt = self.targets[known]
        if (learnt.min(axis=0) == learnt.max(axis=0)).all():  # nothing to tell apart yet: all are like those known
            return np.repeat(learnt[:1].astype(np.float64), len(asked), axis=0)
        classifier = build(self.settings, self.scheme, seed)
        classifier.fit([self.texts[i] for i in known], learnt, self.folds[known])
        return classifier.predict_proba([self.texts[i] for i in asked])

    def macro_f1(self, probabilities: Matrix, asked: Numbers) -> float:
        """Return the macro F1 of answers; every label has a held-out example, so each F1 is defined."""
        fixed = self.settings.thresholds if isinstance(self.settings.thresholds, float) else 0.5
        labels = self.targets.shape[1]
        said = decide(probabilities, [fixed] * labels if self.scheme.multi_label else None)
        right = self.targets[asked]
        return float((2 * (said * right).sum(axis=0) / (said.sum(axis=0) + right.sum(axis=0))).mean())


@dataclass(frozen=True, slots=True, eq=False)
class _Repetition:
    """One seed: what can be labelled, what is held out, what is labelled first, and what all of it would reach."""

    plan: Plan
    seed: int
    pool: Numbers
    held_out: Numbers
    first: Numbers
    pupils: Sequence[_Pupil]
    statements: Sequence[Statement]
    full: float

    @classmethod
    def of(
        cls,
        plan: Plan,
        seed: int,
        pool: Sequence[int],
        held_out: Sequence[int],
        pupils: Sequence[_Pupil],
        statements: Sequence[Statement],
    ) -> _Repetition:
        import numpy as np

        if plan.start > len(pool):
            raise UsageError(f"{plan.start} labels to begin with are asked for, and {len(pool)} can be labelled.")
        able, out = np.array(pool), np.array(held_out)
        first = np.sort(np.random.default_rng(seed).choice(able, plan.start, replace=False))
        full = pupils[0].macro_f1(pupils[0].answers(able, out, seed), out)
        return cls(plan, seed, able, out, first, pupils, statements, full)

    def courses(self, listener: Listener) -> list[Course]:
        """Play every strategy through."""
        sizes = self._sizes()
        listener.start(f"seed {self.seed}", len(sizes) * len(self.plan.strategies))
        return [Course(name, self.seed, self.full, self._curve(name, sizes, listener)) for name in self.plan.strategies]

    def _sizes(self) -> list[int]:
        most = min(self.plan.most or len(self.pool), len(self.pool))
        return [*range(self.plan.start, most, self.plan.batch), max(most, self.plan.start)]

    def _curve(self, strategy: str, sizes: Sequence[int], listener: Listener) -> tuple[tuple[int, float], ...]:
        import numpy as np

        known, curve = self.first, []
        for number, size in enumerate(sizes):
            left = np.setdiff1d(self.pool, known)
            needed = sizes[number + 1] - size if number + 1 < len(sizes) else 0
            asked = np.concatenate([self.held_out, left])
            answers = self.pupils[0].answers(known, asked, self.seed)
            curve.append((size, self.pupils[0].macro_f1(answers[: len(self.held_out)], self.held_out)))
            listener.step()
            if needed:
                known = np.union1d(known, left[self._drawn(strategy, known, left, answers[-len(left) :], needed)])
        return tuple(curve)

    def _drawn(self, strategy: str, known: Numbers, left: Numbers, answers: Matrix, size: int) -> Numbers:
        """Return the places in ``left`` of the next batch."""
        import numpy as np

        seed = int(np.random.SeedSequence([self.seed, SIMULATED.index(strategy), len(known)]).generate_state(1)[0])
        strata = None
        if strategy == "random":
            weights = np.ones(len(left))
        elif strategy == "diverse":
            strata = clusters_of([self.statements[i].text for i in left], size, seed)
            weights = of_strata(strata, size)
        else:
            both = [answers]
            if strategy == "disagreement":
                both.append(self.pupils[1].answers(known, left, self.seed))
            weights = weights_by(strategy, both, self.plan.floor)
        return draw(inclusion(weights, size), seed, strata)


# ----------------------------------------------------------------------------------------- over all repetitions


def _median(arrived: Sequence[int | None]) -> dict[str, float | None]:
    """Return the median with the interval of its order statistics (Conover 1999, section 3.2)."""
    from scipy.stats import binom

    ordered = sorted(float("inf") if one is None else float(one) for one in arrived)
    middle, n = median(ordered), len(ordered)
    out = int(binom.ppf(0.025, n, 0.5))  # so many on either side lie outside
    bounds = (ordered[out - 1], ordered[n - out]) if out > 0 else (None, None)
    told = zip(("median", "low", "high"), (middle, *bounds), strict=True)
    return {name: None if value is None or value == float("inf") else value for name, value in told}


def _mean(values: Sequence[float]) -> dict[str, float | None]:
    import numpy as np
    from scipy.stats import t

    value, n = float(np.mean(values)), len(values)
    if n < 2:
        return {"value": value, "low": None, "high": None}
    half = float(t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return {"value": value, "low": value - half, "high": value + half}


def _mean_curve(courses: Sequence[Course]) -> list[dict[str, float | None]]:
    """Return the mean macro F1 after so many labels, for the sizes that every repetition has."""
    curves = [dict(course.curve) for course in courses]
    sizes = [size for size in curves[0] if all(size in one for one in curves)]
    return [{"labels": size, **_mean([one[size] for one in curves])} for size in sizes]


def _compared(arrived: Sequence[int | None], by_chance: Sequence[int | None]) -> dict[str, Any]:
    from scipy.stats import binomtest

    never = float("inf")
    pairs = [(never if a is None else a, never if b is None else b) for a, b in zip(arrived, by_chance, strict=True)]
    sooner, later = sum(a < b for a, b in pairs), sum(a > b for a, b in pairs)
    p = float(binomtest(sooner, sooner + later).pvalue) if sooner + later else None
    return {"sooner": sooner, "later": later, "p_value": p}


def _adjust(strategies: dict[str, dict[str, Any]]) -> None:
    """Put the p-values of all strategies right for there being several (Holm 1979)."""
    from statsmodels.stats.multitest import multipletests

    tested = [name for name, one in strategies.items() if one.get("p_value") is not None]
    if tested:
        adjusted = multipletests([strategies[name]["p_value"] for name in tested], method="holm")[1]
        for name, p in zip(tested, adjusted, strict=True):
            strategies[name]["p_value"] = float(p)
