"""``stance annotate label`` and ``collect``: labels by people, in the terminal, and the table that comes of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli import console
from toolkit.cli.schemes import scheme_of
from toolkit.errors import DataError, ToolkitError, UsageError

if TYPE_CHECKING:
    from toolkit.labeling.people.page import LabelPage

__all__ = ["collect_command", "label_page_command", "needs_terminal", "run_page"]


def needs_terminal(what: str, otherwise: str = "") -> None:
    """Raise UsageError where there is nobody who could press a key."""
    for name in ("stdin", "stdout", "stderr"):  # the page is drawn on standard error
        stream = getattr(sys, name)
        if stream is None or not stream.isatty():
            raise UsageError(f"{what} needs a terminal, and {name} is none{otherwise}.")


def run_page(page: LabelPage) -> None:
    """Show a page until it is left. Raises OSError where an answer could not be written."""
    page.run()
    if page.failed is not None:
        raise page.failed
    if page.return_code:
        raise ToolkitError("the page has ended by an error; every answer before it is saved.")


def label_page_command(
    statements: Annotated[Path, typer.Argument(help="A table of statements: statement_id and text at least.")],
    project: Annotated[
        Path, typer.Option("--project", help="The folder of the project: a journal for each annotator; is made.")
    ],
    annotator: Annotated[str, typer.Option("--annotator", help="Who labels: letters, digits, -, _ and dots.")],
    scheme: Annotated[str, typer.Option("--scheme", help="The label scheme, by name or path.")] = "stance",
    assist: Annotated[
        bool, typer.Option("--assist", help="Show what the codebook's rules say; the journal keeps that it was shown.")
    ] = False,
) -> None:
    """Label statements in the terminal, one key an answer; go on where you stopped.

    Every answer is on the disk before the next statement is shown. Several people can label in one project at once;
    nobody sees what others gave. ? shows the codebook, q leaves.

    Example: [bold]stance annotate label statements.jsonl --project coding --annotator ann[/]
    """
    from toolkit.labeling.people.journal import journal_of, open_journal
    from toolkit.labeling.people.project import Session
    from toolkit.storage import read_statements

    asked = scheme_of(scheme, statements)
    journal = journal_of(project, annotator)
    read = list(read_statements(statements))
    if not read:
        raise DataError(f"{statements}: holds no statement.")
    if journal.exists() and journal.resolve() == statements.resolve():
        raise UsageError(f"--annotator: the journal of {annotator!r} would be {statements}, which is read as an input.")
    from toolkit.labeling.people.page import LabelPage, Suggestion

    beside = Suggestion(asked) if assist else None
    needs_terminal("stance annotate label", "; stance annotate export makes a file to label elsewhere")
    told: list[str] = []
    with open_journal(journal, asked, assist, told.append) as opened:
        session = Session(read, opened)
        if session.foreign:
            told.append(f"{session.foreign} answers are of statements that are not in {statements}.")
        if session.older:
            told.append(f"{session.older} answers were given under another version of the codebook.")
        run_page(LabelPage(session, beside, " ".join(told)))
        for one in told:
            console.say(one)
        console.say(f"{session.answered} of {len(read)} statements have an answer of {opened.annotator}: {journal}")


def collect_command(
    project: Annotated[Path, typer.Argument(help="The folder of a project.")],
    statements: Annotated[list[Path], typer.Argument(help="The tables of the statements that were labelled.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the labelled table goes: .jsonl .csv .tsv .parquet.")
    ],
    scheme: Annotated[
        list[str] | None,
        typer.Option("--scheme", help="A label scheme, by name or path (default: all that the journals name)."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail at the first answer that is set aside.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    as_json: console.Summary = False,
) -> None:
    """Make one labelled table of all the journals of a project: a row per statement and annotator.

    The column [bold]assisted[/] says whether the codebook's suggestion was in sight; [bold]inclusion_probability[/]
    comes along where the table has it. Answers to statements that are in no table, or outside the scheme, are set
    aside and listed with their reason in OUTPUT.rejected.jsonl.

    Example: [bold]stance annotate collect coding first.jsonl second.jsonl -o coded.jsonl[/]
    """
    import pyarrow as pa

    from toolkit.labeling.people.journal import journals_in, read_journal
    from toolkit.labeling.people.project import collected
    from toolkit.storage import (
        WRITTEN,
        SetAside,
        chances_in,
        labelled_row,
        labelled_schema,
        read_statements,
        refuse_overwrite,
        table_format,
        with_chance,
        with_chances,
        write_rows,
    )

    table_format(output, WRITTEN)
    refuse_overwrite(output, force, [*statements, project])
    journals, others = journals_in(project)
    for other in others:
        if other.resolve() not in [path.resolve() for path in (*statements, output)]:
            console.say(f"{other}: is no journal of an annotator, and is left out.")
    if not journals:
        raise UsageError(f"{project}: holds no journal of an annotator; stance annotate label writes them.")
    read = [one for path in statements for one in read_statements(path)]
    ignored = SetAside()  # told below, when the answers are read
    kept = {path: read_journal(path, ignored) for path in journals}
    for path, file in kept.items():
        if file.torn:
            console.say(f"{path}: its last line was cut off within the writing and is left out; all before it stands.")
    used = list(dict.fromkeys(entry.scheme for file in kept.values() for entry in file.entries))
    schemes = [scheme_of(name, statements[0]) for name in dict.fromkeys(scheme or used)]
    if not schemes:
        raise DataError(f"{project}: no answer is in its journals yet.")
    for name in used:
        if name not in [one.name for one in schemes]:
            console.say(f"Answers in the scheme {name!r} are left out; --scheme {name} takes them in.")
    aside = SetAside(console.most_errors(strict, None))
    chances = chances_in(statements)
    counts: dict[str, list[int]] = {}
    digests = {one.name: one.digest for one in schemes}

    def rows() -> Iterator[dict[str, Any]]:
        for statement, labels, entries in collected(read, journals, schemes, aside):
            count = counts.setdefault(labels.annotator or "", [0, 0, 0])
            count[0] += 1
            count[1] += any(entry.assisted for entry in entries)
            count[2] += any(entry.codebook != digests[entry.scheme] for entry in entries)
            assisted = any(entry.assisted for entry in entries)
            yield with_chance(labelled_row(statement, labels) | {"assisted": assisted}, chances)

    schema = labelled_schema([one.name for one in schemes], told=True).append(pa.field("assisted", pa.bool_()))
    write_rows(rows(), output, schema=with_chances(schema, chances))
    for name, (given, assisted, older) in sorted(counts.items()):
        more = f", {assisted} of them with the codebook's suggestion in sight" if assisted else ""
        more += f", {older} of them under another version of the codebook" if older else ""
        console.say(f"{name}: {given} of {len({one.statement_id for one in read})} statements{more}")
    console.say(f"{console.counted(sum(count[0] for count in counts.values()), 'rows')}: {output}")
    console.report_aside(aside, output, "answers")
    rows_of = {name: given for name, (given, _, _) in sorted(counts.items())}
    totals = {"statements": len(read), "written": sum(rows_of.values()), "set_aside": aside.count}
    console.summarise(as_json, "annotate collect", totals, [output], more={"annotators": rows_of})
