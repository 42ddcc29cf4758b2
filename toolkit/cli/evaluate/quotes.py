"""``stance evaluate quotes``: how good an extraction is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import console
from toolkit.cli.evaluate.figures import show_figures
from toolkit.records import ACTS

if TYPE_CHECKING:
    from toolkit.evaluation import Figure, QuoteEvaluation
    from toolkit.records import Act

__all__ = ["quotes_command"]


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
    as_json: console.Summary = False,
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
    figures = {
        name: {"value": one.value, "low": one.low, "high": one.high, "support": one.support}
        for name, one in [*found.figures.items(), *_shares(found)]
    }
    counts = {"articles": len(read), "gold": len(annotated), "errors": len(found.errors)}
    console.summarise(as_json, "evaluate quotes", counts, [errors], more={"figures": figures})


def _show(found: QuoteEvaluation) -> None:
    show_figures([*found.figures.items(), *_shares(found)], found.confidence)
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
