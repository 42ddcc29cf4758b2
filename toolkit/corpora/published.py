"""From what a corpus publishes to articles and labelled statements, by the mapping of its description."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.config import DocumentReader, StandoffReader
from toolkit.corpora.documents import read_documents, statements_in
from toolkit.corpora.layouts import read_posts
from toolkit.corpora.polnear import read_polnear
from toolkit.corpora.post import Post
from toolkit.corpora.standoff import join_annotations
from toolkit.errors import DataError
from toolkit.marks import kind_of, quoted_spans
from toolkit.records import Article, Labels, Statement
from toolkit.storage import Row

if TYPE_CHECKING:
    from toolkit.config import CorpusConfig
    from toolkit.labels import LabelScheme

__all__ = ["Imported", "import_corpus"]


@dataclass(slots=True)
class Imported:
    """Articles, their statements with labels, and what was set aside (place, reason).

    ``labelled`` is off where the corpus has no annotation and its statements are only cut out. ``columns`` holds, by
    statement_id, what a stand-off annotation tells besides; ``counted`` sentences that tell how much was found.
    """

    articles: list[Article] = field(default_factory=list)
    statements: list[tuple[Statement, Labels]] = field(default_factory=list)
    rejected: list[tuple[str, str]] = field(default_factory=list)
    labelled: bool = True
    columns: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    counted: list[str] = field(default_factory=list)


def import_corpus(config: CorpusConfig, schemes: Sequence[LabelScheme], path: Path) -> Imported:
    """Read a published corpus. Rows that do not fit are set aside with their place and reason.

    Raises DataError where the files are not there or not laid out as published.
    """
    if config.reader.kind == "polnear":
        return _import_polnear(path)
    try:
        if isinstance(config.reader, DocumentReader):
            return _import_documents(config.reader, path)
        if isinstance(config.reader, StandoffReader):
            return _import_standoff(config, schemes, path)
        posts = list(read_posts(config, path))
    except DataError as error:
        raise DataError(f"{error} {config.description} It is published at {config.published}.") from None
    found = _import_posts(config, schemes, posts)
    if not found.statements:
        raise DataError(_nothing(path, found))
    return found


def _nothing(path: Path, found: Imported) -> str:
    reason = found.rejected[0][1] if found.rejected else "there is no row in it."
    return f"{path}: nothing could be imported: {reason}"


def _import_posts(config: CorpusConfig, schemes: Sequence[LabelScheme], posts: Sequence[Post]) -> Imported:
    found = Imported()
    kept: dict[str, list[tuple[Post, dict[str, tuple[str, ...]]]]] = {}
    for post in posts:
        labels = _labels(post, config, schemes, found.rejected.append)
        if labels is not None:
            kept.setdefault(post.group, []).append((post, labels))
    for group, members in kept.items():
        article, statements = _records(group, [post for post, _ in members], config.language)
        found.articles.append(article)
        for statement, (_, labels) in zip(statements, members, strict=True):
            found.statements.append((statement, Labels(statement.statement_id, labels, annotator=config.name)))
    return found


def _labels(
    post: Post, config: CorpusConfig, schemes: Sequence[LabelScheme], reject: Callable[[tuple[str, str]], None]
) -> dict[str, tuple[str, ...]] | None:
    labels = {}
    problem = post.problem or ("the text is empty" if not post.text.strip() else None)
    if problem:
        reject((post.where, f"{post.where}: {problem}."))
        return None
    for scheme in schemes:
        mapping = config.schemes[scheme.name]
        value = post.values.get(mapping.column)
        if value is None or value not in mapping.labels:
            known = ", ".join(mapping.labels)
            reject((post.where, f"{post.where}: {mapping.column} is {value!r}, which is none of {known}."))
            return None
        labels[scheme.name] = tuple(mapping.labels[value])
    return labels


def _records(group: str, posts: Sequence[Post], language: str | None) -> tuple[Article, list[Statement]]:
    """Return the posts of a group as the paragraphs of one article, and a statement for each post.

    A text that is published several times, with other targets, is one paragraph.
    """
    starts: dict[str, int] = {}
    length = 0
    for post in posts:
        if post.text not in starts:
            starts[post.text] = length
            length += len(post.text) + 2
    article = Article(group, "\n\n".join(starts), language=language)
    quoted = quoted_spans(article.text)
    seen: dict[str, int] = {}
    statements = []
    for post in posts:
        start = starts[post.text]
        spans = ((start, start + len(post.text)),)
        # By the text, not by its place: what stands before it depends on which file of the corpus is read.
        identity = _identity(group, post)
        seen[identity] = seen.get(identity, 0) + 1
        speaker = _span_of(post.speaker, post.text, start)
        target = _span_of(post.target, post.text, start, post.target_start)
        statements.append(
            Statement(
                statement_id=identity if seen[identity] == 1 else f"{identity}:{seen[identity]}",
                article_id=group,
                text=post.text,
                spans=spans,
                kind=kind_of(article.text, spans, quoted),
                speaker=post.speaker,
                speaker_start=speaker[0],
                speaker_end=speaker[1],
                context=post.context,
                target=post.target,
                target_start=target[0],
                target_end=target[1],
            )
        )
    return article, statements


def _identity(group: str, post: Post) -> str:
    key = f"{post.text}\n{post.target or ''}\n{post.target_start}"
    return f"{group}#{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _span_of(name: str | None, text: str, start: int, told: int | None = None) -> tuple[int | None, int | None]:
    """Return where a name stands in the article: where the corpus says, if it is right, else where it stands first."""
    if not name:
        return None, None
    found = told if told is not None and text[told : told + len(name)] == name else text.find(name)
    return (start + found, start + found + len(name)) if found >= 0 else (None, None)


def _import_polnear(path: Path) -> Imported:
    found = Imported()
    for article, statements in read_polnear(path):
        found.articles.append(article)
        found.statements += [(s, Labels(s.statement_id, {}, annotator="polnear")) for s in statements]
    return found


def _import_documents(reader: DocumentReader, path: Path) -> Imported:
    found = Imported(labelled=False)
    for article in read_documents(reader.kind, path, found.rejected.append):
        found.articles.append(article)
        cut = statements_in(reader.kind, article)
        found.statements += [(s, Labels(s.statement_id, {}, annotator=None)) for s in cut]
    if not found.articles:
        raise DataError(_nothing(path, found))
    return found


def _import_standoff(config: CorpusConfig, schemes: Sequence[LabelScheme], path: Path) -> Imported:
    assert isinstance(config.reader, StandoffReader)
    found = Imported()
    annotations = Path(config.reader.annotations)
    found.articles, joined, found.counted = join_annotations(
        annotations, path, lambda row: _mapped(row, config, schemes), found.rejected.append
    )
    for one in joined:
        found.statements.append((one.statement, one.labels))
        found.columns[one.statement.statement_id] = one.columns
    if not found.statements:
        raise DataError(_nothing(path, found))
    return found


def _mapped(row: Row, config: CorpusConfig, schemes: Sequence[LabelScheme]) -> dict[str, tuple[str, ...]]:
    """Return a row's labels by scheme: a column holds one value, or a list of any number of them."""
    labels: dict[str, tuple[str, ...]] = {}
    for scheme in schemes:
        mapping = config.schemes[scheme.name]
        told = row.values.get(mapping.column)
        given: list[str] = []
        for value in told if isinstance(told, list) else [told]:
            if not isinstance(value, str) or value not in mapping.labels:
                known = ", ".join(mapping.labels)
                raise DataError(f"{row.where}: {mapping.column} is {value!r}, which is none of {known}.")
            given += mapping.labels[value]
        labels[scheme.name] = tuple(dict.fromkeys(given))
        if problem := scheme.problem_with(labels[scheme.name]):
            raise DataError(f"{row.where}: {problem}.")
    return labels
