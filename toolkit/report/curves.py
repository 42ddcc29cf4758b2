"""Charts with two axes as inline SVG: reliability, coverage and risk, shares over time; as those of ``charts`` are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from toolkit.report.charts import Measured, domain
from toolkit.report.drawing import WIDTH, Axis, add, canvas, colour, dashes, drawn, in_short, mark, path, ticks, write
from toolkit.report.parts import Chart, Table, Value

__all__ = ["Bin", "Line", "coverage_risk", "over_time", "reliability"]


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin of a reliability diagram: mean probability, share of examples with its interval, statements in it."""

    probability: float
    share: float
    low: float | None
    high: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """A series of points by its name: (x, y) for a curve, (value, low, high) for shares over time; None is a gap."""

    name: str
    points: tuple[tuple[float | None, ...], ...]


def reliability(title: str, bins: Sequence[Bin], *, note: str = "") -> Chart:
    """Draw how often what was given a probability was so; on the dotted line the two are equal."""
    told = "; ".join(f"at {b.probability:.2f}: {b.share:.2f} of {b.count}" for b in bins) or "no statements"
    root, x, y = _square(title, f"Share of examples by mean probability of the bin. {told}.")
    _titled(root, x, y, "mean probability in the bin", "share of examples")
    add(root, "path", {"d": path([(x(0), y(0)), (x(1), y(1))]), "class": "reference"})
    add(root, "path", {"d": path([(x(b.probability), y(b.share)) for b in bins]) if bins else "", "class": "line s0"})
    for b in bins:
        if b.low is not None and b.high is not None:
            ends = [(x(b.probability), y(b.low)), (x(b.probability), y(b.high))]
            add(root, "path", {"d": path(ends), "class": "line s0"})
        mark(root, 0, x(b.probability), y(b.share), f"{b.share:.2f} of {b.count} at {b.probability:.2f}")
    rows = tuple((f"{b.probability:.2f}", Value(b.share, b.low, b.high), b.count) for b in bins)
    return Chart(drawn(root), Table(title, ("mean probability", "share of examples", "statements"), rows, note))


def coverage_risk(title: str, lines: Sequence[Line], *, note: str = "") -> Chart:
    """Draw the share of wrong answers by the share of statements answered, surest first; one line per model."""
    shown = [Line(line.name, _thinned(line.points)) for line in lines]
    told = "; ".join(f"{line.name}: {Value(_risk_at(line, 1.0))} wrong where all are answered" for line in lines)
    most = max((b for line in shown for _, b in _defined(line)), default=1.0)
    top = next(k / 10 for k in range(2, 11) if k == 10 or most * 1.1 <= k / 10)
    what = f"Share of wrong answers by share of statements answered. {told}."
    root, x, y = _square(title, what, top, legend=len(lines))
    _titled(root, x, y, "share of statements answered, surest first", "share of wrong answers")
    for k, line in enumerate(shown):
        points = [(x(a), y(b)) for a, b in _defined(line)]
        if points:
            add(root, "path", {"d": path(points), "class": f"line {colour(k)}", "stroke-dasharray": dashes(k)})
            mark(root, k, *points[-1], line.name)
    _legend(root, [line.name for line in lines], y.start + 44)
    at = (0.25, 0.5, 0.75, 0.9, 1.0)
    rows = tuple((line.name, *(_risk_at(line, share) for share in at)) for line in lines)
    return Chart(drawn(root), Table(title, ("answered", *(f"{share:.0%}" for share in at)), rows, note))


def _defined(line: Line) -> list[tuple[float, float]]:
    return [(p[0], p[1]) for p in line.points if p[0] is not None and p[1] is not None]


