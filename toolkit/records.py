"""The records that pass between the rooms of the toolkit: frozen, typed, and nothing else does.

A record knows its columns (:func:`columns`), so that every file format carries the same ones.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "ACTS",
    "KINDS",
    "Act",
    "Article",
    "BehaviourTest",
    "Evidence",
    "Kind",
    "Labels",
    "Span",
    "Statement",
    "columns",
    "statement_id",
]

Kind = Literal["direct", "mixed", "indirect"]
Act = Literal["said", "performed", "named"]
KINDS: tuple[Kind, ...] = ("direct", "mixed", "indirect")
ACTS: tuple[Act, ...] = ("said", "performed", "named")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Article:
    """A news article."""

    article_id: str
    """Its name; no two articles have the same."""
    text: str
    """The article, without its title. Offsets count its code points."""
    title: str | None = None
    """Its headline."""
    source: str | None = None
    """The newspaper, agency or speaker that it comes from."""
    published: str | None = None
    """An ISO date: ``2024-03-01``."""
    url: str | None = None
    """Where it was found."""
    language: str | None = None
    """An ISO 639-1 code. Extraction reads English."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One act of attribution: what somebody is reported to have said."""

    statement_id: str
    """Its name, made of the article's and of the spans: the same article and spans, the same name."""
    article_id: str
    """The article that it stands in."""
    text: str
    """What was said: the pieces of ``spans``, joined by one space."""
    spans: tuple[Span, ...]
    """Where it stands: code point offsets into the article's text, end exclusive, in order and without overlap."""
    kind: Kind
    """``direct``: all of it stands in quotation marks, ``mixed``: part of it, ``indirect``: none."""
    speaker: str | None = None
    """Whose words they are, as fully as the article names them."""
    speaker_start: int | None = None
    """Where the mention beside the statement (Kerry, he, the ministry) begins in the article's text."""
    speaker_end: int | None = None
    """Where that mention ends, exclusive."""
    cue: str | None = None
    """The word that tells of the speaking: said, warned."""
    addressee: str | None = None
    """The side that it is aimed at, where the text names one."""
    act: Act | None = None
    """``said``: a clause or a quotation; ``performed``: a noun phrase or an infinitive (urged X to, condemned);
    ``named``: by a noun (his threat to)."""
    context: str | None = None
    """The sentence or sentences that hold it."""
    title: str | None = None
    """The article's headline."""
    source: str | None = None
    """The article's source."""
    published: str | None = None
    """The article's date."""
    target: str | None = None
    """Whom or what the labels are about, in corpora that say so."""
    target_start: int | None = None
    """Where the target's mention begins in the article's text."""
    target_end: int | None = None
    """Where that mention ends, exclusive."""


@dataclass(frozen=True, slots=True)
class BehaviourTest:
    """A statement that must, or must not, have a label: one of a pair (or more) that differ in one thing, ``change``.

    ``rule`` is the rule of the label that the pair is about.
    """

    pair: str
    label: str
    rule: str
    change: str
    statement: Statement
    has: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a label is given: the words of a statement's field (``cue`` or ``text``) that a rule of the codebook found.

    ``start`` and ``end`` are code point offsets into the field, end exclusive.
    """

    label: str
    field: str
    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one statement, and who or what gave them, when, how sure, under which codebook, on what evidence.

    ``by_scheme`` maps a scheme's name to its labels; an empty tuple means that none of them applies, a scheme
    that is absent was not asked. ``given_at`` is an ISO time. ``codebooks`` and ``evidence`` are by scheme too: the
    digest of the label scheme that was followed, and what each label was given for.
    """

    statement_id: str
    by_scheme: Mapping[str, tuple[str, ...]]
    annotator: str | None = None
    confidence: float | None = None
    readings: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    """By scheme, what each annotator gave, where they did not agree."""
    given_at: str | None = None
    comment: str | None = None
    codebooks: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)


def columns(record: type) -> tuple[str, ...]:
    """Return the column names of a record type, in file order."""
    return tuple(column.name for column in dataclasses.fields(record))


def statement_id(article_id: str, spans: Sequence[Span]) -> str:
    """Return the stable id of a statement: the same article and spans always give the same id.

    The id is the article's id and 12 hexadecimal digits of the SHA-256 of the spans.
    """
    key = ",".join(f"{start}-{end}" for start, end in spans)
    digest = hashlib.sha256(f"{article_id}\n{key}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"{article_id}#{digest[:12]}"
