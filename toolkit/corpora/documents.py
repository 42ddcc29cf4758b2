"""Documents as sites and archives publish them, an article each: Wikinews, White House, Kremlin, UN General Debate.

What a text reads must never change, for annotation points into it by offsets: nothing here guesses, and nothing
depends on another package's idea of what an article is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from pathlib import Path

from toolkit.corpora.kremlin import read_page
from toolkit.corpora.passages import passages
from toolkit.corpora.text import iso_date, paragraphs
from toolkit.corpora.whitehouse import read_release, turns
from toolkit.errors import DataError
from toolkit.records import Article, Statement
from toolkit.storage import Row, read_rows, read_text

__all__ = ["read_documents", "statements_in"]

Reject = Callable[[tuple[str, str]], None]
_FILES: dict[str, tuple[re.Pattern[str], str, Callable[[str, Path], Article]]] = {}
"""Per corpus: which files hold a document (their name without the ending is a group), what comes before that name in
the document's id, and what reads it. Files of other names are left alone: photo pages, print versions, notes."""
_TABLE = re.compile(r"wikinews_\d{4}\.csv")
_COLUMNS = ("url", "date", "title", "text")


def read_documents(kind: str, path: Path, reject: Reject, wanted: Container[str] | None = None) -> Iterator[Article]:
    """Yield the articles of a corpus (a file, or a folder and the folders in it), files sorted by name.

    Only those in ``wanted`` where that is given. A document that is filed twice is taken once. One that cannot be
    read, or that reads otherwise than the first of its id, goes to ``reject`` with place and reason. Raises DataError
    where there is no file of this corpus.
    """
    seen: dict[str, tuple[str, int]] = {}
    for identity, where, build in (_wikinews if kind == "wikinews" else _one_a_file)(kind, path):
        if wanted is not None and identity not in wanted:
            continue
        try:
            article = build()
            first, digest = seen.setdefault(identity, (where, hash(article.text)))
            if digest != hash(article.text):
                raise DataError(f"{where}: the document {identity!r} reads otherwise than in {first}.")
        except DataError as error:
            reject((where, str(error)))
            continue
        if first == where:
            yield article


def statements_in(kind: str, article: Article) -> Iterator[Statement]:
    """Yield what is spoken in a document by whoever it names: turns of a briefing, the sentences of a speech."""
    if kind == "whitehouse":
        yield from turns(article)
    elif kind == "ungd":
        for line in re.finditer(r"[^\n]+", article.text):
            yield from passages(article, line.start(), line.end(), article.article_id.partition("_")[0])


def _found(path: Path, name: re.Pattern[str]) -> list[Path]:
    if path.is_file():
        return [path]
    files = sorted(file for file in path.rglob("*") if name.fullmatch(file.name) and file.is_file())
    if not files:
        raise DataError(f"{path}: there is no file here whose name is like {name.pattern}.")
    return files


def _one_a_file(kind: str, path: Path) -> Iterator[tuple[str, str, Callable[[], Article]]]:
    name, before, read = _FILES[kind]
    for file in _found(path, name):
        identity = f"{before}{file.stem}"
        yield identity, str(file), lambda file=file, identity=identity: read(identity, file)  # type: ignore[misc]


def _wikinews(kind: str, path: Path) -> Iterator[tuple[str, str, Callable[[], Article]]]:
    """The id is the page's name, as the address has it: a number would depend on which files and rows are there."""
    for file in _found(path, _TABLE):
        for row in read_rows(file, required=_COLUMNS):
            identity = str(row.values["url"] or "").rpartition("/wiki/")[2]
            yield identity, row.where, lambda row=row: _from_wikinews(row)  # type: ignore[misc]


def _from_wikinews(row: Row) -> Article:
    url, date, title, text = (str(row.values[name] or "") for name in _COLUMNS)
    identity, lines = url.rpartition("/wiki/")[2], paragraphs(text.splitlines())
    if not identity or not lines:
        raise DataError(f"{row.where}: url and text are expected, the url as .../wiki/NAME.")
    return Article(identity, lines, title or None, "Wikinews", iso_date(date), url, "en")


def _read_speech(identity: str, path: Path) -> Article:
    text = paragraphs(read_text(path).splitlines())
    if not text:
        raise DataError(f"{path}: holds nothing but white space.")
    return Article(identity, text, source="UN General Debate", language="en")


_FILES |= {
    "whitehouse": (re.compile(r"\d{4}-\d{2}-\d{2}-.+\.md"), "", read_release),
    "kremlin": (re.compile(r"\d+\.html"), "kremlin-", read_page),
    "ungd": (re.compile(r"[A-Z]{2,3}_\d{1,2}_\d{4}\.txt"), "", _read_speech),
}
