"""A text that knows its statement: what classifiers are given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

from toolkit.inputs.compose import compose
from toolkit.records import Statement
from toolkit.settings import ModelSettings
from toolkit.storage import Statements

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Input", "Texts", "read_by", "statement_of", "text_array"]

_PLAIN = frozenset(("text", "cue", "context", "speaker", "target"))


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


class Texts(Sequence[str]):
    """What a model reads of statements in Arrow: the texts as one array, an :class:`Input` of each on demand."""

    def __init__(self, array: pa.StringArray, statements: Statements) -> None:
        self.array = array
        self.statements = statements

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[Input]:
        return map(Input.of, self.array.to_pylist(), self.statements)

    @overload
    def __getitem__(self, index: int) -> Input: ...
    @overload
    def __getitem__(self, index: slice) -> list[Input]: ...

    def __getitem__(self, index: int | slice) -> Input | list[Input]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return Input.of(self.array[index].as_py(), self.statements[index])


def read_by(settings: ModelSettings, statements: Sequence[Statement]) -> Sequence[str]:
    """Return what a model reads of every statement, by its settings."""
    plain = settings.roles == settings.names == "keep" and _PLAIN.issuperset(settings.input)
    if plain and isinstance(statements, Statements):
        return Texts(_composed(statements.table, settings.input), statements)
    return [Input.of(compose(s, settings.input, roles=settings.roles, names=settings.names), s) for s in statements]


def _composed(table: pa.Table, fields: Sequence[str]) -> pa.StringArray:
    """Do what :func:`compose` does, for all rows at once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = {name: table[name].combine_chunks() for name in {"text", *fields} if name in table.column_names}
    text = columns["text"]
    if list(fields) == ["text"]:
        return text
    pieces = [columns[name] for name in fields if name in columns]
    pieces = [pc.if_else(pc.equal(piece, ""), pa.scalar(None, pa.string()), piece) for piece in pieces]
    if not pieces:
        return text
    joined = pc.binary_join_element_wise(*pieces, " ", null_handling="skip")
    return pc.if_else(pc.equal(joined, ""), text, joined)


def text_array(texts: Sequence[str]) -> pa.Array:
    """Return texts as an Arrow array of strings: ``texts.array`` where it has one, else made of them.

    Half a surrogate pair has no UTF-8 form and becomes a question mark, as in every file that is written.
    """
    import numpy as np
    import pyarrow as pa

    if isinstance(texts, Texts):
        return texts.array
    encoded = [text.encode("utf-8", "replace") for text in texts]
    ends = np.cumsum([0, *map(len, encoded)])
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]  # pyarrow.array would import pandas
    return pa.Array.from_buffers(pa.large_string(), len(encoded), buffers)
