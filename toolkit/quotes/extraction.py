"""What is extracted, and with which grammar: the two choices that a user has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from toolkit.quotes.extract import extract
from toolkit.quotes.grammar import Grammar, Reading
from toolkit.records import ACTS, Act, Article, Statement

__all__ = ["Extraction", "load_grammar"]


@dataclass(frozen=True, slots=True)
class Extraction:
    """How articles are extracted: which acts, and with which spaCy pipeline (its name or folder), if any."""

    include: tuple[Act, ...] = ACTS
    parser: str | None = None

    def __call__(self, article: Article) -> list[Statement]:
        """Return the statements of an article. Raises UsageError where the parser cannot be had."""
        return extract(article, include=self.include, grammar=load_grammar(self.parser))


@cache
def load_grammar(parser: str | None = None) -> Grammar:
    """Return what reads the sentences of :func:`toolkit.quotes.extract`: the rules, or a spaCy pipeline.

    ``parser`` is the name of an installed pipeline, or its folder. Raises UsageError where it cannot be had.
    """
    if parser is None:
        return Reading
    from toolkit.quotes.grammar.parsed import Parser

    return Parser(parser)
