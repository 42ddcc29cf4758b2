"""Several processes give the same statements in the same order, and do not read ahead without bound."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.quotes import extract, extract_many
from toolkit.records import Article


def articles(n: int, read: list[int]) -> Iterator[Article]:
    for i in range(n):
        read.append(i)
        yield Article(str(i), f'"We will go to number {i}," Ana Lund said. The talks would go on, she added.')


def test_the_order_and_the_statements_are_those_of_one_process() -> None:
    expected = [(article, extract(article)) for article in articles(150, [])]
    assert list(extract_many(articles(150, []), workers=2)) == expected
    assert list(extract_many(articles(150, []), workers=1)) == expected


def test_the_reading_waits_for_the_reader() -> None:
    read: list[int] = []
    results = extract_many(articles(5000, read), workers=2)
    for _ in range(10):
        next(results)
    assert len(read) < 500
    results.close()  # type: ignore[attr-defined]
