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
    workers: Annotated[int, typer.Option("--workers", min=1, max=1024, help="Processes to extract with.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the interrupted run for this output.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Throw the interrupted run away and begin anew.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail at the first row that cannot be read.")] = False,
    max_errors: Annotated[
        int | None, typer.Option("--max-errors", min=0, help="Fail where more rows than this cannot be read.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite outputs.")] = False,
    formula_safe: Annotated[
        bool, typer.Option("--formula-safe", help="CSV only: put ' before cells that a spreadsheet would run.")
    ] = False,
    as_json: console.Summary = False,
) -> None:
    """Extract who is reported to have said what: direct, mixed and indirect statements.

    Besides what is said there is what is performed by words ("urged Norland to withdraw", "condemned the raid") and
    what a noun names ("Norland's threat to"); --include said leaves these away. Articles that cannot be read are
    listed with their reason in OUTPUT.rejected.jsonl, and counted.

    Example: [bold]stance extract data/sample/fresh -o statements.jsonl[/]
    """
    from toolkit.errors import UsageError
    from toolkit.prediction import Inputs, Job, Output, Plan, local, predict, write_articles
    from toolkit.quotes import Extraction
    from toolkit.records import KINDS
    from toolkit.storage import WRITTEN, SetAside, refuse_overwrite, table_format

    console.refuse_two_on_stdout(as_json, output)
    extraction = Extraction(console.acts_option(include), parser)
    target = None if output == "-" else Path(output)
    outputs = [path for path in (target, articles_output) if path is not None]
    for path in outputs:
        table_format(path, WRITTEN)
        refuse_overwrite(path, force, inputs)
    if len({path.resolve() for path in outputs}) < len(outputs):
        raise UsageError(f"{output}: --output and --articles name the same file; each needs its own.")
    if resume and restart:
        raise UsageError("--resume and --restart contradict each other; give one of them.")
    plan = Plan(Inputs(tuple(inputs), "articles"), SetAside(console.most_errors(strict, max_errors)))
    if articles_output is not None:
        write_articles(plan.inputs, articles_output, plan.aside.most)
    with console.work_kept(target), console.Bars() as bars:
        bars.start("extracting statements", None)
        job, place = Job((), articles=True, extraction=extraction), Output(target, formula_safe, resume, restart)
        done = predict(plan, job, place, local(workers), bars.reach)
    kinds = ", ".join(f"{done.kinds[name]} {name}" for name in KINDS)
    told = ", ".join(f"{done.acts[name]} {name}" for name in extraction.include)
    found, articles = console.counted(done.statements, "statements"), console.counted(done.articles or 0, "articles")
    console.say(f"{found} ({kinds}; {told}) from {articles}.")
    console.report_aside(plan.aside, target)
    counts = {"articles": done.articles, "statements": done.statements, "set_aside": plan.aside.count}
    counts |= {name: done.kinds[name] for name in KINDS} | {name: done.acts[name] for name in extraction.include}
    console.summarise(as_json, "extract", counts, outputs)
