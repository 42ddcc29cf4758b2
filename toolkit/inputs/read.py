"""A text that knows its statement: what classifiers are given."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.inputs.compose import compose
from toolkit.records import Statement
from toolkit.settings import ModelSettings

__all__ = ["Input", "read_by", "statement_of"]


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
