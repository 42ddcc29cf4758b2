"""One figure of several models, for any draws of the articles and any swaps of them between two models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from toolkit.answers import Answers
from toolkit.errors import UsageError, nearest
from toolkit.evaluation.sums import average_precision, average_precision_of_halves, counts, figure_of, mean_defined

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["Scorer", "figure_named", "figure_names", "scorer"]

_RANKED = "average_precision"
_BY_LABEL = ("f1", "precision", "recall", _RANKED)


def figure_names(labels: Sequence[str], multi_label: bool) -> list[str]:
    """Return the figures by which models can be compared: the more, the better."""
    names = [f"{kind}/{over}" for kind in _BY_LABEL for over in ("macro", *labels)]
    micro = [f"{kind}/micro" for kind in _BY_LABEL if kind != _RANKED]
    return [*names, *micro, "subset_accuracy" if multi_label else "accuracy"]


def figure_named(metric: str, labels: Sequence[str], multi_label: bool) -> str:
    """Return a figure's name as runs log it, also where it is called as in a configuration (``macro_f1``).

    Raises UsageError for what is no figure of the scheme.
    """
    allowed = figure_names(labels, multi_label)
    over, _, kind = metric.partition("_")
    for name in (metric, f"{kind}/{over}"):
        if name in allowed:
            return name
    raise UsageError(
        f"{metric!r} is no figure to compare by{nearest(metric, allowed)}; allowed are {', '.join(allowed)}."
    )


class Scorer(Protocol):
    """The figure of several models, each told by its position."""

    @property
    def rounds(self) -> int:
        """How many rounds of swapping take a reasonable time."""

    def support(self, true: Matrix) -> int:
        """Return how many gold examples are behind the figure."""

    def drawn(self, weights: Matrix) -> Matrix:
        """Return the figure of every model, (models, draws), articles weighted by (draws, articles)."""

    def swapped(self, flips: Matrix, pairs: Sequence[tuple[int, int]]) -> Iterator[Matrix]:
        """Yield for every pair the difference, (rounds,), with articles swapped where ``flips`` is 1."""


def scorer(
    name: str,
    true: Matrix,
    answers: Sequence[Answers],
    positions: NDArray[np.int64],
    n_articles: int,
    multi_label: bool,
) -> Scorer:
    """Return what scores a figure (:func:`figure_names`); ``true`` is (n, labels), ``positions`` the rows' articles."""
    import numpy as np

    labels = answers[0].columns.labels
    kind, _, over = name.partition("/")
    if kind == _RANKED:
        asked = list(range(len(labels))) if over == "macro" else [labels.index(over)]
        ranked = tuple(np.asarray(one.probabilities, float)[:, asked] for one in answers)
        return _Ranked(true[:, asked], ranked, positions, n_articles)
    counted = np.stack([counts(true, one.given.astype(np.float64), positions, n_articles) for one in answers], axis=1)
    return _Counted(name, labels, multi_label, counted)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A figure that follows from counts."""

    name: str
    labels: tuple[str, ...]
    multi_label: bool
    counts: Matrix
    """(articles, models, counts)"""

    @property
    def rounds(self) -> int:
        return 9_999

    def support(self, true: Matrix) -> int:
        over = self.name.partition("/")[2]
        column = true[:, self.labels.index(over)] if over in self.labels else true
        return int(column.sum()) if over else len(true)

    def drawn(self, weights: Matrix) -> Matrix:
        import numpy as np

        sums = self._sums(weights)
        return np.stack([self._value(sums[:, k]) for k in range(sums.shape[1])])

    def swapped(self, flips: Matrix, pairs: Sequence[tuple[int, int]]) -> Iterator[Matrix]:
        whole, moved = self.counts.sum(axis=0), self._sums(flips)
        for a, b in pairs:
            gained = moved[:, b] - moved[:, a]
            yield self._value(whole[a] + gained) - self._value(whole[b] - gained)

    def _sums(self, weights: Matrix) -> Matrix:
        """Return the counts of every model, (draws, models, counts), by one product of matrices."""
        articles, models, kinds = self.counts.shape
        product: Matrix = weights @ self.counts.reshape(articles, models * kinds)
        return product.reshape(len(weights), models, kinds)

    def _value(self, sums: Matrix) -> Matrix:
        return figure_of(self.name, sums, self.labels, self.multi_label)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """The average precision of one label, or the mean of several."""

    true: Matrix
    """(n, labels), as the probabilities of every model."""
    probabilities: tuple[Matrix, ...]
    positions: NDArray[np.int64]
    n_articles: int

    @property
    def rounds(self) -> int:
        return 1_999

    def support(self, true: Matrix) -> int:
        return int(self.true.sum())

    def drawn(self, weights: Matrix) -> Matrix:
        import numpy as np

        ranked = [average_precision(self.true, one, self.positions, weights) for one in self.probabilities]
        return np.stack([mean_defined(values) for values in ranked])

    def swapped(self, flips: Matrix, pairs: Sequence[tuple[int, int]]) -> Iterator[Matrix]:
        """The rows of both models stand in one ranking, as articles of their own, and count where they were put."""
        import numpy as np

        true = np.vstack((self.true, self.true))
        positions = np.concatenate((self.positions, self.positions + self.n_articles))
        stay = np.hstack((1 - flips, flips))
        for a, b in pairs:
            both = np.vstack((self.probabilities[a], self.probabilities[b]))
            first, second = average_precision_of_halves(true, both, positions, stay)
            yield mean_defined(first) - mean_defined(second)
