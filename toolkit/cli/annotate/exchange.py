"""``stance annotate export`` and ``import``: to the tools in which people annotate, and back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import console
from toolkit.cli.schemes import scheme_of
from toolkit.errors import DataError, UsageError, nearest

if TYPE_CHECKING:
    from toolkit.labeling.people.exchange import Tool
    from toolkit.labels import LabelScheme

__all__ = ["export_command", "import_command"]

Schemes = Annotated[
    list[str] | None, typer.Option("--scheme", help="The label scheme, by name or path; repeatable (default: stance).")
]
Strict = Annotated[bool, typer.Option("--strict", help="Fail at the first row that cannot be used.")]
MaxErrors = Annotated[
    int | None, typer.Option("--max-errors", min=0, help="Fail where more rows than this cannot be used.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite the output.")]


def export_command(
    statements: Annotated[Path, typer.Argument(help="A table of statements, with or without labels.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="A new file: .json (labelstudio), .jsonl or .zip (doccano), .jsonl, .csv."),
    ],
    tool: Annotated[str, typer.Option("--for", help="labelstudio, doccano, prodigy or csv (a spreadsheet).")],
    scheme: Schemes = None,
    config_out: Annotated[
        Path | None, typer.Option("--config-out", help="Where the tool's own configuration of the labels goes.")
    ] = None,
    blank: Annotated[bool, typer.Option("--blank", help="Leave out the labels that there are already.")] = False,
    strict: Strict = False,
    max_errors: MaxErrors = None,
    force: Force = False,
    as_json: console.Summary = False,
) -> None:
    """Write statements for people to label in Label Studio, doccano, Prodigy or a spreadsheet.

    Labels that there are already go along, each with its annotator, time and comment; people who shall not see them
    get --blank. Label Studio takes annotations of an email only where it is a user's; doccano takes a file for each
    annotator, in a .zip. Spreadsheets get .csv: .xlsx is read and not written.

    Example: [bold]stance annotate export statements.jsonl --for labelstudio -o tasks.json --config-out label.xml[/]
    """
    from dataclasses import replace

    from toolkit.labeling.people.exchange import read_items
    from toolkit.storage import SetAside, refuse_overwrite, write_text

    used = _tool(tool, "--for", "csv")
    _ending(output, used, tool)
    outputs = [output] if config_out is None else [output, config_out]
    for path in outputs:
        refuse_overwrite(path, force, [statements])
    schemes = _schemes(scheme, statements)
    config = used.config(schemes)
    if config_out is not None and config is None:
        raise UsageError("--config-out: a spreadsheet has no configuration.")
    if config_out is not None and config_out.resolve() == output.resolve():
        raise UsageError(f"--config-out: {config_out} is the output already; name another file.")
    aside = SetAside(console.most_errors(strict, max_errors))
    items = read_items(statements, schemes, aside)
    if not items:
        console.report_aside(aside, output, "rows")
        raise DataError(f"{statements}: there is no statement to export.")
    if blank:
        items = [replace(item, given=()) for item in items]
    given = used.write(items, schemes, output)
    if config_out is not None and config is not None:
        write_text(config_out, config)
    told = f"{console.counted(len(items), 'statements')} with {console.counted(given, 'labels')} written"
    console.say(f"{told}, {console.counted(aside.count, 'rows')} set aside: {output}")
    console.report_aside(aside, output, "rows")
    counts = {"statements": len(items), "labels": given, "set_aside": aside.count}
    console.summarise(as_json, "annotate export", counts, [output, config_out])


def import_command(
    files: Annotated[list[Path], typer.Argument(help="What the tool exported: one file, or one of each annotator.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the labelled table goes: .jsonl .csv .tsv .parquet.")
    ],
    tool: Annotated[str, typer.Option("--from", help="labelstudio, doccano, prodigy or table (a spreadsheet).")],
    statements: Annotated[Path, typer.Option("--statements", help="The table of statements that was exported.")],
    scheme: Schemes = None,
    strict: Strict = False,
    max_errors: MaxErrors = None,
    force: Force = False,
    as_json: console.Summary = False,
) -> None:
    """Read what people labelled in a tool: a row per statement and annotator, with time and comment.

    What a row tells of the statement comes from --statements, by its id. Set aside, with place and reason, are
    annotations that were skipped, of statements that are none of these or whose text was changed, with labels outside
    the scheme, and a second one by the same annotator. doccano tells no times; export there only what is confirmed:
    it writes what nobody has seen like what has no label. Label Studio's export is JSON, not JSON-MIN.

    Example: [bold]stance annotate import export.json --from labelstudio --statements statements.jsonl -o coded.jsonl[/]
    """
    from toolkit.labeling.people.exchange import joined, read_items
    from toolkit.storage import (
        WRITTEN,
        SetAside,
        chances_in,
        labelled_row,
        labelled_schema,
        refuse_overwrite,
        table_format,
        with_chance,
        with_chances,
        write_rows,
    )

    used = _tool(tool, "--from", "table")
    if tool != "table":
        for file in files:
            _ending(file, used, tool)
    table_format(output, WRITTEN)
    refuse_overwrite(output, force, [*files, statements])
    schemes = _schemes(scheme, statements)
    aside, told = SetAside(console.most_errors(strict, max_errors)), Counter[str]()
    unread = SetAside(console.most_errors(strict, None))
    ours = {item.statement.statement_id: item.statement for item in read_items(statements, [], unread)}
    if unread.count:
        console.say(
            f"{statements}: {console.counted(unread.count, 'rows')} could not be read, the first: {unread.reasons[0]}"
        )
    returned = (one for file in files for one in used.read(file, schemes, aside, told))
    chances = chances_in([statements], ours)
    found = joined(returned, ours, schemes, aside)
    rows = [with_chance(labelled_row(statement, labels), chances) for statement, labels in found]
    if rows:
        schema = labelled_schema([one.name for one in schemes], told=True)
        write_rows(rows, output, schema=with_chances(schema, chances))
    if rows or aside.count:
        read = console.counted(len(rows) + aside.count, "labels")
        console.say(f"{read} read: {len(rows)} written, {aside.count} set aside: {output}")
    for what, count in told.items():
        console.say(f"{console.counted(count, what)}.")
    console.report_aside(aside, output, "labels")
    if not rows:
        raise DataError(f"{', '.join(map(str, files))}: no label could be used; nothing was written to {output}.")
    console.summarise(as_json, "annotate import", {"written": len(rows), "set_aside": aside.count}, [output])


def _tool(name: str, option: str, table: str) -> Tool:
    """Return the tool that an option names; a spreadsheet is called ``table`` where it comes back."""
    from toolkit.labeling.people.exchange import TOOLS

    known = {table if one == "table" else one: tool for one, tool in TOOLS.items()}
    if name not in known:
        why = " (.xlsx is read and not written: csv opens in Excel)" if name == "xlsx" else nearest(name, known)
        raise UsageError(f"{option}: {name!r} is no tool that is known{why}; allowed are {', '.join(known)}.")
    return known[name]


def _ending(path: Path, tool: Tool, name: str) -> None:
    if path.suffix.lower() not in tool.endings:
        raise UsageError(f"{path}: the files of {name} end in {' or '.join(tool.endings)}.")


def _schemes(names: list[str] | None, beside: Path) -> list[LabelScheme]:
    return [scheme_of(name, beside) for name in dict.fromkeys(names or ["stance"])]
