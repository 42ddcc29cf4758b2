"""``stance predict``: a registered model over large files."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import toolkit
from toolkit.cli import console

if TYPE_CHECKING:
    from toolkit.predict import Done, Job
    from toolkit.predict.engines import Engine

__all__ = ["predict_command"]


class Holds(StrEnum):
    """What the rows of an input are."""

    articles = "articles"
    statements = "statements"


class EngineName(StrEnum):
    """Who does the work."""

    local = "local"
    ray = "ray"
    spark = "spark"


class Style(StrEnum):
    """How labels are written."""

    list = "list"
    columns = "columns"


def predict_command(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Articles (.txt .html, tables, folders) or tables (.jsonl .csv .tsv .parquet .xlsx) of statements, -."
        ),
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
    holds: Annotated[
        Holds | None,
        typer.Option("--as", help="What the rows of tables are. Without: statements, if there is no article_id alone."),
    ] = None,
    text_column: Annotated[str, typer.Option("--text-column", help="Tables: the column that holds the text.")] = "text",
    id_column: Annotated[
        str | None,
        typer.Option("--id-column", help="Tables: the column with a row's id. Without one, ids are made."),
    ] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", help="Your own columns to keep, separated by commas. Default: all.")
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", help="Standard input: the ending that it would have as a file (jsonl).")
    ] = None,
    include: Annotated[
        list[str] | None, typer.Option("--include", help="Articles: which acts (said, performed, named) are labelled.")
    ] = None,
    parser: Annotated[
        str | None, typer.Option("--parser", help="Articles: a spaCy pipeline to extract statements with.")
    ] = None,
    labels: Annotated[
        Style, typer.Option("--labels", help="A list (a;b in CSV), or a column of 0 and 1 for every label.")
    ] = Style.list,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Add what the codebook's rules find: label, rule, field, start, end.")
    ] = False,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, max=1024, help="Processes to work with. Default: all cores.")
    ] = None,
    engine: Annotated[
        EngineName, typer.Option("--engine", help="Who works: this machine's processes, or a cluster of Ray or Spark.")
    ] = EngineName.local,
    master: Annotated[
        str | None,
        typer.Option("--master", help="Ray's address or Spark's master. Default: RAY_ADDRESS, or one on this machine."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the interrupted run for this output.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Throw the interrupted run away and begin anew.")] = False,
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
    """Label statements: a row per statement out, your own columns in front, then labels and their probabilities.

    Without --model the models that come with the toolkit are used, one for stance and one for sentiment. What is done
    is kept until all of it is: a run that was interrupted goes on with --resume.

    Example: [bold]stance predict data/sample/fresh -o out.parquet --evidence[/]
    """
    from toolkit.errors import UsageError
    from toolkit.predict import Inputs, Job, Output, Plan, predict
    from toolkit.quotes import Extraction
    from toolkit.storage import WRITTEN, SetAside, refuse_overwrite, table_format

    started, clock = datetime.now(UTC), time.monotonic()
    target = None if output == "-" else Path(output)
    ending = ".jsonl" if target is None else table_format(target, WRITTEN)
    if resume and restart:
        raise UsageError("--resume and --restart contradict each other; give one of them.")
    if resume and target is None:
        raise UsageError("--resume goes on with a file that was interrupted; standard output cannot be gone on with.")
    works = _engine(engine, processes or len(os.sched_getaffinity(0)), master)
    extraction = Extraction(console.acts_option(include), parser)
    most = console.most_errors(strict, max_errors)
    with console.standard_input(inputs, format) as (paths, unsaid):
        if target is not None:
            refuse_overwrite(target, force, paths)
        keep = None if columns is None else tuple(name.strip() for name in columns.split(",") if name.strip())
        read = Inputs(tuple(paths), holds.value if holds else None, text_column, id_column, keep)
        plan = Plan(read, SetAside(most, unsaid))
        if not plan.articles and extraction != Extraction():
            raise UsageError(
                "--include and --parser say how articles are extracted; these inputs are statements already."
            )
        flat = ending in (".csv", ".tsv")
        job = Job(
            tuple(_models(model)),
            plan.articles,
            extraction,
            evidence,
            "columns" if labels is Style.columns else "joined" if flat else "list",
            None if ending == ".parquet" else 6,
            trust_remote_code,
        )
        with console.work_kept(target), console.Bars() as bars:
            bars.start("labelling statements", None)
            done = predict(plan, job, Output(target, formula_safe, resume, restart), works, bars.reach)
        _report(done, output)
        if target is not None:
            _tell(target, done, job, started.isoformat(timespec="seconds"), time.monotonic() - clock)


def _engine(name: EngineName, processes: int, master: str | None) -> Engine:
    """Return who works. Raises UsageError where its package is missing."""
    from toolkit.errors import UsageError
    from toolkit.predict import local, ray, spark

    if name is EngineName.local:
        if master is not None:
            raise UsageError("--master names a cluster; say by --engine ray or --engine spark which sort it is.")
        return local(processes)
    return (ray if name is EngineName.ray else spark)(processes, master)


def _models(asked: list[str] | None) -> list[tuple[str, Path]]:
    """Return what the column ``model`` says of each model, never an alias, and its folder."""
    from toolkit.errors import without_passwords
    from toolkit.model import CARD, find_model_folder, own_models
    from toolkit.storage import file_sha256
    from toolkit.tracking import fetch_model, model_name, open_store

    if not asked:
        own = [(f"toolkit:{name} {toolkit.__version__}", folder) for name, folder in own_models().items()]
        console.say(f"No --model: the toolkit's own are used, {' and '.join(name for name, _ in own)} ({CARD}).")
        return own
    if any(not Path(uri).is_dir() for uri in asked):
        open_store(must_exist=True)
    found = []
    for uri in asked:
        if Path(uri).is_dir():
            digest = file_sha256(find_model_folder(Path(uri)) / "model.json")
            found.append((f"{uri} (sha256 {digest[:16]})", Path(uri)))
        else:
            name = model_name(uri)
            found.append((without_passwords(name), fetch_model(name.partition(" (run ")[0])))
    return found


def _report(done: Done, output: str) -> None:
    plan = done.plan
    if plan.made_ids:
        console.say(f"{plan.made_ids} rows have no id of their own: statement_id or article_id is made from the text.")
    if done.renamed:
        called = ", ".join(done.renamed.values())
        console.say(f"The input has columns of these names already, so the new ones are called: {called}.")
    if done.resumed:
        console.say(f"{done.resumed} of {done.parts} parts had been done before.")
    read = f" from {done.articles} articles" if plan.articles else ""
    console.say(f"{done.statements} statements{read} labelled" + ("." if output == "-" else f": {output}"))
    if plan.aside.count:
        what = "articles" if plan.articles else "rows"
        told = f"{plan.read + plan.aside.count} {what} read: "
        console.say(told + f"{plan.read} {'labelled' if plan.articles else 'written'}, {plan.aside.count} set aside.")
    console.report_aside(plan.aside, None if output == "-" else Path(output), "articles" if plan.articles else "rows")


def _tell(target: Path, done: Done, job: Job, started: str, seconds: float) -> None:
    """Write beside the output what was done (``OUTPUT.run.json``)."""
    from toolkit.errors import without_passwords
    from toolkit.predict import told
    from toolkit.storage import write_text

    record = {"command": ["stance", *sys.argv[1:]], "started": started, "seconds": round(seconds, 3), **told(done, job)}
    text = without_passwords(json.dumps(record, indent=1, ensure_ascii=False)) + "\n"
    write_text(target.with_name(f"{target.name}.run.json"), text.replace(done.plan.aside.unsaid or "\0", ""))
