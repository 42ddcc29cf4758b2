"""How the files of public corpora are laid out: a table, NewsMTSC, RumourEval 2019, whatever ``datasets`` reads."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from toolkit.config import Columns, CorpusConfig, DatasetReader, TableReader
from toolkit.corpora.post import Post
from toolkit.errors import DataError, first_line

if TYPE_CHECKING:
    import datasets

__all__ = ["read_posts"]


def read_posts(config: CorpusConfig, path: Path) -> Iterator[Post]:
    """Yield what a corpus publishes, in file order. Raises DataError where it is not laid out as described."""
    reader = config.reader
    labels = [mapping.column for mapping in config.schemes.values()]
    if isinstance(reader, TableReader):
        return _table(reader, labels, path)
    if isinstance(reader, DatasetReader):
        return _dataset(reader, labels, path)
    return {"newsmtsc": _newsmtsc, "rumoureval": _rumoureval}[reader.kind](path)


# -------------------------------------------------------------------------------------------------------- tables


def _table(reader: TableReader, labels: Sequence[str], path: Path) -> Iterator[Post]:
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if reader.quoting else csv.QUOTE_NONE
    csv.field_size_limit(2**24)
    try:
        with path.open(encoding=reader.encoding, newline="") as stream:
            rows = csv.reader(stream, delimiter=reader.delimiter, quoting=quoting)
            header = next(rows, []) if reader.header else None
            if header is not None:
                _need(header, reader.columns, labels, path)
            for row in rows:
                where, number = f"{path}:{rows.line_num}", str(rows.line_num)
                cells = dict(zip(header or map(str, range(len(row))), row, strict=False))
                post = _post(cells, reader.columns, labels, where, number)
                ragged = header is not None and len(row) != len(header)
                yield replace(post, problem=f"has {len(row)} cells, not {len(header or ())}") if ragged else post
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not {reader.encoding}: {error.reason} at byte {error.start}.") from None
    except (OSError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as a table: {error}.") from None


def _need(known: Sequence[str], columns: Columns, labels: Sequence[str], where: Path) -> None:
    for name in (*columns.model_dump(exclude_none=True).values(), *labels):
        if name not in known:
            raise DataError(f"{where}: there is no column {name!r} (found: {', '.join(known) or 'nothing'}).")


def _post(row: Mapping[str, str], columns: Columns, labels: Sequence[str], where: str, number: str) -> Post:
    identity = (row.get(columns.id) or number) if columns.id else number
    return Post(
        where=where,
        group=(row.get(columns.group) or identity) if columns.group else identity,
        text=row.get(columns.text, ""),
        values={name: row[name] for name in labels if name in row},
        speaker=(row.get(columns.speaker) or None) if columns.speaker else None,
        target=(row.get(columns.target) or None) if columns.target else None,
        context=(row.get(columns.context) or None) if columns.context else None,
    )


# ------------------------------------------------------------------------------------------------------ datasets


def _dataset(reader: DatasetReader, labels: Sequence[str], path: Path) -> Iterator[Post]:
    data = _loaded(reader, path)
    _need(data.column_names, reader.columns, labels, path)
    # Class numbers are given back the names that the data set has for them.
    named = {name: kind.names for name, kind in data.features.items() if type(kind).__name__ == "ClassLabel"}
    for number, row in enumerate(data):
        cells = {
            name: named[name][value] if name in named and value >= 0 else str(value)
            for name, value in row.items()
            if value is not None
        }
        yield _post(cells, reader.columns, labels, f"{path}[{reader.split}] row {number}", str(number))


def _loaded(reader: DatasetReader, path: Path) -> datasets.Dataset:
    import datasets

    kinds = {".jsonl": "json", ".json": "json", ".csv": "csv", ".parquet": "parquet"}
    try:
        if path.suffix in kinds:
            # Read anew each time: the cache takes a changed file of the same date for the old one.
            files, again = {reader.split: str(path)}, datasets.DownloadMode.FORCE_REDOWNLOAD
            return datasets.load_dataset(kinds[path.suffix], data_files=files, split=reader.split, download_mode=again)
        return datasets.load_dataset(str(path), reader.name, split=reader.split)
    except Exception as error:  # whatever a foreign reader raises
        raise DataError(f"{path}: `datasets` cannot load it ({first_line(error)}).") from None


# ---------------------------------------------------------------------------------------------------- NewsMTSC


def _newsmtsc(path: Path) -> Iterator[Post]:
    """NewsMTSC (Hamborg and Donnay 2021): a sentence a line, with targets and the polarity toward each."""
    for where, row in _json_lines(path):
        try:
            text = row["sentence_normalized"]
            # allsides_1000_401_25_NAME_0_6: the corpus and the article, then the sentence and the target in it.
            article = "_".join(str(row["primary_gid"]).split("_")[:3])
            for target in row["targets"]:
                yield Post(
                    where=where,
                    group=article,
                    text=text,
                    values={"polarity": f"{target['polarity']:g}"},
                    target=target["mention"],
                    target_start=int(target["from"]),
                )
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{where}: is no sentence of NewsMTSC ({type(error).__name__}: {error}).") from None


def _json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield f"{path}:{number}", json.loads(line)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read as JSON Lines: {error}.") from None


# --------------------------------------------------------------------------------------------------- RumourEval


def _rumoureval(path: Path) -> Iterator[Post]:
    """RumourEval 2019, subtask A (Gorrell et al. 2019): threads of Twitter and Reddit, keys beside them.

    A folder holds ``*-key.json`` and, anywhere below, thread folders with ``source-tweet/ID.json`` and
    ``replies/ID.json``. The thread is the group and the post that starts it the context of every reply.
    """
    keys = _keys(path)
    for source in sorted(path.rglob("source-tweet/*.json")):
        thread = source.parent.parent
        start = _said(source)
        for file in (source, *sorted((thread / "replies").glob("*.json"))):
            identity, text, speaker = _said(file)
            if identity in keys:
                yield Post(
                    where=str(file),
                    group=thread.name,
                    text=text,
                    values={"label": keys[identity]},
                    speaker=speaker,
                    context=None if file == source else start[1],
                )


def _keys(path: Path) -> dict[str, str]:
    files = sorted(path.glob("*key*.json"))
    if not files:
        raise DataError(f"{path}: a folder with *-key.json and thread folders is expected.")
    keys: dict[str, str] = {}
    for file in files:
        try:
            keys |= json.loads(file.read_text(encoding="utf-8"))["subtaskaenglish"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{file}: holds no key 'subtaskaenglish' ({type(error).__name__}).") from None
    return keys


def _said(file: Path) -> tuple[str, str, str | None]:
    """Return a post's id, text and author: a tweet, a Reddit listing (the start of a thread) or a Reddit comment."""
    try:
        post = json.loads(file.read_text(encoding="utf-8"))
        if "id_str" in post:
            return post["id_str"], post["text"], post.get("user", {}).get("screen_name")
        data = post.get("data", post)
        if "children" in data:
            data = data["children"][0]["data"]
        text = data.get("body") or "\n".join(t for t in (data.get("title"), data.get("selftext")) if t)
        return data["id"], text, data.get("author")
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise DataError(f"{file}: is no post of RumourEval ({type(error).__name__}: {error}).") from None
