"""``stance predict``: a registered model over large files."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli import complete, console

if TYPE_CHECKING:
    from toolkit.prediction import Done, Far, Job, Names
    from toolkit.prediction.engines import Engine

__all__ = ["named_models", "predict_command"]


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
            help="Articles (.txt .html, tables, folders) or tables of statements, of any format; URLs too; - for stdin."
        ),
    ],
    output: Annotated[
        str,
        typer.Option("--output", "-o", help="A .jsonl .csv .tsv .parquet, a folder of them (out.parquet/), a URL, - ."),
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            help="A model URI or folder; repeat it for more label schemes. Without: the toolkit's own.",
            autocompletion=complete.models,
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
    work: Annotated[
        Path | None,
        typer.Option("--work", help="The folder to keep parts in, shared by a cluster. Default: beside the output."),
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
    as_json: console.Summary = False,
) -> None:
    """Label statements: a row per statement out, your own columns in front, then labels and their probabilities.

    Without --model the models that come with the toolkit are used, one for stance and one for sentiment. What is done
    is kept until all of it is: a run that was interrupted goes on with --resume.

    An output whose name ends with a slash is a folder of files with the same columns (out.parquet/part-00000.parquet),
    which can be an input again. Inputs and outputs can be URLs (s3://, gs://, https://), whole or not there at all.

    Example: [bold]stance predict data/sample/fresh -o out.parquet --evidence[/]
    """
    from toolkit.errors import UsageError
    from toolkit.prediction import Aside, Inputs, Job, Names, Output, Plan, fetched, predict
    from toolkit.quotes import Extraction

    started, clock = datetime.now(UTC), time.monotonic()
    if resume and restart:
        raise UsageError("--resume and --restart contradict each other; give one of them.")
    if resume and output == "-":
        raise UsageError("--resume goes on with a file that was interrupted; standard output cannot be gone on with.")
    console.refuse_two_on_stdout(as_json, output)
    if work is not None and not work.is_dir():
        raise UsageError(f"--work: there is no folder {work}.")
    works = _engine(engine, processes or len(os.sched_getaffinity(0)), master)
    extraction = Extraction(console.acts_option(include), parser)
    most = console.most_errors(strict, max_errors)
    names = Names()
    with names.told(), _place(output, names, work, force, inputs) as place:
        with fetched(inputs, names, work) as found, console.standard_input(found, format, names.of) as paths:
            keep = None if columns is None else tuple(dict.fromkeys(filter(None, map(str.strip, columns.split(",")))))
            read = Inputs(tuple(paths), holds.value if holds else None, text_column, id_column, keep)
            plan = Plan(read, Aside(most, names))
            if not plan.articles and extraction != Extraction():
                raise UsageError(
                    "--include and --parser say how articles are extracted; these inputs are statements already."
                )
            job = Job(
                tuple(named_models(model)),
                plan.articles,
                extraction,
                evidence,
                "columns" if labels is Style.columns else "joined" if place.ending in (".csv", ".tsv") else "list",
                None if place.ending == ".parquet" else 6,
                trust_remote_code,
            )
            below = Path() if work is None and place.far is not None else work
            put = place.far.put if place.far is not None else None
            goes = Output(place.path, formula_safe, resume, restart, place.parted, below, put)
            with console.work_kept(place.path, below), console.Bars() as bars:
                bars.start("labelling statements", None)
                done = predict(plan, job, goes, works, bars.reach)
            _report(done, place)
            if place.path is not None:
                record = {"started": started.isoformat(timespec="seconds"), "seconds": time.monotonic() - clock}
                _tell(place.path, names, done, job, record)
            if place.far is not None:
                for more in (".rejected.jsonl", ".run.json"):
                    place.far.put_beside(more)
            counts = {"articles": done.articles, "read": plan.read, "statements": done.statements}
            models = {"models": [name for name, _ in job.models]}
            outputs = [place.said, f"{place.said.rstrip('/')}.run.json"]
            console.summarise(as_json, "predict", counts | {"set_aside": plan.aside.count}, outputs, more=models)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the output goes."""

    said: str
    """As the user calls it."""
    path: Path | None
    """The file or folder that is written; None: standard output."""
    ending: str
    """``.jsonl``, ``.csv``, ``.tsv`` or ``.parquet``."""
    parted: bool = False
    """Whether it is a folder."""
    far: Far | None = None
    """The place under a URL, to which it is put when it is written."""


@contextmanager
def _place(output: str, names: Names, work: Path | None, force: bool, inputs: list[str]) -> Iterator[Place]:
    """Give the place of the output. Raises UsageError where it is taken, or cannot be one."""
    from toolkit.prediction import ending_of, is_url, on_disk, refuse_folder, remote, said
    from toolkit.storage import WRITTEN, refuse_overwrite, table_format

    if output == "-":
        yield Place(output, None, ".jsonl")
        return
    parted = output.endswith("/")
    with ExitStack() as after:
        far = after.enter_context(remote(output, names, work)) if is_url(output) else None
        path = Path(output) if far is None else far.local
        ending = table_format(f"part{ending_of(path)}") if parted else table_format(path, WRITTEN)
        if far is not None:
            far.check(force, [name for name in inputs if name != "-"])
        elif parted:
            refuse_folder(path, force, on_disk(inputs))
        else:
            refuse_overwrite(path, force, on_disk(inputs))
        yield Place(said(output), path, ending, parted, far)


def _engine(name: EngineName, processes: int, master: str | None) -> Engine:
    """Return who works. Raises UsageError where its package is missing."""
    from toolkit.errors import UsageError
    from toolkit.prediction import local, ray, spark

    if name is EngineName.local:
        if master is not None:
            raise UsageError("--master names a cluster; say by --engine ray or --engine spark which sort it is.")
        return local(processes)
    return (ray if name is EngineName.ray else spark)(processes, master)


def named_models(asked: list[str] | None) -> list[tuple[str, Path]]:
    """Return what the column ``model`` says of each model, never an alias, and its folder."""
    from toolkit.model import CARD, own_models
    from toolkit.prediction import named_model

    if asked:
        return [named_model(uri) for uri in asked]
    own = [named_model(str(folder)) for folder in own_models().values()]
    console.say(f"No --model: the toolkit's own are used, {' and '.join(name for name, _ in own)} ({CARD}).")
    return own


def _report(done: Done, place: Place) -> None:
    plan = done.plan
    if plan.made_ids:
        has = "has no id of its own" if plan.made_ids == 1 else "have no id of their own"
        made = "article_id" if plan.articles else "statement_id"
        console.say(f"{console.counted(plan.made_ids, 'rows')} {has}: {made} is made from the text.")
    if done.renamed:
        called = ", ".join(done.renamed.values())
        console.say(f"The input has columns of these names already, so the new ones are called: {called}.")
    if done.resumed:
        console.say(f"{done.resumed} of {done.parts} parts had been done before.")
    read = f" from {console.counted(done.articles or 0, 'articles')}" if plan.articles else ""
    console.say(
        f"{console.counted(done.statements, 'statements')}{read} labelled"
        + ("." if place.path is None else f": {place.said}")
    )
    if plan.aside.count:
        what = "articles" if plan.articles else "rows"
        told = f"{plan.read + plan.aside.count} {what} read: "
        console.say(told + f"{plan.read} {'labelled' if plan.articles else 'written'}, {plan.aside.count} set aside.")
    beside = place.said.rstrip("/") if place.far is not None else None
    console.report_aside(plan.aside, place.path, "articles" if plan.articles else "rows", beside)


def _tell(target: Path, names: Names, done: Done, job: Job, record: dict[str, Any]) -> None:
    """Write beside the output what was done (``OUTPUT.run.json``)."""
    from toolkit.errors import without_passwords
    from toolkit.prediction import is_url, said, told
    from toolkit.storage import write_text

    command = ["stance", *(said(word) if is_url(word) else word for word in sys.argv[1:])]
    record = {"command": command, **record, **told(done, job)}
    record["seconds"] = round(record["seconds"], 3)
    text = without_passwords(json.dumps(record, indent=1, ensure_ascii=False)) + "\n"
    text = names.say_json(text)
    write_text(target.with_name(f"{target.name}.run.json"), text)
