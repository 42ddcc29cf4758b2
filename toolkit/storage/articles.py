"""Articles from tables, text files and web pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.errors import DataError, UsageError, first_line
from toolkit.records import Article
from toolkit.storage.aside import Reject, kept, refuse
from toolkit.storage.formats import FORMATS, Row, format_of
from toolkit.storage.ids import Ids
from toolkit.storage.reading import read_rows, read_text
from toolkit.storage.tables import text_of, text_or_none

__all__ = ["ARTICLE_FORMATS", "expand", "read_article_rows", "read_articles"]

ARTICLE_FORMATS = (".txt", ".html", ".htm", *FORMATS)
_MAX_PAGE = 4 * 2**20
_MAX_TAGS = 40_000
_MAX_ATTRIBUTES = 10_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def expand(inputs: Sequence[Path]) -> list[Path]:
    """Return the files of the inputs: files as they are, folders as the article files in them, sorted by name.

    Raises UsageError for an ending that is not read and DataError for what is not there.
    """
    files: list[Path] = []
    for path in inputs:
        if path.is_dir():
            found = sorted(p for p in path.iterdir() if p.is_file() and format_of(p) in ARTICLE_FORMATS)
            if not found:
                raise DataError(f"{path}: there are no articles in this folder ({', '.join(ARTICLE_FORMATS)}).")
            files += found
        elif not path.exists():
            raise DataError(f"{path}: there is no such file.")
        elif format_of(path) not in ARTICLE_FORMATS:
            raise UsageError(f"{path}: the ending tells the format: {', '.join(ARTICLE_FORMATS)} are allowed.")
        else:
            files.append(path)
    return files


def read_articles(inputs: Sequence[Path], reject: Reject = refuse) -> Iterator[Article]:
    """Yield the articles of files and folders, in order.

    Tables need the columns ``article_id`` and ``text``. A ``.txt`` or ``.html`` file is one article, whose id is
    the file's name without its ending. An article that cannot be read (a broken row, a page without an article, an id
    that stands twice) goes to ``reject``, which raises DataError if it is not given.
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

        def read(
            row: Row, path: Path = path, build: Callable[[Path], Article] | None = build
        ) -> tuple[Article, Mapping[str, Any]]:
            article = build(path) if build is not None else _from_row(_named(row, text, article_id, ids))
            if article.article_id in seen:
                first = seen[article.article_id]
                raise DataError(f"{row.where}: the article_id {article.article_id!r} stands twice (first: {first}).")
            seen[article.article_id] = row.where
            return article, row.values

        yield from kept(rows, read, reject)


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


def _from_row(row: Row) -> Article:
    published = text_or_none(row, "published")
    if published is not None and not _DATE.match(published):
        raise DataError(f"{row.where}: column 'published' must be an ISO date (2024-03-01), not {published!r}.")
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
