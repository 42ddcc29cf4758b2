"""``stance extract``: articles to statements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli import console

__all__ = ["extract_command"]


def extract_command(
    inputs: Annotated[
        list[Path], typer.Argument(help="Articles: .txt .html .jsonl .csv .tsv .parquet .xlsx, or folders of them.")
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", help="Where statements go: .jsonl .csv .tsv .parquet, or - for stdout.")
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
    strict: Annotated[bool, typer.Option("--strict", help="Fail at the first row that cannot be read.")] = False,
    max_errors: Annotated[
        int | None, typer.Option("--max-errors", min=0, help="Fail where more rows than this cannot be read.")
    ] = None,
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
    from toolkit.predict import extract_files
    from toolkit.quotes import Extraction
    from toolkit.records import KINDS
    from toolkit.storage import WRITTEN, refuse_overwrite, table_format

    extraction = Extraction(console.acts_option(include), parser)
    target = None if output == "-" else Path(output)
    outputs = [path for path in (target, articles_output) if path is not None]
    for path in outputs:
        table_format(path, WRITTEN)
        refuse_overwrite(path, force, inputs)
    if len({path.resolve() for path in outputs}) < len(outputs):
        raise UsageError(f"{output}: --output and --articles name the same file; each needs its own.")
    found = extract_files(
        inputs,
        target,
        extraction,
        articles_output=articles_output,
        workers=workers,
        formula_safe=formula_safe,
        most_errors=console.most_errors(strict, max_errors),
    )
    kinds = ", ".join(f"{found.kinds[name]} {name}" for name in KINDS)
    told = ", ".join(f"{found.acts[name]} {name}" for name in extraction.include)
    console.say(f"{found.statements} statements ({kinds}; {told}) from {found.articles} articles.")
    console.report_aside(found.aside, target)
