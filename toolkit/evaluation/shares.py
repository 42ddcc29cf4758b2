"""Figures that are computed from counts per article, with bootstrap intervals over the articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.evaluation.bootstrap import interval, multiplicities
from toolkit.evaluation.figures import Figure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["STANDARD", "Resampling", "ratio"]


@dataclass(frozen=True, slots=True)
class Resampling:
    """How articles are drawn again: the same seed gives every figure the same draws."""

    seed: int = 0
    resamples: int = 2000
    confidence: float = 0.95
    """Of the interval."""

    def figures(
        self, counts: Matrix, compute: Callable[[Matrix], Mapping[str, Matrix]], support: Mapping[str, int]
    ) -> dict[str, Figure]:
        """Return the figures of counts with their intervals.

        ``counts`` is (articles, counts); ``compute`` takes sums of them over articles, (draws, counts), and returns
        every figure by its name, (draws,), NaN where it is undefined; ``support`` is by the same names.
        """
        import numpy as np

        n_articles = len(counts)
        point = compute(counts.sum(axis=0, keepdims=True))
        draws = multiplicities(n_articles, self.resamples, self.seed)
        parts = [compute(drawn.astype(np.float64) @ counts) for drawn in draws]
        found = {}
        for name, value in point.items():
            drawn = np.concatenate([part[name] for part in parts])
            low, high, undefined = interval(drawn, n_articles, self.confidence)
            if np.isnan(value[0]):
                found[name] = Figure(None, None, None, support[name], None, undefined)
            else:
                found[name] = Figure(float(value[0]), low, high, support[name], None, undefined)
        return found

    def shares(self, tallies: Sequence[Mapping[str, tuple[int, int]]], most: int | None = None) -> dict[str, Figure]:
        """Return, by name, the share that was right, most frequent first; at most ``most``, all where None.

        ``tallies`` are by article and name: (how many, how many of them right).
        """
        import numpy as np

        total: Counter[str] = Counter()
        for tally in tallies:
            total.update({name: n for name, (n, _) in tally.items()})
        names = [name for name, _ in sorted(total.items(), key=lambda item: (-item[1], item[0]))[:most]]
        rows = [[tally.get(name, (0, 0)) for name in names] for tally in tallies]
        counts = np.array(rows, dtype=np.float64).reshape(len(tallies), 2 * len(names))

        def compute(sums: Matrix) -> dict[str, Matrix]:
            return {name: ratio(sums[:, 2 * k + 1], sums[:, 2 * k]) for k, name in enumerate(names)}

        return self.figures(counts, compute, total)


def ratio(over: Matrix, under: Matrix) -> Matrix:
    """Return the ratios, NaN where there is nothing to divide by."""
    import numpy as np

    undefined = np.full(np.broadcast_shapes(over.shape, under.shape), np.nan)
    result: Matrix = np.divide(over, under, out=undefined, where=under > 0)
    return result


STANDARD = Resampling()
"""2,000 resamples and a 95 % interval."""
