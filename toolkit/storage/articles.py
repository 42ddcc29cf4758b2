"""Articles from tables, text files and web pages.

A date that cannot be read is no reason to lose an article: it is left empty, and a Remark says how many were.
"""

from __future__ import annotations

import glob
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.errors import DataError, Remark, UsageError, first_line
from toolkit.records import Article
from toolkit.storage.dates import iso_date
from toolkit.storage.files.aside import Reject, kept, refuse
from toolkit.storage.files.formats import FORMATS, Row, format_of
from toolkit.storage.files.reading import read_rows, read_text
from toolkit.storage.ids import Ids
from toolkit.storage.tables import text_of, text_or_none

__all__ = ["ARTICLE_FORMATS", "expand", "read_article_rows", "read_articles"]

ARTICLE_FORMATS = (".txt", ".html", ".htm", *FORMATS)
_MAX_PAGE = 4 * 2**20
_MAX_TAGS = 40_000
_MAX_ATTRIBUTES = 10_000
_LEFT_OVER = (".rejected.jsonl", ".run.json", ".part")
"""What the toolkit writes beside its outputs; in a folder it is no input."""


def expand(inputs: Sequence[Path]) -> list[Path]:
    """Return the files of the inputs, each once: files as they are, folders and patterns as the article files in them.

    A folder gives the files in it and in its folders that are named ``key=value`` (partitions), sorted by name, without
    hidden ones and what the toolkit left beside its outputs. A pattern (``data/*.jsonl``, ``**`` for folders in
    folders) is one only where no file has this name. Raises UsageError for an ending that is not read, and DataError
    for what is not there; a Remark says where a file is named twice.
    """
    files: dict[Path, Path] = {}
    again: list[Path] = []
    for path in [file for given in inputs for file in _files(given)]:
        if files.setdefault(path.resolve(), path) is not path:
            again.append(path)
    if again:
        more = f" (and {len(again) - 1} more)" if len(again) > 1 else ""
        warnings.warn(f"{again[0]}{more}: is named twice, and read once.", Remark, stacklevel=2)
    return list(files.values())


def _files(path: Path) -> list[Path]:
    allowed = ", ".join(ARTICLE_FORMATS)
    if path.is_dir():
        if found := _in_folder(path):
            return found
        raise DataError(f"{path}: there are no articles in this folder ({allowed}).")
    if path.exists():
        if format_of(path) not in ARTICLE_FORMATS:
            raise UsageError(f"{path}: the ending tells the format: {allowed} are allowed.")
        return [path]
    if not glob.has_magic(str(path)):
        raise DataError(f"{path}: there is no such file.")
    matched = [Path(name) for name in sorted(glob.glob(str(path), recursive=True))]
    files = [one for one in matched if one.is_file() and _is_input(one)]
    if found := files or [file for one in matched if one.is_dir() for file in _in_folder(one)]:
        return found
    raise DataError(f"{path}: no file has a name of this pattern ({allowed}).")


def _in_folder(folder: Path) -> list[Path]:
    found = [one for one in folder.iterdir() if one.is_file() and _is_input(one)]
    for one in folder.iterdir():
        if one.is_dir() and "=" in one.name and not one.name.startswith("."):
            found += _in_folder(one)
    return sorted(found)


def _is_input(path: Path) -> bool:
    # Excel puts ~$name.xlsx beside a workbook while it is open.
    hidden = path.name.startswith((".", "~$"))
    return format_of(path) in ARTICLE_FORMATS and not hidden and not path.name.endswith(_LEFT_OVER)


def read_articles(inputs: Sequence[Path], reject: Reject = refuse) -> Iterator[Article]:
    """Yield the articles of files and folders, in order.

    Tables need the columns ``article_id`` and ``text``. A ``.txt`` or ``.html`` file is one article, whose id is
    the file's name without its ending. An article that cannot be read (a broken row, a page without an article, an id
    that stands twice) goes to ``reject``, which raises DataError if it is not given. A date of publication becomes an
    ISO date; one that cannot be read, or in two ways (03/04/2024), is left empty, and a Remark counts them.
    """
    for article, _ in read_article_rows(inputs, reject):
        yield article


