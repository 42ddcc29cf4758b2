"""Plots of an evaluation: confusion, precision and recall, reliability, F1 per label with intervals.

Drawn without pyplot, which keeps figures alive and picks a screen; text is never read as mathematics, so a label may
hold any character. Colours: Okabe and Ito (2008), told apart by colour-blind readers.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from toolkit.evaluation import Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["evaluation_plots"]

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def evaluation_plots(evaluation: Evaluation, model: str) -> dict[str, bytes]:
    """Return PNG images by name; the same evaluation gives the same bytes."""
    drawn: dict[str, Callable[[Evaluation, str], Figure]] = {
        "confusion": _confusion,
        "precision_recall": _precision_recall,
        "reliability": _reliability,
        "f1_by_label": _f1_by_label,
        "coverage_risk": _coverage_risk,
    }
    return {name: _png(draw(evaluation, model)) for name, draw in drawn.items()}


def _png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110, metadata={"Software": None})
    return stream.getvalue()


def _figure(evaluation: Evaluation, model: str, title: str, width: float = 5.6, height: float = 4.4) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    size = f"{evaluation.n} statements of {evaluation.n_articles} articles"
    figure.suptitle(f"{title}: {model}\n{size}", fontsize=10, parse_math=False)
    return figure


def _axes(figure: Figure, x: str, y: str) -> Axes:
    axes = figure.add_subplot()
    axes.set(xlabel=x, ylabel=y, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.grid(alpha=0.3)
    return axes


def _legend(axes: Axes) -> None:
    for text in axes.legend(fontsize=8, loc="best").get_texts():
        text.set_parse_math(False)


def _plain_ticks(axes: Axes) -> None:
    for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        text.set_parse_math(False)


def _confusion(evaluation: Evaluation, model: str) -> Figure:
    panels = evaluation.confusion
    figure = _figure(evaluation, model, "Confusion", width=max(4.6, 2.9 * len(panels)), height=3.9)
    for k, (label, matrix) in enumerate(panels.items(), 1):
        axes = figure.add_subplot(1, len(panels), k)
        names = ["other", label] if evaluation.multi_label else list(evaluation.labels)
        axes.imshow(matrix, cmap="Blues", vmin=0)
        axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
        axes.set_yticks(range(len(names)), names)
        axes.set(xlabel="predicted", ylabel="gold")
        _plain_ticks(axes)
        most = max(max(row) for row in matrix)
        for i, row in enumerate(matrix):
            for j, count in enumerate(row):
                axes.text(j, i, str(count), ha="center", va="center", color="white" if count > most / 2 else "black")
    return figure


def _precision_recall(evaluation: Evaluation, model: str) -> Figure:
    figure = _figure(evaluation, model, "Precision and recall")
    axes = _axes(figure, "recall", "precision")
    for k, label in enumerate(evaluation.labels):
        points = evaluation.curves[label]
        area = evaluation.figures[f"average_precision/{label}"]
        told = f"{label}: undefined (no examples)" if area.value is None else f"{label}: AP {area.value:.2f}"
        recall, precision = [p[0] for p in points], [p[1] for p in points]
        axes.step(
            [0.0, *recall] if recall else [],
            [*precision[:1], *precision],
            where="pre",
            color=_COLOURS[k % len(_COLOURS)],
            label=told,
        )
    _legend(axes)
    return figure


def _reliability(evaluation: Evaluation, model: str) -> Figure:
    figure = _figure(evaluation, model, "Reliability")
    axes = _axes(figure, "mean probability in the bin", "share of examples in the bin")
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", linewidth=1)
    for k, label in enumerate(evaluation.labels):
        bins = evaluation.reliability[label]
        colour, error = _COLOURS[k % len(_COLOURS)], evaluation.figures[f"ece/{label}"].value
        told = f"{label}: ECE {error:.2f}" if error is not None else f"{label}: undefined"
        axes.plot([b[0] for b in bins], [b[1] for b in bins], color=colour, linewidth=1, label=told)
        axes.scatter([b[0] for b in bins], [b[1] for b in bins], s=[12 + 3 * b[2] ** 0.5 for b in bins], color=colour)
    _legend(axes)
    return figure


def _f1_by_label(evaluation: Evaluation, model: str) -> Figure:
    names = [*evaluation.labels, "macro"]
    figure = _figure(
        evaluation, model, f"F1 with {evaluation.confidence:.0%} intervals", height=1.8 + 0.45 * len(names)
    )
    axes = figure.add_subplot()
    for k, name in enumerate(names):
        figure_ = evaluation.figures[f"f1/{name}"]
        if figure_.value is None:
            axes.text(0.02, k, "undefined (no examples)", va="center", fontsize=8)
            continue
        if figure_.low is not None and figure_.high is not None:
            axes.plot([figure_.low, figure_.high], [k, k], color=_COLOURS[0], linewidth=2)
        axes.plot(figure_.value, k, "o", color=_COLOURS[1])
    supports = [f"{name} (n={evaluation.figures[f'f1/{name}'].support})" for name in names]
    axes.set_yticks(range(len(names)), supports)
    axes.set(xlim=(-0.02, 1.02), ylim=(len(names) - 0.4, -0.6), xlabel="F1")
    axes.grid(alpha=0.3)
    _plain_ticks(axes)
    return figure


def _coverage_risk(evaluation: Evaluation, model: str) -> Figure:
    figure = _figure(evaluation, model, "Coverage and risk")
    axes = _axes(figure, "coverage (share of statements answered, surest first)", "risk (share of wrong answers)")
    points, area = evaluation.coverage_risk, evaluation.figures["aurc"].value
    told = "undefined" if area is None else f"area under the curve {area:.2f}"
    axes.plot([p[0] for p in points], [p[1] for p in points], color=_COLOURS[0], label=told)
    if evaluation.abstain_below is not None:
        covered = [p for p in points if p[2] >= evaluation.abstain_below]
        if covered:
            told = f"withheld below {evaluation.abstain_below:g}"
            axes.plot(covered[-1][0], covered[-1][1], "o", color=_COLOURS[1], label=told)
    _legend(axes)
    return figure
