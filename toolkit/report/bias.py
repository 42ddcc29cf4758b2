"""A plot of how labels depend on what was put in: the same statements under every country."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.evaluation import Bias, Figure
from toolkit.report.plotting import COLOURS, canvas, image

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["BIAS_FORMATS", "bias_plot"]

BIAS_FORMATS = ("png", "svg", "pdf")


def bias_plot(bias: Bias, model: str, kind: str) -> bytes:
    """Return a drawing (:data:`BIAS_FORMATS`) with a panel per label: rate or mean probability by treatment.

    Lines are intervals. Probabilities are drawn where the model tells them. Under each label stands the p-value of no
    difference.
    """
    names = list(bias.treatments)
    title = f"{model}: the same {bias.blocks} statements, {bias.confidence:.0%} intervals over statements"
    drawing = canvas(title, width=max(5.6, 3.1 * len(bias.labels)), height=1.6 + 0.28 * len(names))
    for k, (label, found) in enumerate(bias.labels.items()):
        axes = drawing.add_subplot(1, len(bias.labels), k + 1)
        figures = found.means or found.rates
        for row, name in enumerate(names):
            _draw(axes, figures[name], row, COLOURS[k % len(COLOURS)])
        axes.set_yticks(range(len(names)), names if k == 0 else [""] * len(names))
        axes.set(ylim=(len(names) - 0.4, -0.6), xlabel="mean probability" if found.means else "share with the label")
        p_value = found.p_means_holm if found.means else found.p_rates_holm
        told = "no difference at all" if p_value is None else f"p = {p_value:.3g} (Holm)"
        axes.set_title(f"{label}\n{told}", fontsize=9, parse_math=False)
        axes.grid(alpha=0.3)
        for text in axes.get_yticklabels():
            text.set_parse_math(False)
    return image(drawing, kind)


def _draw(axes: Axes, figure: Figure, row: int, colour: str) -> None:
    if figure.low is not None and figure.high is not None:
        axes.plot([figure.low, figure.high], [row, row], color=colour, linewidth=2, alpha=0.5)
    if figure.value is not None:
        axes.plot(figure.value, row, "o", color=colour)
