"""A reply of a language model, checked: labels of the scheme, each with words that stand in the statement."""

from __future__ import annotations

import json
import re
from typing import Any

from toolkit.errors import DataError
from toolkit.labels import LabelScheme
from toolkit.records import Evidence, Statement

__all__ = ["labels_in"]

_FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?```\s*\Z", re.DOTALL)
_ALIKE = str.maketrans("‘’“”\u00a0\n\t", "''\"\"   ")
"""One character for one, so that places stay what they are."""


def labels_in(content: str, statement: Statement, scheme: LabelScheme) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
    """Return the labels of a reply, in the order of the scheme, and their evidence.

    Raises DataError where it is no JSON of the asked shape, names a label that the scheme does not have, or quotes
    words that do not stand in the statement.
    """
    fenced = _FENCE.match(content)
    try:
        told = json.loads(fenced[1] if fenced else content)
    except (ValueError, RecursionError):
        raise DataError("the reply is no JSON") from None
    items = told.get("labels") if isinstance(told, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise DataError("the reply has no list 'labels' of objects")
    named = [item.get("label") for item in items]
    for name in named:
        if not isinstance(name, str) or name not in scheme.labels:
            raise DataError(f"the reply gives the label {str(name)[:80]!r}, which is not in '{scheme.name}'")
    labels = tuple(name for name in scheme.labels if name in named)
    if problem := scheme.problem_with(labels):
        raise DataError(f"the reply cannot be right: {problem}")
    evidence = [_evidence(item, statement, scheme) for item in items]
    return labels, tuple(dict.fromkeys(one for one in evidence if one is not None))


def _evidence(item: dict[str, Any], statement: Statement, scheme: LabelScheme) -> Evidence | None:
    quote = item.get("quote")
    if not isinstance(quote, str):
        raise DataError("the reply gives a label without a quote")
    wanted = quote.strip().translate(_ALIKE)
    if not wanted and not scheme.multi_label:
        return None  # "neutral" rests on no words
    start = statement.text.translate(_ALIKE).find(wanted)
    if not wanted or start < 0:
        raise DataError(f"the reply quotes {quote[:80]!r}, which does not stand in the statement")
    return Evidence(item["label"], "text", start, start + len(wanted), "quoted")
