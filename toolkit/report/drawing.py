"""What charts are drawn with: a tree of SVG in which texts are texts, axes, and marks that differ in shape and colour.

Colours are classes that the style sheet of the page gives for light and dark; without it a chart is black.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from toolkit.report.page import shortened
from toolkit.storage import without_surrogates

__all__ = ["WIDTH", "Axis", "add", "canvas", "colour", "dashes", "drawn", "in_short", "mark", "path", "ticks", "write"]

WIDTH = 420
"""Units across every chart: letters of 12 units stay readable on a telephone."""
_SHAPES = 5
_DASHES = ("", "6 3", "2 3", "8 3 2 3", "10 4")


@dataclass(frozen=True, slots=True)
class Axis:
    """A line of numbers on the canvas: from ``low`` at ``start`` to ``high`` at ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a number; one beyond the ends is held at the end."""
        held = min(max(value, min(self.low, self.high)), max(self.low, self.high))
        return self.start + (held - self.low) / (self.high - self.low) * (self.end - self.start)


def canvas(title: str, description: str, height: float) -> Element:
    """Return an empty drawing that says what it shows to who does not see it."""
    root = Element("svg", {"viewBox": f"0 0 {WIDTH} {_told(height)}", "role": "img"})
    add(root, "title", {}, title)
    add(root, "desc", {}, description)
    return root


def drawn(root: Element) -> str:
    """Return a drawing as marks of HTML."""
    return without_surrogates(tostring(root, encoding="unicode", short_empty_elements=False))


def add(parent: Element, tag: str, attributes: Mapping[str, str | float], text: str = "") -> Element:
    """Put an element into a drawing, its numbers rounded to a tenth of a unit."""
    told = {name: value if isinstance(value, str) else _told(value) for name, value in attributes.items()}
    child = SubElement(parent, tag, told)
    child.text = shortened(text) or None
    return child


def write(parent: Element, x: float, y: float, text: str, kind: str = "") -> None:
    """Write a text; ``kind`` holds classes (``quiet``, ``end``, ``middle``)."""
    add(parent, "text", {"x": x, "y": y, **({"class": kind} if kind else {})}, text)


def path(points: Sequence[tuple[float, float]], closed: bool = False) -> str:
    """Return a way through points as the ``d`` of a path."""
    return "M" + "L".join(f"{_told(x)} {_told(y)}" for x, y in points) + ("Z" if closed else "")


def mark(parent: Element, number: int, x: float, y: float, label: str, size: float = 4) -> None:
    """Draw the mark of a series; ``label`` is told where a pointer rests on it."""
    s = size
    corners: tuple[tuple[tuple[float, float], ...], ...] = (
        (),
        ((-s, -s), (s, -s), (s, s), (-s, s)),
        ((0, -s * 1.3), (s * 1.2, s), (-s * 1.2, s)),
        ((0, -s * 1.4), (s * 1.4, 0), (0, s * 1.4), (-s * 1.4, 0)),
        ((-s * 1.2, -s), (s * 1.2, -s), (0, s * 1.3)),
    )
    shape = corners[number % _SHAPES]
    if shape:
        one = add(parent, "path", {"d": path([(x + dx, y + dy) for dx, dy in shape], True), "class": colour(number)})
    else:
        one = add(parent, "circle", {"cx": x, "cy": y, "r": size, "class": colour(number)})
    add(one, "title", {}, label)


def colour(number: int) -> str:
    """Return the class with the colour of a series."""
    return f"s{number % 7}"


def dashes(number: int) -> str:
    """Return the dashes of the line of a series."""
    return _DASHES[number % len(_DASHES)]


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers between two, at most so many."""
    rough = (high - low) / max(most - 1, 1)
    unit = 10 ** math.floor(math.log10(rough))
    step = next(unit * k for k in (1, 2, 2.5, 5, 10) if unit * k >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(k * step, 10) for k in range(first, math.floor(high / step + 1e-9) + 1)]


def in_short(text: str, letters: int) -> str:
    """Return a text cut to so many letters."""
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def _told(value: float) -> str:
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"
