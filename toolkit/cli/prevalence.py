"""``stance prevalence``: how often each label is, corrected for the errors of the classifier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import console
from toolkit.cli.schemes import scheme_of
from toolkit.errors import UsageError, nearest

if TYPE_CHECKING:
    from toolkit.study import Prevalence

__all__ = ["prevalence_command"]

_SHOWN = 60
_GROUP = 24
"""Letters of a group's name."""


def prevalence_command(
    predictions: Annotated[Path, typer.Argument(help="A table that `stance predict` wrote.")],
    gold: Annotated[
        Path | None, typer.Option("--gold", help="A sample of the predicted statements that people labelled.")
    ] = None,
    design: Annotated[
        str | None,
        typer.Option("--design", help="How it was drawn: random, stratified, weights (chances that a model set)."),
    ] = None,
    drawn: Annotated[
        Path | None,
        typer.Option("--drawn", help="The sample as drawn, where --gold has lost its inclusion_probability."),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Also in each group: speaker, addressee, source, month, kind, act, cue.")
    ] = None,
    scheme: Annotated[str, typer.Option("--scheme", help="The label scheme, by name or path.")] = "stance",
    confidence: Annotated[float, typer.Option("--confidence", min=0.5, max=0.999, help="Of the intervals.")] = 0.95,
    as_json: Annotated[bool, typer.Option("--json", help="Print the shares as JSON on standard output.")] = False,
) -> None:
    """Say how often each label is among predictions, corrected for the classifier's errors by a labelled sample.

    The count of a classifier's labels is biased. From a sample whose [bold]--design[/] is stated the share is estimated
    with an interval (prediction-powered inference). Without --gold only the count is told.

    Example: [bold]stance prevalence predictions.parquet --gold coded.jsonl --design random --json[/]
    """
    import json

    from toolkit.study import DIMENSIONS, prevalence, read_gold

    if (gold is None) != (design is None):
        raise UsageError("--gold and --design go together: how a sample was drawn decides what it can correct.")
    if drawn is not None and gold is None:
        raise UsageError("--drawn belongs to --gold.")
    if by is not None and by not in DIMENSIONS:
        raise UsageError(f"--by: {by!r} is none of {', '.join(DIMENSIONS)}{nearest(by, DIMENSIONS)}.")
    known = scheme_of(scheme, predictions)
    sample = read_gold(gold, known, design or "", drawn) if gold is not None else None
    found = prevalence(predictions, known, sample, by, confidence)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=1, ensure_ascii=False))
        return
    _show(found)


def _show(found: Prevalence) -> None:
    from rich.markup import escape
    from rich.table import Table

    corrected = ("share", f"{found.confidence:.0%} interval") if found.design else ()
    sample = ("labelled", "with it") if found.design else ()
    table = Table(box=None)
    for head in (found.scheme, *corrected, "counted", "n", *sample):
        table.add_column(head, no_wrap=True)
    group: str | None = None
    for k, one in enumerate(found.shares[:_SHOWN]):
        if found.by and (k == 0 or one.group != group):
            group = one.group
            table.add_row(f"[bold]{escape(console.fitting(group or 'all', _GROUP))}[/]")
        it = one.estimate
        value = "few" if it.value is None else f"{it.value:.3f}"
        bounds = console.bounds(it.low, it.high, digits=3)
        estimated = (value, bounds) if found.design else ()
        rests = (str(it.gold), str(it.positives)) if found.design else ()
        indent = "  " if found.by else ""
        table.add_row(f"{indent}{escape(one.label)}", *estimated, f"{it.raw:.3f}", str(it.statements), *rests)
    console.show(table)
    if len(found.shares) > _SHOWN:
        console.say(f"{len(found.shares) - _SHOWN} more shares: --json lists all.")
    console.say("counted: share of the n statements that the classifier gave the label, biased." + _legend(found))
    console.say(_sentence(found))


def _legend(found: Prevalence) -> str:
    if not found.design:
        return ""
    few = any(one.estimate.value is None for one in found.shares[:_SHOWN])
    return "\nlabelled: by people; with it: of those, with the label" + ("; few: too few for an estimate." * few or ".")


def _sentence(found: Prevalence) -> str:
    rows = f"{found.statements} statements" + (f", {found.withheld} of them withheld" if found.withheld else "")
    left = f"; {found.unlabelled} rows without labels were left out" if found.unlabelled else ""
    if found.design is None:
        return f"{rows}{left}. These are counts, biased by the classifier's errors; --gold and --design correct them."
    aside = (
        f" {found.aside} labelled statements are not among the predictions and were set aside." if found.aside else ""
    )
    how = f"corrected by {found.gold} labelled statements, drawn: {found.design}"
    return f"{rows}{left}; {how}. Counted shares are biased.{aside}"
