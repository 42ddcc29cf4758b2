"""Extraction from files to a file: articles in, a row per statement out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolkit.predict.sources import Counts
from toolkit.quotes import Extraction, extract_many
from toolkit.records import Article, Statement
from toolkit.storage import SetAside, read_articles, record_row, record_schema, write_rows

__all__ = ["Extracted", "extract_files"]

_RULES = Extraction()


@dataclass(slots=True)
class Extracted(Counts):
    """How much was extracted, by kind and by act."""

    kinds: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)


def extract_files(
    inputs: Sequence[Path],
    output: Path | None,
    extraction: Extraction = _RULES,
    *,
    articles_output: Path | None = None,
    workers: int = 1,
    formula_safe: bool = False,
    most_errors: int | None = None,
) -> Extracted:
    """Extract the statements of all articles and write a row per statement, in order, streaming.

    ``output`` None writes JSON Lines to standard output. ``articles_output`` gets the articles as they were read: the
    texts that the spans count in. Raises DataError where every article was set aside, or more than ``most_errors``.
    """
    counts = Extracted(SetAside(most_errors))
    articles = read_articles(inputs, counts.aside)
    if articles_output is not None:
        # Written first and read back: so memory stays flat, and the spans count in exactly these texts.
        # (Never made formula-safe: a sign more would shift every span.)
        write_rows(_as_read(articles, counts), articles_output, schema=record_schema(Article))
        articles = read_articles([articles_output])

    def rows() -> Iterator[dict[str, Any]]:
        for _, statements in extract_many(articles, extraction, workers):
            counts.articles += 1
            for statement in statements:
                counts.statements += 1
                counts.kinds[statement.kind] += 1
                counts.acts[statement.act or "said"] += 1
                yield record_row(statement)
        counts.must_hold(counts.articles)

    write_rows(rows(), output, schema=record_schema(Statement), formula_safe=formula_safe)
    return counts


def _as_read(articles: Iterator[Article], counts: Extracted) -> Iterator[dict[str, Any]]:
    for article in articles:
        counts.articles += 1
        yield record_row(article)
    counts.must_hold(counts.articles)
    counts.articles = 0
