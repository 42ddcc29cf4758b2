"""The section of a page that tells which models can be told apart, and by how much they differ."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.report import Group, Measured, PageTable, Part, Section, Value, forest
from toolkit.review.compare import Comparison, Pair
from toolkit.review.reviewed import Reviewed
from toolkit.review.showing import told

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
    best = [pair for pair in found.pairs if found.models[0].model in (pair.a, pair.b)]
    rows = [Measured(f"{pair.a} − {pair.b}", pair.difference, pair.low, pair.high) for pair in best]
    yield forest(
        f"{found.scheme}: {found.models[0].model} less every other", rows, unit=f"difference in {told(found.metric)}",
        reference=0.0,
    )  # fmt: skip
    yield PageTable(
        f"{found.scheme}: every pair by {told(found.metric)}",
        ("pair", "difference", "p", "p, Holm", "shown at 80 % power", "verdict"),
        tuple(_pair(pair) for pair in pairs[:_PAIRS]),
        f"And {len(pairs) - _PAIRS} more pairs; stance compare lists all." if len(pairs) > _PAIRS else "",
    )


def _pair(pair: Pair) -> tuple[str | Value | None, ...]:
    difference = None if pair.difference is None else Value(pair.difference, pair.low, pair.high)
    p, holm, smallest = (
        None if x is None else Value(x, digits=3) for x in (pair.p, pair.p_holm, pair.smallest_difference)
    )
    return f"{pair.a} − {pair.b}", difference, p, holm, smallest, pair.verdict
