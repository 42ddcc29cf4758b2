"""What annotators do not agree on, and the table of what was agreed or decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from toolkit.errors import DataError
from toolkit.labeling.people.journal import Entry
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement
from toolkit.storage import by_statement

__all__ = ["Reading", "decided", "outdated", "readings"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A statement with what each of its annotators gave, in the order of their names."""

    statement: Statement
    given: tuple[Labels, ...]

    def differs(self, scheme: LabelScheme) -> bool:
        """Say whether the annotators gave other labels."""
        return len({frozenset(labels.by_scheme[scheme.name]) for labels in self.given}) > 1


def readings(rows: Iterable[tuple[Statement, Labels]], scheme: LabelScheme) -> list[Reading]:
    """Bring the rows of a labelled table together by statement; those that have no labels in ``scheme`` say nothing.

    Raises DataError as :func:`toolkit.storage.by_statement` does.
    """
    return [
        Reading(statement, tuple(labels for _, labels in sorted(given.items())))
        for statement, given in by_statement(rows, scheme).values()
    ]


def outdated(read: Iterable[Reading], decisions: Mapping[str, Entry]) -> list[str]:
    """Return the statements of which an annotator gave other labels after they were decided."""
    return [
        one.statement.statement_id
        for one in read
        if (decision := decisions.get(one.statement.statement_id)) is not None
        and any(_later(labels.given_at, decision.at) for labels in one.given)
    ]


def _later(given_at: str | None, than: str) -> bool:
    try:
        return given_at is not None and datetime.fromisoformat(given_at) > datetime.fromisoformat(than)
    except (ValueError, TypeError):  # no time, or one that does not say where
        return False


def decided(
    read: Iterable[Reading], scheme: LabelScheme, decisions: Mapping[str, Entry]
) -> Iterator[tuple[Statement, Labels]]:
    """Yield a statement's labels as they were agreed (by ``a+b``) or decided; the comment says against whom.

    Raises DataError where a statement that the annotators do not agree on has no decision.
    """
    for one in read:
        decision = decisions.get(one.statement.statement_id)
        if not one.differs(scheme):
            yield one.statement, _agreed(one, scheme)
        elif decision is None or decision.labels is None:
            raise DataError(f"there is no decision on the statement {one.statement.statement_id!r}.")
        else:
            yield one.statement, _by_decision(one, scheme, decision, decision.labels)


def _agreed(one: Reading, scheme: LabelScheme) -> Labels:
    first = one.given[0]
    digests = {labels.codebooks.get(scheme.name) for labels in one.given}
    codebook = digests.pop() if len(digests) == 1 else None
    comments = [f"{labels.annotator}: {labels.comment}" for labels in one.given if labels.comment]
    return Labels(
        one.statement.statement_id,
        {scheme.name: first.by_scheme[scheme.name]},
        annotator="+".join(labels.annotator or "" for labels in one.given),
        given_at=max((labels.given_at for labels in one.given if labels.given_at), default=None),
        comment="; ".join(comments) or None,
        codebooks={scheme.name: codebook} if codebook else {},
    )


def _by_decision(one: Reading, scheme: LabelScheme, decision: Entry, labels: tuple[str, ...]) -> Labels:
    with_it, against = [], []
    for theirs in one.given:
        given = theirs.by_scheme[scheme.name]
        if set(given) == set(labels):
            with_it.append(theirs.annotator or "")
        else:
            against.append(f"{theirs.annotator} ({', '.join(given) or 'none'})")
    told = f"{decision.annotator} decided"
    told += f" with {' and '.join(with_it)}" if with_it else ""
    told += f" against {' and '.join(against)}" if against else ""
    return Labels(
        one.statement.statement_id,
        {scheme.name: labels},
        annotator=decision.annotator,
        given_at=decision.at,
        comment=f"{told}: {decision.comment}" if decision.comment else told,
        codebooks={scheme.name: decision.codebook},
    )
