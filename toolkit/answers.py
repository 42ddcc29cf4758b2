"""What a model answers, and the columns that hold it: the one place where an answer becomes a table and back.

For a scheme ``stance`` an answer has the column ``stance`` (the list of labels), a column ``stance_LABEL`` with the
probability of every label, ``stance_withheld`` where the model abstains, and where it was asked for
``stance_evidence``: what the rules of the codebook find, as a list of label, rule, field, start, end and words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.storage import evidence_type

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["Answers", "Columns", "indicator"]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of the answers in one label scheme."""

    scheme: str
    labels: tuple[str, ...]
    abstains: bool = False
    evident: bool = False

    @property
    def probabilities(self) -> list[str]:
        """The columns with probabilities, in the order of the labels."""
        return [f"{self.scheme}_{label}" for label in self.labels]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the answers."""
        import pyarrow as pa

        fields = [pa.field(self.scheme, pa.list_(pa.string()))]
        fields += [pa.field(name, pa.float64()) for name in self.probabilities]
        if self.abstains:
            fields.append(pa.field(f"{self.scheme}_withheld", pa.bool_()))
        if self.evident:
            fields.append(pa.field(f"{self.scheme}_evidence", evidence_type()))
        return pa.schema(fields)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What one model says of some statements, in their order.

    ``probabilities`` and ``given`` (0 and 1) are (n, labels); ``withheld`` says of every row, (n,), whether its
    confidence was too low for the labels to count, and is None where the model never abstains. ``evidence`` holds for
    every statement what the rules of the codebook find in it (:func:`toolkit.storage.evidence_cell`), whether or not
    the model followed them; None where it was not asked for.
    """

    columns: Columns
    probabilities: NDArray[np.float64]
    given: NDArray[np.int64]
    withheld: NDArray[np.bool_] | None = None
    evidence: Sequence[Sequence[Mapping[str, Any]]] | None = None

    def __len__(self) -> int:
        return len(self.given)

    @property
    def labels(self) -> list[tuple[str, ...]]:
        """The labels of every statement, in the order of the scheme."""
        names = self.columns.labels
        return [tuple(name for name, yes in zip(names, row, strict=True) if yes) for row in self.given]

    def to_arrow(self) -> pa.Table:
        """Return the answers as a table (:attr:`Columns.schema`)."""
        import pyarrow as pa

        parts: list[Any] = [self._lists(), *self.probabilities.T]
        parts += [self.withheld] if self.columns.abstains else []
        parts += [self.evidence] if self.columns.evident else []
        schema = self.columns.schema
        return pa.table([pa.array(part, field.type) for part, field in zip(parts, schema, strict=True)], schema=schema)

    def _lists(self) -> pa.ListArray:
        """Return the labels of every statement as a column."""
        import numpy as np
        import pyarrow as pa

        ends = np.concatenate([[0], self.given.sum(axis=1).cumsum()]).astype(np.int32)
        names = pa.array(self.columns.labels, pa.string()).take(self.given.nonzero()[1])
        return pa.ListArray.from_arrays(ends, names)

    @classmethod
    def from_arrow(cls, table: pa.Table, columns: Columns) -> Answers:
        """Return the answers that a table holds."""
        import numpy as np

        probabilities = np.column_stack([table[name].to_numpy() for name in columns.probabilities])
        given = indicator(table[columns.scheme].to_pylist(), columns.labels)
        withheld = np.array(table[f"{columns.scheme}_withheld"].to_pylist(), bool) if columns.abstains else None
        evidence = table[f"{columns.scheme}_evidence"].to_pylist() if columns.evident else None
        return cls(columns, probabilities, given, withheld, evidence)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row per statement for a table of one scheme: labels, probabilities, withheld, evidence."""
        names = self.columns.labels
        rows: list[dict[str, Any]] = [
            {"labels": list(labels), "probabilities": dict(zip(names, map(float, row), strict=True))}
            for labels, row in zip(self.labels, self.probabilities, strict=True)
        ]
        for name, cells in (("withheld", self.withheld), ("evidence", self.evidence)):
            if cells is not None:
                for row, cell in zip(rows, cells, strict=True):
                    row[name] = bool(cell) if name == "withheld" else list(cell)
        return rows

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping[str, Any]], columns: Columns) -> Answers:
        """Return the answers that rows hold (:meth:`rows`)."""
        import numpy as np

        probabilities = np.array([[row["probabilities"][label] for label in columns.labels] for row in rows], float)
        given = indicator([row["labels"] for row in rows], columns.labels)
        withheld = np.array([row["withheld"] for row in rows], bool) if columns.abstains else None
        evidence = [row["evidence"] for row in rows] if columns.evident else None
        return cls(columns, probabilities.reshape(given.shape), given, withheld, evidence)

    @classmethod
    def joined(cls, parts: Sequence[Answers], order: Sequence[int] | NDArray[np.int64]) -> Answers:
        """Return the answers of all parts, one part after the other, then put into an order."""
        import numpy as np

        def together(name: str) -> Any:
            return np.concatenate([getattr(part, name) for part in parts])[list(order)]

        withheld = together("withheld") if parts[0].withheld is not None else None
        evidence = None
        if parts[0].evidence is not None:
            cells = [cell for part in parts for cell in part.evidence or ()]
            evidence = [cells[i] for i in order]
        return cls(parts[0].columns, together("probabilities"), together("given"), withheld, evidence)


def indicator(given: Sequence[Collection[str]], labels: Sequence[str]) -> NDArray[np.int64]:
    """Return labels per statement as a matrix of 0 and 1, (n, labels)."""
    import numpy as np

    rows = [[int(label in row) for label in labels] for row in given]
    return np.array(rows, dtype=np.int64).reshape(len(given), len(labels))
