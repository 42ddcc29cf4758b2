"""``stance compare``: which of several logged models is better, by how much, and how sure that is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import console
from toolkit.errors import UsageError, nearest

if TYPE_CHECKING:
    from rich.table import Table

    from toolkit.evaluation import Figure
    from toolkit.review.compare import Comparison
    from toolkit.tracking import LoggedRun, Store

__all__ = ["compare_command"]


def compare_command(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="EXPERIMENT|RUN...",
            help="Experiments, by name (the newest finished run) or run id, and run ids of models; all are compared.",
        ),
    ],
    metric: Annotated[
        str,
        typer.Option(
            "--metric",
            help="The held-out figure: f1, precision, recall or average_precision, each /macro or /LABEL; f1/micro; "
            "subset_accuracy (single-label: accuracy). all: every headline figure; pairs by f1/macro.",
        ),
    ] = "f1/macro",
    scheme: Annotated[
        str | None, typer.Option("--scheme", help="Compare the models of this label scheme only.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, max=2**31 - 1, help="Seed of all draws; without: the experiment's own."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON on standard output.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the comparison as JSON here.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
) -> None:
    """Compare logged models on their held-out statements, each with each, articles being what is drawn and swapped.

    Differences have an interval (paired bootstrap) and a test (approximate randomisation, corrected for the number of
    pairs by Holm). The held-out tables of the runs are enough: no model is loaded. Runs that were held to other
    statements, gold labels or another version of the label scheme are refused.

    JSON is one object with models, pairs, tied and smallest_difference; of several label schemes, a list of such
    objects under schemes.

    Example: [bold]stance compare quickstart --scheme stance[/]
    """
    from toolkit.review.compare import compare_runs
    from toolkit.storage import refuse_overwrite, write_text
    from toolkit.tracking import open_store

    if output is not None:
        refuse_overwrite(output, force)
    by_scheme = _runs(open_store(must_exist=True), what, scheme)
    by = "f1/macro" if metric == "all" else metric
    found = [compare_runs(runs, metric=by, seed=seed) for runs in by_scheme]
    plain = [comparison.to_dict() for comparison in found]
    for runs, comparison, told in zip(by_scheme, found, plain, strict=True):
        if metric == "all":
            figures = _headline(runs, comparison)
            told["figures"] = {
                name: {model: figure.plain() for model, figure in some.items()} for name, some in figures.items()
            }
            _show_figures(comparison, figures)
        _show(comparison)
    text = json.dumps(plain[0] if len(plain) == 1 else {"schemes": plain}, indent=1, ensure_ascii=False) + "\n"
    if output is not None:
        write_text(output, text)
        console.say(f"Written: {output}")
    if as_json:
        typer.echo(text, nl=False)


def _runs(store: Store, what: Sequence[str], scheme: str | None) -> list[list[LoggedRun]]:
    """Return the runs of each label scheme. Raises UsageError where there is nothing to compare."""
    from toolkit.review.compare import schemes_of
    from toolkit.tracking import read_runs

    runs = {run.run_id: run for one in what for run in read_runs(store, one)}
    schemes = schemes_of(list(runs.values()))
    if scheme is not None and scheme not in schemes:
        raise UsageError(
            f"--scheme: no run is of {scheme!r}{nearest(scheme, schemes)}; there are {', '.join(schemes)}."
        )
    grouped = [[run for run in runs.values() if run.scheme.name == name] for name in schemes if scheme in (None, name)]
    compared = [group for group in grouped if len(group) > 1]
    if not compared:
        raise UsageError("comparing needs two finished runs of a label scheme at least: name an experiment, or runs.")
    return compared


def _headline(runs: Sequence[LoggedRun], found: Comparison) -> dict[str, dict[str, Figure]]:
    """Return the headline figures by name and model, as the runs have logged them, the models in their order."""
    from toolkit.experiment.headline import HEADLINE
    from toolkit.review.reviewed import evaluation_of

    by_id = {run.run_id: evaluation_of(run).figures for run in runs}
    told = {name: {one.model: by_id[one.run_id].get(name) for one in found.models} for name in HEADLINE}
    kept = {name: {model: one for model, one in some.items() if one is not None} for name, some in told.items()}
    return {name: some for name, some in kept.items() if some}


def _show_figures(found: Comparison, figures: Mapping[str, Mapping[str, Figure]]) -> None:
    from rich.markup import escape

    from toolkit.evaluation import figure_said

    table = _table(found.scheme, "figure", f"{found.confidence:.0%} interval")
    for name, some in figures.items():
        table.add_row(f"[bold]{escape(figure_said(name))}[/]")
        for model, figure in some.items():
            table.add_row(f"  {escape(model)}", *_cells(figure.value, figure.low, figure.high))
    console.show(table)


def _show(found: Comparison) -> None:
    from rich.markup import escape

    from toolkit.evaluation import figure_said

    said, sure = figure_said(found.metric), f"{found.confidence:.0%} interval"
    console.say(f"{found.scheme}: {said}, {found.statements} held-out statements of {found.articles} articles")
    table = _table("model", said, sure)
    for model in found.models:
        table.add_row(escape(model.model), *_cells(model.metric, model.low, model.high))
    console.show(table)
    pairs = _table("better or tied", "diff.", sure, "p", "p (Holm)", "d")
    for pair in found.pairs:
        sign = ">" if pair.better else "~"
        tested = ["" if p is None else f"{p:.4f}" for p in (pair.p, pair.p_holm)]
        effect = "" if pair.effect is None else f"{pair.effect:.2f}"
        cells = _cells(pair.difference, pair.low, pair.high)
        pairs.add_row(f"{escape(pair.a)} {sign} {escape(pair.b)}", *cells, *tested, effect)
    console.show(pairs)
    console.say(">: better, ~: cannot be told apart; diff.: of the two figures; d: its effect size by articles.")
    for one in found.seeds:
        console.say(
            f"{one.a} over {one.b}: almost stochastic order, violated by at most {one.epsilon:.2f} (below 0.5 better; "
            f"{one.runs_a} and {one.runs_b} seeds)"
        )
    for sentence in found.sentences:
        console.say(sentence)


def _table(*heads: str) -> Table:
    from rich.table import Table

    table = Table(box=None)
    for k, head in enumerate(heads):
        table.add_column(head, no_wrap=k > 0, overflow="fold")
    return table


def _cells(value: float | None, low: float | None, high: float | None) -> tuple[str, str]:
    bounds = console.bounds(low, high, digits=3)
    return "undefined" if value is None else f"{value:.3f}", bounds
