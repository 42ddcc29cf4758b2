"""What every classifier of the toolkit can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from toolkit.records import Statement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["NOWHERE", "Classifier", "Input", "Work", "statement_of"]


def _tell_nobody(name: str, value: float, step: int) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Work:
    """Where a long fit keeps what it needs to go on after a kill, whom it tells how it gets on, and its threads."""

    folder: Path | None = None
    """A folder of this fit alone; None: nothing is kept."""
    tell: Callable[[str, float, int], None] = _tell_nobody
    """Called with a name, a value and a step while training."""
    threads: int | None = None
    """Threads of the libraries that threadpoolctl does not reach; None leaves them alone."""


NOWHERE = Work()
"""Keeps nothing, tells nobody."""


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


class Classifier(Protocol):
    """Learns from texts (:class:`Input`) and a target matrix, answers with a probability for every label."""

    @property
    def thresholds(self) -> tuple[float, ...] | None:
        """Per label, where a classifier's own rule decides in multi-label schemes; None: tuned out of fold."""

    def fit(self, texts: Sequence[str], targets: NDArray[Any], folds: NDArray[np.int64], work: Work = NOWHERE) -> None:
        """Learn. ``targets`` is (n, labels) of 0 to 1: 0 and 1, or the shares of annotators who gave a label;
        classifiers that cannot learn from shares round them. ``folds`` (n,) names the grouped fold of every text, for
        classifiers that calibrate, stop early or stack inside.
        """

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities, (n, labels); the rows of a single-label scheme sum to 1."""

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Write what was learnt into a folder; return the plain values that belong beside it."""
