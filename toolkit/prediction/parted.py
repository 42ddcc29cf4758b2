"""An output that is a folder: ``part-00000.parquet`` and so on, in order, with the same columns, none of them large."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import UsageError
from toolkit.storage import WRITTEN, table_format, write_tables

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MARK", "ending_of", "only_parts", "refuse_folder", "write_folder"]

_ROWS = 100_000
"""Rows of a file, at least, the last one aside."""
_PART = re.compile(r"part-\d{5,}\..+")
MARK = "_SUCCESS"
"""What stands in a folder that was put under a URL, as soon as all of it is there."""


def ending_of(path: Path) -> str:
    """Return the ending of the files in a folder: that of its own name (``out.csv.gz``), Parquet where it has none.

    Raises UsageError for an ending that names no table.
    """
    if not path.suffix:
        return ".parquet"
    table_format(path, WRITTEN)
    return "".join(path.suffixes[-2:]) if path.suffix.lower() in (".gz", ".zst") else path.suffix


def only_parts(names: Iterable[str]) -> bool:
    """Say whether the names of all files are those of an output's parts."""
    return all(_PART.fullmatch(name) or name == MARK for name in names)


def refuse_folder(path: Path, force: bool, inputs: Iterable[Path] = ()) -> None:
    """Raise UsageError where an output stands already (and ``force`` is off), or something else than an output does.

    A folder that is read as an input, or in which one lies, is never overwritten.
    """
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path}: is a file, a folder is expected behind a name that ends with a slash.")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent} to write into.")
    whole = path.resolve()
    if path.exists() and any(whole in (one.resolve(), *one.resolve().parents) for one in inputs):
        raise UsageError(f"{path}: is read as an input, and so is never overwritten; name another folder.")
    names = os.listdir(path) if path.exists() else []
    if not only_parts(names):
        raise UsageError(f"{path}: holds other things than the parts of an output; name another folder.")
    if names and not force:
        raise UsageError(f"{path}: exists already; name another folder or allow overwriting with --force.")


def write_folder(tables: Iterable[pa.Table], path: Path, *, schema: pa.Schema, formula_safe: bool = False) -> None:
    """Write tables as the files of a folder, aside and renamed: under its name are all of them or those of before."""
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    before = aside.with_name(f"{aside.name.removesuffix('.part')}.old.part")
    try:
        for number, some in enumerate(_files(tables, schema)):
            write_tables(some, aside / f"part-{number:05}{ending_of(path)}", schema=schema, formula_safe=formula_safe)
        umask = os.umask(0)
        os.umask(umask)
        aside.chmod(0o777 & ~umask)
        if path.exists():
            path.rename(before)
        try:
            aside.rename(path)
        except BaseException:
            before.rename(path)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(before, ignore_errors=True)


def _files(tables: Iterable[pa.Table], schema: pa.Schema) -> Iterator[Iterator[pa.Table]]:
    """Yield the tables of one file after the other, each of which is to be read before the next; at least one."""
    source = iter(tables)
    yield _some(next(source, schema.empty_table()), source)
    for first in source:
        yield _some(first, source)


def _some(first: pa.Table, source: Iterator[pa.Table]) -> Iterator[pa.Table]:
    rows = 0
    for table in itertools.chain([first], source):
        yield table
        rows += len(table)
        if rows >= _ROWS:
            return
