"""What capabilities have come to, as tables in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.cli import console

if TYPE_CHECKING:
    from toolkit.evaluation import Bias, Checklist, Figure

__all__ = ["show_bias", "show_checklist"]


def show_checklist(found: Checklist) -> None:
    """Show the failure rate of every capability."""
    from rich.table import Table

    table = Table("capability", "kind", f"failed \\[{found.confidence:.0%}]", "tests", "of", "if labelled", box=None)
    for name, one in found.capabilities.items():
        labelled = "" if one.labelled is None else f"{_short(one.labelled)} of {one.labelled.support}"
        table.add_row(name, one.kind, _cell(one.failures), str(one.failures.support), str(one.groups), labelled)
    console.show(table)
    console.say("failed: the lower the better; of: articles or templates, which the intervals are over.")
    if any(one.labelled for one in found.capabilities.values()):
        console.say("if labelled: failed of those that had a label before they were changed.")


def show_bias(bias: Bias) -> None:
    """Show how labels depend on the country, and the tests of no difference."""
    from rich.table import Table

    has_means = any(found.means for found in bias.labels.values())
    what = "mean probability" if has_means else "share with the label"
    console.say(f"\n{what.capitalize()} by country, the same {bias.blocks} statements under each:")
    table = Table("country", *bias.labels, box=None)
    for name in bias.treatments:
        table.add_row(name, *(_short((one.means or one.rates)[name]) for one in bias.labels.values()))
    table.add_row("p, labels (Holm)", *(_p(one.p_rates, one.p_rates_holm) for one in bias.labels.values()))
    if has_means:
        table.add_row("p, probabilities", *(_p(one.p_means, one.p_means_holm) for one in bias.labels.values()))
    console.show(table)
    console.say("p: of no difference between countries (labels: Cochran's Q; probabilities: Friedman).")
    if any(one.p_rates is None for one in bias.labels.values()):
        console.say("—: every statement is answered alike under all countries; there is nothing to test.")
    console.say("Intervals: --json, --plot.")


def _cell(figure: Figure) -> str:
    bounds = "" if figure.low is None or figure.high is None else f" \\[{figure.low:.3f}, {figure.high:.3f}]"
    return f"{_short(figure)}{bounds}"


def _short(figure: Figure) -> str:
    return "—" if figure.value is None else f"{figure.value:.3f}"


def _p(alone: float | None, corrected: float | None) -> str:
    return "—" if alone is None or corrected is None else f"{alone:.2g} ({corrected:.2g})"
