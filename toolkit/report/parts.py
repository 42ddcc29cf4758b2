"""What a page is made of: plain records without a mark of HTML, which the templates alone give.

A cell of a table is a text, a number or a :class:`Value`; None is undefined and shown as such, an empty
text is nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "Cell",
    "Chart",
    "Code",
    "Group",
    "Items",
    "Note",
    "PValue",
    "Page",
    "Part",
    "Quotation",
    "Section",
    "Table",
    "Terms",
]
__all__ += ["Value", "anchor_of"]


@dataclass(frozen=True, slots=True)
class Value:
    """A figure with the ends of its interval; None where they are undefined."""

    value: float | None
    low: float | None = None
    high: float | None = None
    digits: int = 2

    def __str__(self) -> str:
        if self.value is None:
            return "—"
        told = f"{self.value:.{self.digits}f}"
        if self.low is None or self.high is None:
            return told
        return f"{told} [{self.low:.{self.digits}f}, {self.high:.{self.digits}f}]"


@dataclass(frozen=True, slots=True)
class PValue:
    """A p value, told to a thousandth."""

    p: float

    def __str__(self) -> str:
        return "< 0.001" if self.p < 0.001 else f"{self.p:.3f}"


Cell: TypeAlias = str | int | float | Value | PValue | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row heads it. ``note`` stands below and says what cannot be seen."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, as the functions of ``charts`` make it, and the table with its numbers."""

    svg: str
    table: Table


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms and what is said of each."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """What is typed or copied letter by letter."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A warning that must not be passed over."""

    text: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """A statement of somebody else's, and what is told of it."""

    text: str
    by: str = ""
    terms: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A part of a section under a heading of its own; ``folded`` ones open when they are asked for."""

    title: str
    parts: tuple[Part, ...]
    folded: bool = False


Part: TypeAlias = str | Table | Chart | Terms | Items | Code | Note | Quotation | Group
"""A plain text is a paragraph."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a page, which the contents lead to."""

    title: str
    parts: tuple[Part, ...]

    @property
    def anchor(self) -> str:
        """Its id in the page."""
        return anchor_of(self.title)


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page: what it is of, its answer in a few sentences, facts to be seen at once, and its sections.

    ``facts`` are (what, figure, what it rests on). ``made_by`` stands at the foot.
    """

    title: str
    lead: tuple[str, ...]
    facts: tuple[tuple[str, str, str], ...]
    sections: tuple[Section, ...]
    made_by: str


def anchor_of(title: str) -> str:
    """Return the id of a heading: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"