def _thinned(points: tuple[tuple[float | None, ...], ...], most: int = 200) -> tuple[tuple[float | None, ...], ...]:
    """Return at most so many points, the last among them: a page can hold no ten thousand."""
    step = -(-len(points) // most)
    return points if step <= 1 else (*points[:-1:step], points[-1])


def _risk_at(line: Line, coverage: float) -> float | None:
    """Return the risk where so many are answered; None where so few, about, cannot be told from the others."""
    covered, risk = next((point for point in _defined(line) if point[0] >= coverage - 1e-9), (2.0, None))
    return risk if covered <= coverage + 0.05 else None


def over_time(title: str, periods: Sequence[str], lines: Sequence[Line], *, unit: str, note: str = "") -> Chart:
    """Draw shares by period with bands; a line breaks where a period has none. ``points`` are (value, low, high)."""
    measured = [Measured("", *_three(point)) for line in lines for point in line.points]
    left, bottom = 46, 212
    x = Axis(0, max(len(periods) - 1, 1), left + 8, WIDTH - 16)
    low, high = domain(measured, from_zero=True)
    y = Axis(low, high, bottom, 12)
    told = "; ".join(f"{line.name}: {_first_last(line, periods)}" for line in lines)
    root = canvas(title, f"{unit} by period with intervals. {told}.", bottom + 40 + 20 * len(lines))
    for tick in ticks(low, high):
        add(root, "line", {"x1": left, "x2": WIDTH - 8, "y1": y(tick), "y2": y(tick), "class": "grid"})
        write(root, left - 6, y(tick) + 4, f"{tick:g}", "quiet end")
    every = -(-len(periods) // 6) or 1
    for k in range(0, len(periods), every):
        write(root, x(k), bottom + 18, periods[k], "quiet middle")
    for k, line in enumerate(lines):
        _banded(root, k, line, periods, x, y)
    _legend(root, [line.name for line in lines], bottom + 40)
    rows = tuple(
        (period, *(Value(*_three(line.points[i])) if line.points[i][0] is not None else None for line in lines))
        for i, period in enumerate(periods)
    )
    return Chart(drawn(root), Table(title, ("period", *(line.name for line in lines)), rows, note))


def _banded(root: Element, k: int, line: Line, periods: Sequence[str], x: Axis, y: Axis) -> None:
    for run in _runs(line):
        band = [(i, p[1], p[2]) for i, p in run if p[1] is not None and p[2] is not None]
        ends = [(x(i), y(high)) for i, _, high in band] + [(x(i), y(low)) for i, low, _ in reversed(band)]
        if len(band) > 1:
            add(root, "path", {"d": path(ends, True), "class": f"band {colour(k)}"})
        elif band:
            add(root, "path", {"d": path(ends), "class": f"line {colour(k)}"})
        points = [(x(i), y(p[0] or 0)) for i, p in run]
        add(root, "path", {"d": path(points), "class": f"line {colour(k)}", "stroke-dasharray": dashes(k)})
        for (i, p), point in zip(run, points, strict=True):
            mark(root, k, *point, f"{line.name}, {periods[i]}: {Value(*_three(p))}", 3.5)


def _runs(line: Line) -> list[list[tuple[int, tuple[float | None, ...]]]]:
    """Return the stretches without a gap: (period, point)."""
    runs: list[list[tuple[int, tuple[float | None, ...]]]] = [[]]
    for i, point in enumerate(line.points):
        if point[0] is None:
            runs.append([])
        else:
            runs[-1].append((i, point))
    return [run for run in runs if run]


def _three(point: tuple[float | None, ...]) -> tuple[float | None, float | None, float | None]:
    value, low, high = (*point, None, None)[:3]
    return value, low, high


def _first_last(line: Line, periods: Sequence[str]) -> str:
    told = [
        f"{point[0]:.2f} in {period}"
        for point, period in zip(line.points, periods, strict=True)
        if point[0] is not None
    ]
    return " to ".join(dict.fromkeys([told[0], told[-1]])) if told else "undefined"


def _square(title: str, description: str, top: float = 1, legend: int = 0) -> tuple[Element, Axis, Axis]:
    bottom = 292
    root = canvas(title, description, bottom + 44 + 20 * legend)
    return root, Axis(0, 1, 52, WIDTH - 20), Axis(0, top, bottom, 12)


def _titled(root: Element, x: Axis, y: Axis, along: str, up: str) -> None:
    for tick in ticks(0, 1):
        add(root, "line", {"x1": x(tick), "x2": x(tick), "y1": y.start, "y2": y.end, "class": "grid"})
        write(root, x(tick), y.start + 16, f"{tick:g}", "quiet middle")
    for tick in ticks(0, y.high):
        add(root, "line", {"x1": x.start, "x2": x.end, "y1": y(tick), "y2": y(tick), "class": "grid"})
        write(root, x.start - 6, y(tick) + 4, f"{tick:g}", "quiet end")
    write(root, (x.start + x.end) / 2, y.start + 34, along, "quiet middle")
    turn = {"transform": f"translate(14 {(y.start + y.end) / 2:.0f}) rotate(-90)", "class": "quiet middle"}
    add(root, "text", turn, up)


def _legend(root: Element, names: Sequence[str], top: float) -> None:
    for k, name in enumerate(names):
        y = top + 20 * k + 6
        add(root, "path", {"d": path([(52, y), (80, y)]), "class": f"line {colour(k)}", "stroke-dasharray": dashes(k)})
        mark(root, k, 66, y, name)
        write(root, 88, y + 4, in_short(name, 44))
