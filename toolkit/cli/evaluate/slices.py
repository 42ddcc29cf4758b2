"""``stance evaluate slices``: where a model is worse than elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import console
from toolkit.cli.runs import NAMED, interval, runs_with_origin, value

if TYPE_CHECKING:
    from toolkit.evaluation import Slice, Sliced

__all__ = ["slices_command"]

_SHOWN = 6
"""How many values of a property a terminal is shown; --json has all."""
_BESIDE = 47
"""Letters of a row beside the name of its slice and its figure."""


def slices_command(
    run: Annotated[str, typer.Argument(help=NAMED)],
    metric: Annotated[
        str, typer.Option("--metric", help="The figure that slices are compared by: f1/macro, recall/denial ...")
    ] = "f1/micro",
    project: Annotated[
        Path | None, typer.Option("--project", help="The folder of the experiment's data. Default: the project's here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all slices as JSON on standard output.")] = False,
) -> None:
    """Show the figures of a run by speaker, source, kind, cue, month, length, and nearness to what it learnt from.

    Slices of fewer than 5 articles or 10 examples are told and not compared. The worst is named, with its p value
    corrected for all that were looked at.

    Example: [bold]stance evaluate slices quickstart/tfidf-logreg[/]
    """
    from toolkit.review.slices import slices_of

    told = []
    without = "no slices by what was in training"
    for one, origin in runs_with_origin(run, project, without):
        found = slices_of(one, origin, metric)
        told.append({"run": one.run_id, "scheme": one.scheme.name, "model": one.model, **found.to_dict()})
        if not as_json:
            _show(found, f"{one.scheme.name}/{one.model}")
    if as_json:
        typer.echo(json.dumps({"runs": told}, indent=1, ensure_ascii=False))


def _show(found: Sliced, name: str) -> None:
    from rich.markup import escape
    from rich.table import Table

    from toolkit.evaluation import figure_said
    from toolkit.evaluation.slices import FEWEST_ARTICLES, FEWEST_EXAMPLES

    console.say(f"{name}: {found.n} statements of {found.n_articles} articles, {found.confidence:.0%} intervals")
    table = Table(box=None)
    said = figure_said(found.metric)
    for head in ("slice", said, "interval", "n", "art.", "ex.", "p"):
        table.add_column(head, no_wrap=True)
    room = console.width() - len(said) - _BESIDE
    whole = found.whole[found.metric]
    table.add_row("all", value(whole), interval(whole), str(found.n), str(found.n_articles), str(whole.support))
    shown, by = list(_shown(found.slices)), ""
    for one in shown:
        if one.by != by:
            by = one.by
            table.add_row(f"[bold]{escape(by)}[/]")
        figure = one.figures[found.metric]
        cells = (value(figure), interval(figure), str(one.n), str(one.n_articles), str(figure.support))
        table.add_row(f"  {escape(console.fitting(one.value, room))}", *cells, _verdict(one))
    console.show(table)
    console.say("n: statements; art.: articles; ex.: examples; p: corrected by Holm.")
    if any(one.too_small for one in shown):
        console.say(f"few: fewer than {FEWEST_ARTICLES} articles or {FEWEST_EXAMPLES} examples, not compared.")
    if len(shown) < len(found.slices):
        console.say(f"{len(found.slices) - len(shown)} more slices of fewer statements: --json lists them.")
    console.say(found.verdict())


def _shown(slices: tuple[Slice, ...]) -> Iterator[Slice]:
    seen: dict[str, int] = {}
    for one in slices:
        seen[one.by] = seen.get(one.by, 0) + 1
        if seen[one.by] <= _SHOWN or one.p is not None:
            yield one


def _verdict(one: Slice) -> str:
    if one.too_small is not None:
        return "few"
    return "" if one.p_holm is None else f"{one.p_holm:.3f}"
