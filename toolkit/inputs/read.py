"""A text that knows its statement: what classifiers are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.inputs.compose import compose
from toolkit.records import Statement
from toolkit.settings import ModelSettings

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Input", "read_by", "statement_of", "text_array"]


class Input(str):
    """The text that a model reads of a statement, and the statement itself for those that tell its fields apart."""

    __slots__ = ("statement",)
    statement: Statement

    @classmethod
    def of(cls, text: str, statement: Statement) -> Input:
        """Return a text that knows its statement."""
        made = cls(text)
        made.statement = statement
        return made


def statement_of(text: str) -> Statement:
    """Return the statement of a text; a bare text is read as a statement of which nothing else is known."""
    if isinstance(text, Input):
        return text.statement
    return Statement(statement_id="", article_id="", text=text, spans=(), kind="direct")


def read_by(settings: ModelSettings, statements: Sequence[Statement]) -> list[Input]:
    """Return what a model reads of every statement, by its settings."""
    return [Input.of(compose(s, settings.input, roles=settings.roles, names=settings.names), s) for s in statements]


def text_array(texts: Sequence[str]) -> pa.Array:
    """Return texts as an Arrow array of strings: ``texts.array`` where it has one, else made of them.

    Half a surrogate pair has no UTF-8 form and becomes a question mark, as in every file that is written.
    """
    import numpy as np
    import pyarrow as pa

    if hasattr(texts, "array"):
        return texts.array
    encoded = [text.encode("utf-8", "replace") for text in texts]
    ends = np.cumsum([0, *map(len, encoded)])
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]  # pyarrow.array would import pandas
    return pa.Array.from_buffers(pa.large_string(), len(encoded), buffers)
