"""``stance annotate adjudicate``: what annotators do not agree on is decided in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli import console
from toolkit.cli.annotate.page import needs_terminal, run_page
from toolkit.cli.schemes import scheme_of
from toolkit.errors import DataError

__all__ = ["adjudicate_command"]


def adjudicate_command(
    file: Annotated[Path, typer.Argument(help="A labelled table: a row per statement and annotator.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the labelled table goes: .jsonl .csv .tsv .parquet.")
    ],
    annotator: Annotated[str, typer.Option("--annotator", help="Who decides: letters, digits, -, _ and dots.")],
    scheme: Annotated[str, typer.Option("--scheme", help="The label scheme, by name or path.")] = "stance",
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
) -> None:
    """Decide in the terminal where annotators differ, with their readings and comments in sight.

    Every decision is kept at once in the folder OUTPUT.decisions. When all are made, OUTPUT has a row per statement:
    the agreed labels, or the decision, whose comment says against whom it was made.

    Example: [bold]stance annotate adjudicate coded.jsonl -o final.jsonl --annotator carla[/]
    """
    from toolkit.labeling.people.adjudication import decided, outdated, readings
    from toolkit.labeling.people.journal import journal_of, open_journal
    from toolkit.labeling.people.project import Session
    from toolkit.storage import (
        WRITTEN,
        chances_in,
        labelled_row,
        labelled_schema,
        read_labelled,
        refuse_overwrite,
        table_format,
        with_chance,
        with_chances,
        write_rows,
    )

    table_format(output, WRITTEN)
    refuse_overwrite(output, force, [file])
    asked = scheme_of(scheme, file)
    folder = output.with_name(f"{output.name}.decisions")
    journal = journal_of(folder, annotator)
    read = readings(read_labelled(file, [asked]), asked)
    if not read:
        raise DataError(f"{file}: no statement has labels in the scheme '{asked.name}'.")
    chances = chances_in([file])
    contested = [one for one in read if one.differs(asked)]
    alone = sum(len(one.given) == 1 for one in read)
    console.say(f"{len(contested)} of {len(read)} statements are contested, {alone} have one annotator alone.")
    decisions = {}
    if contested:
        if not journal.exists():
            needs_terminal("stance annotate adjudicate")
        told: list[str] = []
        with open_journal(journal, asked, tell=told.append) as opened:
            for name in outdated(contested, opened.answers):
                opened.answer(name, None)
                told.append(f"{name}: labels have changed since it was decided; it is asked again.")
            session = Session([one.statement for one in contested], opened)
            if session.answered < len(contested):
                needs_terminal("stance annotate adjudicate")
                from toolkit.labeling.people.page import LabelPage, Readings

                beside = Readings(asked, {one.statement.statement_id: one.given for one in contested})
                run_page(LabelPage(session, beside, " ".join(told), "   adjudication"))
            for one in told:
                console.say(one)
            decisions = dict(opened.answers)
            if session.answered < len(contested):
                left = f"{session.answered} of {len(contested)} statements are decided: {journal}"
                console.say(f"{left}; the same command goes on, and writes {output} when all are.")
                return
    settled = decided(read, asked, decisions)
    rows = (with_chance(labelled_row(statement, labels), chances) for statement, labels in settled)
    written = write_rows(rows, output, schema=with_chances(labelled_schema([asked.name], told=True), chances))
    console.say(f"{console.counted(written, 'rows')}, {len(contested)} of them decided by {journal.stem}: {output}")
