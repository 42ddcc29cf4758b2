"""The section of a page that tells which models can be told apart, and by how much they differ."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.evaluation import figure_said
from toolkit.report import Cell, Group, Measured, PageTable, Part, PValue, Section, Value, forest
from toolkit.review.compare import Comparison, Pair
from toolkit.review.reviewed import Reviewed

__all__ = ["verdicts"]

_PAIRS = 15


def verdicts(of: Reviewed) -> Section:
    """Which of two models is better, by how much, and how sure that is."""
    parts: list[Part] = [
        "Every pair on the same statements: the difference with its interval by paired bootstrap over articles, p by "
        "approximate randomisation over articles, corrected for the number of pairs (Holm)."
    ]
    for scheme in of.schemes:
        found = of.compared.get(scheme)
        if found is None:
            parts.append(f"{scheme}: there is one model, and nothing to compare it with.")
        else:
            parts.append(Group(scheme, tuple(_verdict(found))))
    return Section("Verdicts", tuple(parts))


def _verdict(found: Comparison) -> Iterator[Part]:
    yield from found.sentences
    pairs = sorted(found.pairs, key=lambda pair: -abs(pair.difference or 0))
    best = found.models[0].model
    rows = [_against(best, pair) for pair in found.pairs if best in (pair.a, pair.b)]
    unit = f"difference in {figure_said(found.metric)}"
    yield forest(f"{found.scheme}: {best} less each of the others", rows, unit=unit, head="less", reference=0.0)
    yield PageTable(
        f"{found.scheme}: every pair by {figure_said(found.metric)}",
        ("pair", "difference", "p", "p, Holm", "shown at 80 % power", "verdict"),
        tuple(_pair(pair) for pair in pairs[:_PAIRS]),
        f"And {len(pairs) - _PAIRS} more pairs; stance compare lists all." if len(pairs) > _PAIRS else "",
    )


def _against(best: str, pair: Pair) -> Measured:
    """Return a pair as what the best model has more than the other."""
    if pair.a == best:
        return Measured(pair.b, pair.difference, pair.low, pair.high)
    value, low, high = (None if end is None else -end for end in (pair.difference, pair.high, pair.low))
    return Measured(pair.a, value, low, high)


def _pair(pair: Pair) -> tuple[Cell, ...]:
    difference = None if pair.difference is None else Value(pair.difference, pair.low, pair.high)
    p, holm = (None if x is None else PValue(x) for x in (pair.p, pair.p_holm))
    verdict = f"{pair.better} is better" if pair.better else "cannot be told apart"
    return f"{pair.a} − {pair.b}", difference, p, holm, pair.smallest_difference, verdict