def read_article_rows(
    inputs: Sequence[Path], reject: Reject = refuse, *, text: str = "text", article_id: str | None = "article_id"
) -> Iterator[tuple[Article, Mapping[str, Any]]]:
    """Yield articles as :func:`read_articles` does, each with all that its row holds.

    ``text`` and ``article_id`` are the columns of the tables that hold these; without the second, ids are made from the
    content (:class:`toolkit.storage.ids.Ids`).
    """
    ids, seen = Ids(), dict[str, str]()
    for path in expand(inputs):
        build = {".txt": _from_text, ".html": _from_html, ".htm": _from_html}.get(format_of(path))
        if build is None:
            required = (text, *([article_id] if article_id else []))
            rows: Iterable[Row] = read_rows(path, required=required, reject=reject)
        else:
            rows = [Row({}, str(path))]
        undated = _Undated()

        def read(
            row: Row,
            path: Path = path,
            build: Callable[[Path], Article] | None = build,
            undated: _Undated = undated,
        ) -> tuple[Article, Mapping[str, Any]]:
            article = build(path) if build is not None else _from_row(_named(row, text, article_id, ids), undated)
            if article.article_id in seen:
                first = seen[article.article_id]
                raise DataError(f"{row.where}: the article_id {article.article_id!r} stands twice (first: {first}).")
            seen[article.article_id] = row.where
            return article, row.values

        yield from kept(rows, read, reject)
        if undated.count:
            many = f"{undated.count} dates are" if undated.count > 1 else "1 date is"
            told = f"{path}: {many} left empty, not to be guessed (the first: {undated.first})"
            warnings.warn(f"{told}; write dates as 2024-03-01.", Remark, stacklevel=2)


class _Undated:
    """The dates of a file that were not read."""

    def __init__(self) -> None:
        self.count, self.first = 0, ""

    def add(self, row: Row, written: str) -> None:
        self.first = self.first or f"{written[:60]!r} at {row.where}"
        self.count += 1


def _named(row: Row, text: str, article_id: str | None, ids: Ids) -> Row:
    """Return a row with text and id under their own names."""
    if (text, article_id) == ("text", "article_id"):
        return row
    content = row.values[text]
    made = row.values[article_id] if article_id else ids.made(content if isinstance(content, str) else None)
    return Row({**row.values, "text": content, "article_id": made}, row.where)


def _stem(path: Path) -> str:
    name = path.name
    for suffix in reversed(path.suffixes[-2:]):
        if suffix.lower() in (".gz", ".zst", *ARTICLE_FORMATS):
            name = name.removesuffix(suffix)
    return name


def _from_row(row: Row, undated: _Undated) -> Article:
    written = text_or_none(row, "published")
    published = iso_date(written) if written else None
    if written and written.strip() and published is None:
        undated.add(row, written)
    return Article(
        article_id=text_of(row, "article_id"),
        text=text_of(row, "text"),
        title=text_or_none(row, "title"),
        source=text_or_none(row, "source"),
        published=published,
        url=text_or_none(row, "url"),
        language=text_or_none(row, "language"),
    )


def _from_text(path: Path) -> Article:
    text = read_text(path)
    if not text.strip():
        raise DataError(f"{path}: holds nothing but white space.")
    if "\x00" in text:
        raise DataError(f"{path}: holds NUL characters (UTF-16 perhaps, or no text); save it as UTF-8.")
    return Article(article_id=_stem(path), text=text)


def _too_much(page: str) -> str | None:
    """Say why a page is no article's: the time of its extraction grows with the square of its tags and attributes."""
    if len(page) > _MAX_PAGE:
        return f"the page has {len(page):,} letters; at most {_MAX_PAGE:,} are read"
    tags = page.split("<")
    if len(tags) > _MAX_TAGS:
        return f"the page has {len(tags) - 1:,} tags; at most {_MAX_TAGS:,} are read"
    if any(len(tag.partition(">")[0].split(None, _MAX_ATTRIBUTES)) > _MAX_ATTRIBUTES for tag in tags):
        return f"a tag of the page has more than {_MAX_ATTRIBUTES:,} attributes"
    return None


def _from_html(path: Path) -> Article:
    import trafilatura

    page = read_text(path)
    if problem := _too_much(page):
        raise DataError(f"{path}: {problem}.")
    try:
        found = trafilatura.bare_extraction(page, with_metadata=True, include_comments=False, include_tables=False)
    except Exception as error:  # whatever a broken page makes the parsers raise
        raise DataError(f"{path}: the page cannot be read: {first_line(error)}.") from None
    text = found.text if found is not None else None
    if not text or not text.strip():
        raise DataError(f"{path}: no article was found in this page.")
    # Trafilatura puts one line end between paragraphs; the toolkit's articles have a blank line there.
    text = re.sub(r"\n+", "\n\n", text.strip())
    return Article(
        article_id=_stem(path),
        text=text,
        title=found.title or None,
        source=found.sitename or None,
        published=found.date or None,
        url=found.url or None,
        language=found.language or None,
    )
