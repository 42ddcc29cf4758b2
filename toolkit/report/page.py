"""A page as one HTML file that needs nothing beside it: no network, no script.

Everything that is put into a template is escaped; the drawings of ``charts`` alone are marks, and are built as a tree
in which texts are texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from toolkit.report.parts import Page, Part, PValue, Value
from toolkit.storage import without_surrogates

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["filled", "page_html", "shortened"]

_LONGEST = 1200
"""Letters of a text that a page shows."""
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of what follows: they would say one thing and show another."""


def page_html(page: Page) -> str:
    """Return the page as HTML; the same page gives the same bytes."""
    return filled("base.html", {"page": page})


def filled(template: str, values: Mapping[str, Any]) -> str:
    """Return a template of ``report/templates`` filled in; a name that it misses raises."""
    return without_surrogates(_environment().get_template(template).render(values))


def shortened(text: str, longest: int = _LONGEST) -> str:
    """Return a text as a page shows it: unseen characters as ``�``, the end of a very long one as how much is left."""
    seen = _UNSEEN.sub("\ufffd", text)
    if len(seen) <= longest:
        return seen
    return f"{seen[:longest]}… ({len(seen) - longest:,} more characters)"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("toolkit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: shortened(value) if type(value) is str else value,
    )
    environment.filters |= {"kind": _kind, "cell": _cell}
    environment.tests["figure"] = _is_figure
    return environment


def _kind(part: Part) -> str:
    return type(part).__name__.lower()


def _is_figure(cell: object) -> bool:
    return cell is None or isinstance(cell, int | float | Value | PValue)


def _cell(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)
