"""``stance compare``: which of several logged models is better, by how much, and how sure that is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import console
from toolkit.errors import UsageError, nearest

if TYPE_CHECKING:
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
            "subset_accuracy (single-label: accuracy).",
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
    found = [compare_runs(runs, metric=metric, seed=seed) for runs in by_scheme]
    for comparison in found:
        _show(comparison)
    plain = [comparison.to_dict() for comparison in found]
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


def _show(found: Comparison) -> None:
    from rich.markup import escape
    from rich.table import Table

    console.say(f"{found.scheme}: {found.metric}, {found.statements} held-out statements of {found.articles} articles")
    table = Table("model", found.metric, f"{found.confidence:.0%} interval", box=None)
    for model in found.models:
        table.add_row(escape(model.model), *_cells(model.metric, model.low, model.high))
    console.show(table)
    pairs = Table("better or tied", "difference", f"{found.confidence:.0%} interval", "p", "p (Holm)", "d", box=None)
    for pair in found.pairs:
        sign = ">" if pair.better else "~"
        tested = ["" if p is None else f"{p:.4f}" for p in (pair.p, pair.p_holm)]
        effect = "" if pair.effect is None else f"{pair.effect:.2f}"
        cells = _cells(pair.difference, pair.low, pair.high)
        pairs.add_row(f"{escape(pair.a)} {sign} {escape(pair.b)}", *cells, *tested, effect)
    console.show(pairs)
    for one in found.seeds:
        console.say(
            f"{one.a} over {one.b}: almost stochastic order, violated by at most {one.epsilon:.2f} (below 0.5 better; "
            f"{one.runs_a} and {one.runs_b} seeds)"
        )
    for sentence in found.sentences:
        console.say(sentence)


def _cells(value: float | None, low: float | None, high: float | None) -> tuple[str, str]:
    bounds = "" if low is None or high is None else f"{low:.3f} to {high:.3f}"
    return "undefined" if value is None else f"{value:.3f}", bounds
