"""The words and marks of a sentence, and where they stand."""

from __future__ import annotations

import re
from typing import NamedTuple

from toolkit.lexicon import ABBREVIATIONS

__all__ = ["Token", "token", "tokens"]

_TOKEN = re.compile(r"\d+(?:[.,]\d+)+|[^\W_](?:[\w.&/’'-]*[\w’'])?\.?|[^\w\s]")


class Token(NamedTuple):
    """A word or mark and where it stands."""

    text: str
    start: int
    end: int
    low: str
    """The word in lower case, without a full stop behind it."""


def token(text: str, start: int, end: int) -> Token:
    """Return a token."""
    return Token(text, start, end, text.lower().rstrip(".").replace("’", "'"))


def tokens(text: str, start: int, end: int) -> list[Token]:
    """Return the words and marks of text[start:end]."""
    found = []
    for match in _TOKEN.finditer(text, start, end):
        word = match[0]
        first, last = match.span()
        low = word.lower()
        if word[-1] == "." and len(word) > 2 and low[:-1] not in ABBREVIATIONS and "." not in word[:-1]:
            found += [token(word[:-1], first, last - 1), Token(".", last - 1, last, "")]
        elif low.isalpha():
            found.append(Token(word, first, last, low))
        else:
            found.append(Token(word, first, last, low.rstrip(".").replace("’", "'")))
    return found
