"""What every plot of a shift or a bias shares: a canvas without a screen, colours, and text that is no mathematics."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "canvas", "image", "plain_legend"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito (2008), told apart by colour-blind readers."""


def canvas(title: str, width: float = 5.6, height: float = 4.4) -> Figure:
    """Return an empty figure with a title, in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=10, parse_math=False)
    return figure


def plain_legend(axes: Axes) -> None:
    """Add a legend whose names may hold any character."""
    for text in axes.legend(fontsize=8, loc="best").get_texts():
        text.set_parse_math(False)


def image(figure: Figure, kind: str) -> bytes:
    """Return the figure as png, svg or pdf; the same figure gives the same bytes."""
    import matplotlib

    # No date and no version; and in an SVG the names of parts come from a salt.
    metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    stream = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "stance", "svg.fonttype": "none"}):
        figure.savefig(stream, format=kind, dpi=110, metadata=metadata)
    return stream.getvalue()
