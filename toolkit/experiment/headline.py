"""The few figures that a run shows at once, the table of all of them, and the sentence about a registered version."""

from __future__ import annotations

import csv
import io

from toolkit.evaluation import Evaluation, figure_said

__all__ = ["HEADLINE", "figures_csv", "headline", "in_words"]

HEADLINE = (
    "f1/macro",
    "f1/micro",
    "average_precision/macro",
    "precision/macro",
    "recall/macro",
    "brier/macro",
    "ece/macro",
    "coverage",
    "statements",
    "articles",
)
"""With the figures of cross-validation and search a dozen: what is compared first, and on how much.

Accuracy is not among them: with one label a statement it is the micro F1. Whatever can choose a model is.
"""
_COLUMNS = ("figure", "label", "value", "low", "high", "support", "over", "undefined_share")


def headline(evaluation: Evaluation, *, intervals: bool = False) -> dict[str, float]:
    """Return the defined headline figures by name, with ``NAME.ci.low`` and ``NAME.ci.high`` where asked for."""
    metrics = evaluation.metrics()
    found = {name: metrics[name] for name in HEADLINE if name in metrics}
    bounds = [(name, side) for name in found for side in ("low", "high") if f"{name}/{side}" in metrics]
    return found | ({f"{name}.ci.{side}": metrics[f"{name}/{side}"] for name, side in bounds} if intervals else {})


def figures_csv(evaluation: Evaluation) -> str:
    """Return every figure with its interval and support, a row each; an undefined one has no value."""
    written = io.StringIO()
    writer = csv.DictWriter(written, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(evaluation.rows())
    return written.getvalue()


def in_words(evaluation: Evaluation, *, scheme: str, model: str, experiment: str, criterion: str) -> str:
    """Return what a registered version is and what it reached, macro F1 and the figure that chooses."""
    names = dict.fromkeys(("f1/macro", criterion))
    told = ", ".join(_told(evaluation, name) for name in names)
    size = f"{evaluation.n} held-out statements of {evaluation.n_articles} articles"
    return f"{model} for {scheme}, of the experiment {experiment}: {told} on {size}."


def _told(evaluation: Evaluation, name: str) -> str:
    title, figure = figure_said(name), evaluation.figures[name]
    if figure.value is None:
        return f"{title} undefined"
    if figure.low is None or figure.high is None:
        return f"{title} {figure.value:.3f}"
    return f"{title} {figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"
