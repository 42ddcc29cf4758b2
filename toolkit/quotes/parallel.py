"""Extraction over several processes: ordered, streaming, and with flat memory."""

from __future__ import annotations

import itertools
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor

from toolkit.quotes.extraction import Extraction, load_grammar
from toolkit.records import Article, Statement

__all__ = ["extract_many"]

_RULES = Extraction()
_CHUNK = 32
_AHEAD = 3
"""How many chunks a process may be ahead of the reader of the results."""


def extract_many(
    articles: Iterable[Article], extraction: Extraction = _RULES, workers: int = 1
) -> Iterator[tuple[Article, list[Statement]]]:
    """Yield every article with its statements, in order.

    With ``workers`` > 1 so many processes extract; no more than a few chunks of articles are in memory at a time,
    however many there are. Raises ModelError where the parser cannot be had.
    """
    load_grammar(extraction.parser)  # also where other processes load their own: what is wrong is told at once
    if workers <= 1:
        for article in articles:
            yield article, extraction(article)
        return
    source = iter(articles)
    waiting: deque[tuple[list[Article], Future[list[list[Statement]]]]] = deque()
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            while True:
                while len(waiting) < workers * _AHEAD and (chunk := list(itertools.islice(source, _CHUNK))):
                    waiting.append((chunk, pool.submit(_extract_chunk, chunk, extraction)))
                if not waiting:
                    return
                chunk, future = waiting.popleft()
                yield from zip(chunk, future.result(), strict=True)
        finally:
            for _, future in waiting:
                future.cancel()


def _extract_chunk(articles: list[Article], extraction: Extraction) -> list[list[Statement]]:
    return [extraction(article) for article in articles]
