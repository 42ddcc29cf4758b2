"""The verbs of saying whose indirect statements extraction is asked for: as an evaluation must, it keeps its own list.

The lexicon grows with what extraction can read; were the list taken from there, every growth would move the figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from toolkit.lexicon import forms

__all__ = ["SAYING_FORMS", "says"]

_WITH_GERUND = "say tell add state warn announce insist argue claim deny declare".split()
_WITHOUT_GERUND = (
    "write explain note suggest promise vow threaten pledge admit acknowledge reply respond assert report contend urge "
    "tweet conclude reiterate maintain stress emphasize"
).split()
"""Verbs whose gerunds introduce statements too seldom to be asked for."""


def _forms() -> Iterator[str]:
    yield "according to"
    for verb in map(forms, (*_WITH_GERUND, *_WITHOUT_GERUND)):
        yield from (verb.base, verb.third, verb.past)
        if verb.base in _WITH_GERUND:
            yield verb.gerund


SAYING_FORMS = frozenset(_forms())
"""Every form that counts as a verb of saying, lower case."""
_SAYING = re.compile(rf"\b(?:{'|'.join(sorted(SAYING_FORMS, key=len, reverse=True))})\b", re.IGNORECASE)


def says(cue: str | None) -> bool:
    """Whether a cue holds a verb of saying, among other words or alone, whatever its capitals."""
    return _SAYING.search(cue or "") is not None
