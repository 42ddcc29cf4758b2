"""``stance predict``: a registered model over large files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli import console

__all__ = ["predict_command"]


def predict_command(
    inputs: Annotated[
        list[Path],
        typer.Argument(help="Articles (.txt .html .jsonl .csv .tsv .parquet .xlsx, folders) or tables of statements."),
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", help="Where predictions go: .jsonl .csv .tsv .parquet, or - for stdout.")
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model", "-m", help="A model URI or folder; repeat it for more label schemes. Without: the toolkit's own."
        ),
    ] = None,
    include: Annotated[
        list[str] | None, typer.Option("--include", help="Articles: which acts (said, performed, named) are labelled.")
    ] = None,
    parser: Annotated[
        str | None, typer.Option("--parser", help="Articles: a spaCy pipeline to extract statements with.")
    ] = None,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Add what the codebook's rules find: label, rule, field, start, end.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail at the first row that cannot be read.")] = False,
    max_errors: Annotated[
        int | None, typer.Option("--max-errors", min=0, help="Fail where more rows than this cannot be read.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    formula_safe: Annotated[
        bool, typer.Option("--formula-safe", help="CSV only: put ' before cells that a spreadsheet would run.")
    ] = False,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run Python code that came with the weights of a model.")
    ] = False,
) -> None:
    """Label statements: a row per statement out, with its labels and a probability for every label.

    Without --model the models that come with the toolkit are used, one for stance and one for sentiment.

    Example: [bold]stance predict data/sample/fresh -o out.parquet --evidence[/]
    """
    from toolkit.model import CARD, StanceModel, own_models
    from toolkit.predict import predict
    from toolkit.quotes import Extraction
    from toolkit.storage import WRITTEN, expand, refuse_overwrite, table_format
    from toolkit.tracking import fetch_model, open_store

    extraction = Extraction(console.acts_option(include), parser)
    if output != "-":
        table_format(output, WRITTEN)
        refuse_overwrite(Path(output), force, map(Path, inputs))
    expand(inputs)
    most = console.most_errors(strict, max_errors)
    if model:
        if any(not Path(uri).is_dir() for uri in model):
            open_store(must_exist=True)
        loaded = [(uri, StanceModel.load(fetch_model(uri), trust_remote_code=trust_remote_code)) for uri in model]
    else:
        loaded = [(f"toolkit:{name}", StanceModel.load(folder)) for name, folder in own_models().items()]
        console.say(f"No --model: the toolkit's own are used, {' and '.join(name for name, _ in loaded)} ({CARD}).")
    target = None if output == "-" else Path(output)
    with console.Bars() as bars:
        bars.start("labelling statements", None)
        counts = predict(
            inputs,
            loaded,
            target,
            extraction,
            evidence=evidence,
            formula_safe=formula_safe,
            most_errors=most,
            on_chunk=bars.reach,
        )
    read = f" from {counts.articles} articles" if counts.articles else ""
    console.say(f"{counts.statements} statements{read} labelled" + ("." if output == "-" else f": {output}"))
    if counts.aside.count and not counts.articles:
        read_rows = counts.statements + counts.aside.count
        console.say(f"{read_rows} rows read: {counts.statements} written, {counts.aside.count} set aside.")
    console.report_aside(counts.aside, target, "articles" if counts.articles else "rows")
