"""Labels that stand apart from the texts: joined with the documents as others publish them, and checked by digest.

A row names its ``corpus`` and ``document``, the places of the statement in the document's text (``spans``) and the
SHA-256 of what must stand there, the pieces joined by one space. So the labels can be given away without the texts.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit.corpora.documents import read_documents
from toolkit.corpora.passages import surroundings
from toolkit.errors import DataError
from toolkit.records import Article, Labels, Statement
from toolkit.storage import Row, read_rows, statement_from

__all__ = ["Joined", "join_annotations"]

_CORPORA = ("wikinews", "whitehouse", "kremlin", "ungd")
_NEEDED = ("statement_id", "corpus", "document", "spans", "sha256")
_KEPT = ("corpus", "licence", "sampled", "agreed")
Reject = Callable[[tuple[str, str]], None]
LabelsOf = Callable[[Row], Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Joined:
    """A statement found in its document, its labels, and the columns that tell how they came about."""

    statement: Statement
    labels: Labels
    columns: Mapping[str, Any]


def join_annotations(
    annotations: Path, folder: Path, labels_of: LabelsOf, reject: Reject
) -> tuple[list[Article], list[Joined], list[str]]:
    """Join a file of labels with the documents under ``folder``, which has a folder for each corpus.

    Returns the articles that hold a statement, the statements in the order of the file, and a sentence per corpus that
    counts them. A row whose document is missing or reads otherwise goes to ``reject`` with place and reason. Raises
    DataError where the file of labels cannot be read, and where ``folder`` has none of the corpora.
    """
    rows = list(read_rows(annotations, required=_NEEDED, lists=("spans",)))
    articles = _documents(rows, folder, reject)
    joined: list[Joined] = []
    seen: set[str] = set()
    for row in rows:
        try:
            joined.append(_joined(row, articles, folder, labels_of))
            _once(joined, seen, row)
        except DataError as error:
            reject((row.where, str(error)))
    asked = Counter(str(row.values["corpus"]) for row in rows)
    placed = Counter(str(one.columns["corpus"]) for one in joined)
    used = {one.statement.article_id for one in joined}
    counted = [f"{name}: {placed[name]:,} of {asked[name]:,} statements placed." for name in asked]
    return [article for article in articles.values() if article.article_id in used], joined, counted


def _once(joined: list[Joined], seen: set[str], row: Row) -> None:
    identity = joined[-1].statement.statement_id
    if identity in seen:
        joined.pop()
        raise DataError(f"{row.where}: the statement_id {identity!r} stands twice.")
    seen.add(identity)


def _documents(rows: Sequence[Row], folder: Path, reject: Reject) -> dict[tuple[str, str], Article]:
    if not any((folder / name).is_dir() for name in _CORPORA):
        raise DataError(f"{folder}: a folder with {', '.join(f'{name}/' for name in _CORPORA)} is expected.")
    articles: dict[tuple[str, str], Article] = {}
    for name in _CORPORA:
        wanted = {str(row.values["document"]) for row in rows if row.values["corpus"] == name}
        if wanted and (folder / name).is_dir():
            for article in read_documents(name, folder / name, reject, wanted):
                articles[name, article.article_id] = article
    return articles


def _joined(row: Row, articles: Mapping[tuple[str, str], Article], folder: Path, labels_of: LabelsOf) -> Joined:
    corpus, document = str(row.values["corpus"]), str(row.values["document"])
    if corpus not in _CORPORA:
        raise DataError(f"{row.where}: the corpus {corpus!r} is none of {', '.join(_CORPORA)}.")
    article = articles.get((corpus, document))
    if article is None:
        raise DataError(f"{row.where}: the document {document!r} is not in {folder / corpus}.")
    statement = _placed(row, article)
    names = row.values.get("annotators")
    annotators = names if isinstance(names, dict) else {}
    readings = None
    if not row.values.get("agreed"):
        readings = [{"annotator": name, "stance": stance} for name, stance in annotators.items()] or None
    labels = Labels(statement.statement_id, labels_of(row), annotator="+".join(annotators) or None)
    return Joined(statement, labels, {name: row.values.get(name) for name in _KEPT} | {"readings": readings})


def _placed(row: Row, article: Article) -> Statement:
    """Return the statement that stands at a row's places. Raises DataError where another text stands there."""
    told = dict(row.values) | {"article_id": article.article_id, "text": "-", "context": None, "title": article.title}
    told |= {"source": article.source, "published": article.published}
    statement = statement_from(Row(told, row.where))
    spans, length = statement.spans, len(article.text)
    marked = (statement.speaker_start or 0, statement.speaker_end or 0)
    if not spans or max(spans[-1][1], *marked) > length:
        raise DataError(f"{row.where}: its spans do not lie in the document {article.article_id!r}.")
    text = " ".join(article.text[start:end] for start, end in spans)
    if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != row.values["sha256"]:
        raise DataError(f"{row.where}: the document {article.article_id!r} reads otherwise there (another SHA-256).")
    return replace(statement, text=text, context=surroundings(article.text, spans))
