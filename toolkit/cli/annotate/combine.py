"""``stance annotate combine``: one answer from several annotators."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from toolkit.cli import console
from toolkit.cli.schemes import scheme_of
from toolkit.cli.tracked import Track, store_of, track
from toolkit.errors import UsageError, nearest

__all__ = ["combine_command"]


def combine_command(
    files: Annotated[list[Path], typer.Argument(help="Labelled tables: a row per statement and annotator.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the table goes: .jsonl .csv .tsv .parquet.")],
    scheme: Annotated[str, typer.Option("--scheme", help="The label scheme, by name or path.")] = "stance",
    method: Annotated[
        str, typer.Option("--method", help="majority, dawid-skene or mace (these two: extra [annotation]).")
    ] = "majority",
    tracked: Track = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    as_json: console.Summary = False,
) -> None:
    """Write every statement once: its labels, how probable each is, and what annotators gave where they differ.

    dawid-skene and mace weigh how each annotator errs; what they take each of them to be is told.

    Example: [bold]stance annotate combine coded.jsonl --method dawid-skene -o gold.jsonl[/]
    """
    import pyarrow as pa
    from rich.table import Table

    from toolkit.labeling.people import METHODS, combine
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
    refuse_overwrite(output, force, files)
    way = next((one for one in METHODS if one == method), None)
    if way is None:
        raise UsageError(f"--method: {method!r} is none of {', '.join(METHODS)}{nearest(method, METHODS)}.")
    asked = scheme_of(scheme, files[0])
    store = store_of(tracked)
    found = combine((pair for file in files for pair in read_labelled(file, [asked])), asked, way)
    drawn = chances_in(files)
    reading = pa.struct([("annotator", pa.string()), (asked.name, pa.list_(pa.string()))])
    added = [pa.field(f"{asked.name}_{label}", pa.float64()) for label in asked.labels]
    added += [pa.field("readings", pa.list_(reading))]

    def rows() -> Iterator[dict[str, Any]]:
        for statement, labels, chances in found.rows:
            told = {f"{asked.name}_{label}": round(chance, 6) for label, chance in chances.items()}
            differ = [{asked.name: list(one)} for one in labels.readings.get(asked.name, ())]
            yield with_chance(labelled_row(statement, labels) | told | {"readings": differ or None}, drawn)

    schema = with_chances(pa.schema([*labelled_schema([asked.name], told=True), *added]), drawn)
    written = write_rows(rows(), output, schema=schema)
    table = Table("annotator", "label", "gives it where it is right", "and where it is not")
    for annotator, labels in found.annotators.items():
        for label, shares in labels.items():
            table.add_row(annotator, label, *("—" if share is None else f"{share:.2f}" for share in shares))
    console.show(table)
    differ = sum(bool(labels.readings) for _, labels, _ in found.rows)
    console.say(
        f"{console.counted(written, 'statements')} combined by {way}, {differ} on which annotators differ: {output}"
    )
    run_id = None
    if store is not None:
        given = Counter(label for _, labels, _ in found.rows for label in labels.by_scheme[asked.name])
        confusions = {name: {label: list(two) for label, two in one.items()} for name, one in found.annotators.items()}
        run_id = track(
            store,
            f"combine by {way}",
            tables=[output],
            inputs=files,
            schemes=[asked],
            annotators=found.annotators,
            parameters={"method": way},
            metrics={"written": written, "differ": differ, **{f"labels/{one}": given[one] for one in asked.labels}},
            files={"annotator_shares.json": json.dumps(confusions, indent=1, ensure_ascii=False)},
        )
    counts = {"written": written, "differ": differ}
    console.summarise(as_json, "annotate combine", counts, [output], [run_id], {"method": way})
