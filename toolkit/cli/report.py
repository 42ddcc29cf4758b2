"""``stance report``: one HTML file for a run or an experiment, or for the predictions of a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli import console
from toolkit.errors import UsageError

__all__ = ["report_command"]

_ENDINGS = (".html", ".htm")


def report_command(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN|EXPERIMENT]",
            help="An experiment by its name (its newest finished run), the id of a run, EXPERIMENT/MODEL, or a "
            "registered model (models:/stance@champion).",
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The page to write, .html.")] = None,
    corpus: Annotated[
        Path | None, typer.Option("--corpus", help="Predictions, a table: what they say of the world.")
    ] = None,
    gold: Annotated[
        Path | None, typer.Option("--gold", help="With --corpus: a labelled sample of the predicted statements.")
    ] = None,
    design: Annotated[
        str | None,
        typer.Option("--design", help="With --gold: how the sample was drawn (random, stratified, weights)."),
    ] = None,
    drawn: Annotated[
        Path | None,
        typer.Option("--drawn", help="With --gold: the sample as drawn, where it has lost its inclusion_probability."),
    ] = None,
    scheme: Annotated[
        str | None, typer.Option("--scheme", help="With --corpus: the label scheme, by name or path. Default: stance.")
    ] = None,
    log: Annotated[bool, typer.Option("--log/--no-log", help="Log the page as report.html of the run too.")] = True,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the page.")] = False,
    as_json: console.Summary = False,
) -> None:
    """Write one HTML file that opens without a network: figures with intervals, where a model fails, how to redo it.

    Everything is taken from what was logged; no model is loaded. With --corpus it tells the shares of stances in
    predictions instead, corrected for the classifier's errors where --gold gives a sample with a stated --design.

    Example: [bold]stance report quickstart -o quickstart.html[/]
    """
    written = _asked(run, output, corpus, gold, design)
    if corpus is None and (drawn is not None or scheme is not None):
        raise UsageError("--drawn and --scheme belong to --corpus; a run has its held-out statements and its scheme.")
    if drawn is not None and gold is None:
        raise UsageError("--drawn belongs to --gold.")
    if run is None:
        size = _corpus(corpus or Path(), written, (gold, design, drawn), scheme, force)
        run_id = None
    else:
        size, run_id = _review(run, written, log, force)
    console.summarise(as_json, "report", {"bytes": size}, [written], [run_id])


def _asked(run: str | None, output: Path | None, corpus: Path | None, gold: Path | None, design: str | None) -> Path:
    """Return the page to write. Raises UsageError where what is asked for does not go together."""
    if (run is None) == (corpus is None):
        raise UsageError("give either a run or an experiment to report, or predictions with --corpus, not both.")
    if corpus is None and (gold is not None or design is not None):
        raise UsageError("--gold and --design belong to --corpus; a run has its held-out statements.")
    if (gold is None) != (design is None):
        raise UsageError("--gold and --design go together: how a sample was drawn decides what it can correct.")
    if output is None:
        raise UsageError("--output (-o) names the page to write: -o report.html.")
    if output.suffix.lower() not in _ENDINGS:
        raise UsageError(f"{output}: a page ends in .html, not {output.suffix or 'in nothing'}.")
    return output


def _review(name: str, output: Path, log: bool, force: bool) -> tuple[int, str]:
    """Write the page of a run; return how many bytes it has, and the id of the run."""
    from toolkit.review import read_reviewed, review_html
    from toolkit.storage import refuse_overwrite, write_text
    from toolkit.tracking import attach, open_store

    refuse_overwrite(output, force)
    store = open_store(must_exist=True)
    reviewed = read_reviewed(store, name)
    page = review_html(reviewed)
    write_text(output, page)
    if log:
        attach(store, reviewed.run_id, "report.html", page)
    also = f", logged as report.html of run {reviewed.run_id}" if log else ""
    size = len(page.encode())
    console.say(f"{output} is the page of {reviewed.name} ({_said(size)}){also}.")
    return size, reviewed.run_id


def _corpus(
    predictions: Path,
    output: Path,
    sample: tuple[Path | None, str | None, Path | None],
    scheme: str | None,
    force: bool,
) -> int:
    """Write the page of predictions; return how many bytes it has."""
    from toolkit.cli.schemes import scheme_of
    from toolkit.storage import refuse_overwrite, write_text
    from toolkit.study import corpus_page

    gold, design, drawn = sample
    refuse_overwrite(output, force, [path for path in (predictions, gold, drawn) if path is not None])
    known = None if scheme is None else scheme_of(scheme, predictions)
    page = corpus_page(predictions, gold=gold, design=design, scheme=known, drawn=drawn)
    write_text(output, page)
    size = len(page.encode())
    console.say(f"{output} tells what {predictions} says ({_said(size)}).")
    return size


def _said(size: int) -> str:
    return f"{size / 1000:,.0f} kB"
