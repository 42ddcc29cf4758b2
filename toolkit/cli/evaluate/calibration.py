"""``stance evaluate calibration``: whether a model's probabilities mean what they say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import console
from toolkit.cli.runs import NAMED, interval, runs_with_origin, value

if TYPE_CHECKING:
    from rich.table import Table

    from toolkit.review.calibration import RunCalibration

__all__ = ["calibration_command"]

_PARTS = ("reliability", "resolution", "uncertainty")


def calibration_command(
    run: Annotated[str, typer.Argument(help=NAMED)],
    bins: Annotated[int, typer.Option("--bins", min=2, max=100, help="At most so many bins of equal mass.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON on standard output.")] = False,
) -> None:
    """Show how well probabilities are calibrated: reliability, error, the Brier score in its parts, thresholds.

    The error (ECE) is of bins that hold equally many statements; beside it stands what a perfectly calibrated model
    would show by chance. Thresholds of best F1 are told with how far they move when articles are drawn again.

    Example: [bold]stance evaluate calibration quickstart/tfidf-logreg[/]
    """
    from toolkit.review.calibration import calibration_of

    told = []
    for one, _ in runs_with_origin(run, None, "", ask=False):
        found = calibration_of(one, bins)
        told.append(found.to_dict())
        if not as_json:
            _show(found)
    if as_json:
        typer.echo(json.dumps({"runs": told}, indent=1, ensure_ascii=False))


def _show(found: RunCalibration) -> None:
    from rich.markup import escape

    console.say(f"{found.run.scheme.name}/{found.run.model}: calibration")
    errors = _table("label", "ECE", "interval", "by chance", "p")
    brier = _table("label", "Brier", *(name[:3] + "." for name in _PARTS), "within")
    bins = _table("label", "probability", "mean", "share", "interval", "n")
    for one in found.labels:
        error = one.figures["ece"]
        errors.add_row(escape(one.label), value(error), interval(error), f"{one.chance:.3f}", f"{one.p:.3f}")
        brier.add_row(escape(one.label), *(value(one.figures[part]) for part in ("brier", *_PARTS, "within")))
        for part in one.bins:
            cells = (f"{part.low:.2f} to {part.high:.2f}", f"{part.mean:.3f}", value(part.share), interval(part.share))
            bins.add_row(escape(one.label), *cells, str(part.share.support))
    console.show(errors)
    console.say("ECE: mean gap of probability and share in gold; by chance: that of a perfectly calibrated model.\n")
    console.show(brier)
    console.say("Brier score = reliability - resolution + uncertainty + within the bins.\n")
    console.show(bins)
    console.say("share: of the n statements of a bin, those that have the label in gold.\n")
    if found.thresholds:
        cuts = _table("label", "threshold", "best F1 at", "interval", "ex.")
        for cut in found.thresholds:
            used = "none" if cut.used is None else f"{cut.used:.3f}"
            cuts.add_row(escape(cut.label), used, value(cut.best), interval(cut.best), str(cut.best.support))
        console.show(cuts)
        console.say("threshold: in use; best F1 at: the one of highest F1 on these statements; ex.: examples.\n")
    for sentence in found.sentences():
        console.say(sentence)


def _table(*heads: str) -> Table:
    from rich.table import Table

    table = Table(box=None)
    for head in heads:
        table.add_column(head, no_wrap=True, overflow="ellipsis")
    return table
