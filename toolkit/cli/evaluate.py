"""``stance evaluate``: how good an extraction is, and whether labels behave as the codebook says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import complete, console
from toolkit.cli.calibration import calibration_command
from toolkit.cli.errors import errors_command
from toolkit.cli.fidelity import codebook_command
from toolkit.cli.measure import model_command
from toolkit.cli.slices import slices_command
from toolkit.errors import UsageError
from toolkit.records import ACTS

if TYPE_CHECKING:
    from toolkit.evaluation import Figure, QuoteEvaluation
    from toolkit.records import Act

__all__ = ["app"]

app = typer.Typer(
    help="Compare what was predicted with gold.",
    epilog="Example: stance evaluate quotes data/sample/gold.jsonl statements.jsonl -a data/sample/articles.jsonl",
    no_args_is_help=True,
)


@app.command("quotes")
def quotes_command(
    gold: Annotated[Path, typer.Argument(help="Gold statements, a table: article_id and spans at least.")],
    predictions: Annotated[Path, typer.Argument(help="Extracted statements, a table.")],
    articles: Annotated[list[Path], typer.Option("--articles", "-a", help="The articles that both are about.")],
    include: Annotated[
        list[str] | None,
        typer.Option(
            "--include",
            metavar=",".join(ACTS),
            help="Compare only the extracted statements of these acts, and those that tell none; gold stays whole.",
        ),
    ] = None,
    errors: Annotated[
        Path | None,
        typer.Option("--errors", help="Write every error here: .jsonl .csv .tsv .parquet, to read one by one."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Seed of the bootstrap.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the errors file.")] = False,
) -> None:
    """Compare extracted statements with gold: spans, quoted letters, speakers, each with a 95 % interval.

    `all/...` and `found of: all ...` are for gold that holds every statement of its articles, whatever its kind.

    Example: [bold]stance evaluate quotes data/sample/gold.jsonl statements.jsonl -a data/sample/articles.jsonl[/]
    """
    from toolkit.evaluation import ERROR_COLUMNS, Resampling, evaluate_quotes
    from toolkit.storage import (
        WRITTEN,
        read_annotations,
        read_articles,
        read_statements,
        refuse_overwrite,
        table_format,
        write_plain,
    )

    acts = console.acts_option(include)
    if errors is not None:
        table_format(errors, WRITTEN)
        refuse_overwrite(errors, force)
    read = list(read_articles(articles))
    annotated = list(read_annotations(gold, {article.article_id: article.text for article in read}))
    found = evaluate_quotes(
        read, annotated, list(read_statements(predictions)), include=acts, resampling=Resampling(seed)
    )
    _show(found)
    if errors is not None:
        write_plain([error.row() for error in found.errors], errors, ERROR_COLUMNS)
    console.say(f"{len(found.errors)} errors" + (f": {errors}" if errors else "; --errors FILE lists them."))


app.command("codebook")(codebook_command)
app.command("model")(model_command)
app.command("slices")(slices_command)
app.command("calibration")(calibration_command)
app.command("errors")(errors_command)


@app.command("behaviour")
def behaviour_command(
    tests: Annotated[
        Path | None, typer.Argument(help="The tests, a table; without: data/behaviour/SCHEME.jsonl of the project.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            help="A model URI or folder; without: the codebook's rules alone.",
            autocompletion=complete.models,
        ),
    ] = None,
    scheme: Annotated[
        str, typer.Option("--scheme", help="The label scheme, by name or path.", autocompletion=complete.schemes)
    ] = "stance",
    failures: Annotated[
        Path | None, typer.Option("--failures", help="Write the tests that failed: .jsonl .csv .tsv .parquet.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Seed of the bootstrap.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the failures file.")] = False,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run Python code that came with the weights of a model.")
    ] = False,
) -> None:
    """Run minimal pairs: statements that must keep or lose a label when one thing in them changes.

    Example: [bold]stance evaluate behaviour --failures failed.jsonl[/]
    """
    from toolkit.codebook import Codebook
    from toolkit.config import in_project, load_scheme, project_root
    from toolkit.evaluation import FAILED_COLUMNS, Resampling, evaluate_behaviour
    from toolkit.model import StanceModel
    from toolkit.storage import WRITTEN, read_behaviour, refuse_overwrite, table_format, write_plain
    from toolkit.tracking import fetch_model, open_store

    if failures is not None:
        table_format(failures, WRITTEN)
        refuse_overwrite(failures, force)
    root = project_root(tests or Path.cwd() / "-")
    read = load_scheme(scheme, root)
    rows = list(read_behaviour(tests or in_project(root, f"data/behaviour/{read.name}.jsonl"), read))
    statements = [row.statement for row in rows]
    if model is None:
        codebook = Codebook(read)
        given = [codebook.labels_of(codebook.find(one)) for one in statements]
    else:
        if not Path(model).is_dir():
            open_store(must_exist=True)
        loaded = StanceModel.load(fetch_model(model), trust_remote_code=trust_remote_code)
        if loaded.scheme.name != read.name:
            raise UsageError(
                f"{model} answers the label scheme '{loaded.scheme.name}', the tests are of '{read.name}'."
            )
        given = loaded.answers(statements).labels
    found = evaluate_behaviour(rows, given, Resampling(seed))
    _show_figures(found.figures.items(), found.confidence)
    if failures is not None:
        write_plain(found.rows(), failures, FAILED_COLUMNS)
    listed = f": {failures}" if failures else "; --failures FILE lists them." if found.failed else "."
    console.say(f"{len(found.failed)} of {len(rows)} tests failed{listed}")


def _show_figures(figures: Iterable[tuple[str, Figure]], confidence: float) -> None:
    from rich.table import Table

    table = Table("figure", "value", f"{confidence:.0%} interval", "support", box=None)
    for name, figure in figures:
        table.add_row(name, *_cells(figure))
    console.show(table)


def _show(found: QuoteEvaluation) -> None:
    _show_figures([*found.figures.items(), *_shares(found)], found.confidence)
    console.say(_scored(found))


def _scored(found: QuoteEvaluation) -> str:
    def listed(counts: Mapping[Act | None, int]) -> str:
        return ", ".join(f"{n} {act or 'without an act'}" for act, n in counts.items()) or "nothing"

    left_out = f"; left out by --include: {listed(found.left_out)}" if found.left_out else " (all that were extracted)"
    return f"scored: {listed(found.scored)}{left_out}"


def _shares(found: QuoteEvaluation) -> Iterator[tuple[str, Figure]]:
    for name, figure in found.by_kind.items():
        yield f"found of: {name}", figure
    for name, figure in found.by_kind_of_all.items():
        yield f"found of: all {name}", figure
    for name, figure in found.by_act.items():
        yield f"in gold of: {name}", figure
    for name, figure in list(found.by_cue.items())[:12]:
        yield f"found of: {name}", figure


def _cells(figure: Figure) -> tuple[str, str, str]:
    value = "undefined" if figure.value is None else f"{figure.value:.4f}"
    bounds = "" if figure.low is None or figure.high is None else f"{figure.low:.3f} to {figure.high:.3f}"
    return value, bounds, str(figure.support)
