"""How many labels each way of choosing statements needs: people's labelling, played through on a labelled table.

Articles are held out; of the others so many statements are labelled at random, a model learns from them, the next batch
is drawn by the strategy, and so on (pool-based active learning, Lewis and Gale 1994; judged by learning curves as in
Settles and Craven 2008). Every repetition has held-out articles and a first batch of its own, the same for all
strategies, so that each is compared with chance in pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.answers import indicator
from toolkit.classifiers import build
from toolkit.decisions import decide
from toolkit.errors import UsageError, nearest
from toolkit.gold import combined
from toolkit.inputs import read_by
from toolkit.labeling.people.curves import SIMULATED, Course, Plan, Simulation
from toolkit.labeling.people.sampling import clusters_of, draw, inclusion, of_strata, weights_by
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement
from toolkit.settings import ModelSettings
from toolkit.splits import hold_out, linked_groups, need_support
from toolkit.work import NOWHERE, Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Numbers = NDArray[np.int64]

__all__ = ["simulate"]

_NEAR = 0.8
"""The share of word trigrams that makes two texts near-identical."""


def simulate(
    labelled: Iterable[tuple[Statement, Labels]],
    scheme: LabelScheme,
    model: ModelSettings,
    plan: Plan,
    *,
    other: ModelSettings | None = None,
    work: Work = NOWHERE,
) -> Simulation:
    """Play labelling through on a labelled table; rows of several annotators are combined by majority.

    ``model`` learns after every batch, without a search, and gives the labels of a multi-label scheme above its own
    fixed threshold, or above 0.5; ``other`` is what ``disagreement`` compares it with. Curves that ``work`` has kept
    are not played again. Raises UsageError for what cannot be played, SplitError where there are too few articles with
    a label.
    """
    _check(plan, other)
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
        courses += _Repetition.of(plan, seed, split.train, split.held_out, pupils, statements).courses(work)
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
    """One seed: what can be labelled, what is held out, and what is labelled first."""

    plan: Plan
    seed: int
    pool: Numbers
    held_out: Numbers
    first: Numbers
    pupils: Sequence[_Pupil]
    statements: Sequence[Statement]

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
        return cls(plan, seed, able, out, first, pupils, statements)

    def courses(self, work: Work) -> list[Course]:
        """Play every strategy through."""
        part, sizes = work.below(f"seed {self.seed}"), self._sizes()
        work.listener.start(f"seed {self.seed}", len(self.plan.strategies))
        full = float(part.once("full", self._full)["full"])
        courses = []
        for name in self.plan.strategies:
            values = part.once(name, lambda _, name=name: self._curve(name, sizes))["macro_f1"]  # type: ignore[misc]
            courses.append(Course(name, self.seed, full, tuple(zip(sizes, map(float, values), strict=True))))
            work.listener.step()
        return courses

    def _full(self, work: Work) -> dict[str, NDArray[np.float64]]:
        """Return the macro F1 of a model that learnt from all that can be labelled."""
        import numpy as np

        pupil = self.pupils[0]
        return {"full": np.array(pupil.macro_f1(pupil.answers(self.pool, self.held_out, self.seed), self.held_out))}

    def _sizes(self) -> list[int]:
        most = min(self.plan.most or len(self.pool), len(self.pool))
        return [*range(self.plan.start, most, self.plan.batch), max(most, self.plan.start)]

    def _curve(self, strategy: str, sizes: Sequence[int]) -> dict[str, NDArray[np.float64]]:
        """Return the macro F1 after each of so many labels."""
        import numpy as np

        known, curve = self.first, []
        for number, size in enumerate(sizes):
            left = np.setdiff1d(self.pool, known)
            needed = sizes[number + 1] - size if number + 1 < len(sizes) else 0
            asked = np.concatenate([self.held_out, left])
            answers = self.pupils[0].answers(known, asked, self.seed)
            curve.append(self.pupils[0].macro_f1(answers[: len(self.held_out)], self.held_out))
            if needed:
                known = np.union1d(known, left[self._drawn(strategy, known, left, answers[-len(left) :], needed)])
        return {"macro_f1": np.array(curve)}

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
