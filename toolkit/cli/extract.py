"""``stance extract``: articles to statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from toolkit.cli import console

__all__ = ["extract_command"]


def extract_command(
    inputs: Annotated[
        list[Path], typer.Argument(help="Articles: .txt .html .jsonl .csv .parquet, or folders of them.")
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", help="Where statements go: .jsonl .csv .parquet, or - for stdout.")
    ],
    articles_output: Annotated[
        Path | None,
        typer.Option("--articles", help="Also write the articles as read: the texts that the spans count in."),
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option("--include", help="Which acts: said, performed (urged X to), named (a threat to). Default: all."),
    ] = None,
    parser: Annotated[
        str | None,
        typer.Option("--parser", help="A spaCy pipeline, its name or folder, to read sentences with; slower."),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes to extract with.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Overwrite outputs.")] = False,
    formula_safe: Annotated[
        bool, typer.Option("--formula-safe", help="CSV only: put ' before cells that a spreadsheet would run.")
    ] = False,
) -> None:
    """Extract who is reported to have said what: direct, mixed and indirect statements.

    Besides what is said there is what is performed by words ("urged Norland to withdraw", "condemned the raid") and
    what a noun names ("Norland's threat to"); --include said leaves these away. Articles that cannot be read are
    listed with their reason in OUTPUT.rejected.jsonl, and counted.

    Example: [bold]stance extract data/sample/fresh -o statements.jsonl[/]
    """
    from toolkit.errors import UsageError
    from toolkit.quotes import Extraction, extract_many
    from toolkit.records import KINDS, Article, Statement
    from toolkit.storage import (
        read_articles,
        record_row,
        record_schema,
        refuse_overwrite,
        table_format,
        write_rows,
        write_stdout,
    )

    extraction = Extraction(console.acts_option(include), parser)
    target = None if output == "-" else Path(output)
    outputs = [path for path in (target, articles_output) if path is not None]
    for path in outputs:
        table_format(path)
        refuse_overwrite(path, force, inputs)
    if len({path.resolve() for path in outputs}) < len(outputs):
        raise UsageError(f"{output}: --output and --articles name the same file; each needs its own.")
    rejected: list[tuple[str, str]] = []
    counts: Counter[str] = Counter()
    articles = read_articles(inputs, on_reject=lambda where, why: rejected.append((where, why)))

    def article_rows() -> Iterator[dict[str, Any]]:
        read = 0
        for article in articles:
            read += 1
            yield record_row(article)
        console.nothing_read(read, rejected)

    if articles_output is not None:
        # Written first and read back: so memory stays flat, and the spans count in exactly these texts.
        # (Never made formula-safe: a sign more would shift every span.)
        write_rows(article_rows(), articles_output, schema=record_schema(Article))
        articles = read_articles([articles_output])

    def rows() -> Iterator[dict[str, Any]]:
        for _, statements in extract_many(articles, extraction, workers):
            counts["articles"] += 1
            for statement in statements:
                counts[statement.kind] += 1
                counts[statement.act or "said"] += 1
                yield record_row(statement)
        console.nothing_read(counts["articles"], rejected)

    schema = record_schema(Statement)
    if target is None:
        written = write_stdout(rows(), schema.names)
    else:
        written = write_rows(rows(), target, schema=schema, formula_safe=formula_safe)
    kinds, told = (", ".join(f"{counts[name]} {name}" for name in names) for names in (KINDS, extraction.include))
    console.say(f"{written} statements ({kinds}; {told}) from {counts['articles']} articles.")
    console.report_rejected(rejected, target)
