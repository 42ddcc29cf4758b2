"""What is done to one partition: a pure function of the models' folders and the partition, on any machine.

A partition is an Arrow table: the user's own columns, then whatever the work needs that is not one of these, its name
behind ``toolkit:``. So is what comes out: the own columns, then all that was added, its name behind ``toolkit:`` too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from toolkit.errors import UsageError
from toolkit.model import StanceModel
from toolkit.quotes import Extraction, load_grammar
from toolkit.records import Article, Statement, columns
from toolkit.storage import Statements, record_schema, statement_table

if TYPE_CHECKING:
    import pyarrow as pa

    from toolkit.answers import Answers

__all__ = ["OURS", "Job", "Worker"]

OURS = "toolkit:"
Style = Literal["list", "joined", "columns"]
_RULES = Extraction()


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done to every partition: plain values, which can be sent anywhere."""

    models: tuple[tuple[str, Path], ...]
    """What the column ``model`` says of each, and its folder; no two may have the same label scheme."""
    articles: bool = False
    """Whether the rows are articles, whose statements are extracted first."""
    extraction: Extraction = _RULES
    evidence: bool = False
    """Whether what the rules of the label schemes find is a column."""
    labels: Style = "list"
    """A list of labels, ``a;b`` in one text, or a column of 0 and 1 for every label."""
    digits: int | None = None
    """Probabilities are rounded to so many; None: not at all."""
    trust_remote_code: bool = False

    def told(self) -> dict[str, Any]:
        """Return all that decides what comes out, the models aside."""
        parts = dataclasses.asdict(self)
        return {name: parts[name] for name in parts if name not in ("models", "trust_remote_code")}


@dataclass(frozen=True)
class Worker:
    """Does a job, one partition after the other, with models that are loaded once."""

    job: Job
    models: tuple[StanceModel, ...] = ()
    """Those of the job, where they are loaded already."""

    def __post_init__(self) -> None:
        if self.job.articles:
            load_grammar(self.job.extraction.parser)  # what is wrong with it is told before the first article
        loaded = (StanceModel.load(path, trust_remote_code=self.job.trust_remote_code) for _, path in self.job.models)
        models = self.models or tuple(loaded)
        if len({model.scheme.name for model in models}) < len(models):
            raise UsageError("two models answer the same label scheme; name one model per scheme.")
        object.__setattr__(self, "models", models)

    def __call__(self, partition: pa.Table) -> pa.Table:
        """Return a row per statement: the user's columns, and what was added."""
        import pyarrow as pa

        own = [name for name in partition.column_names if not name.startswith(OURS)]
        fields, cells = [partition.schema.field(name) for name in own], [partition[name] for name in own]
        statements, added = _given(partition), dict[str, Any]()
        if self.job.articles:
            statements, parents = self._extracted(partition)
            cells = [column.take(parents) for column in cells]
            added = {name: statements.table[name] for name in statements.table.column_names}
        if self.models:
            told = ", ".join(name for name, _ in self.job.models)
            added["model"] = pa.array([told] * len(statements), pa.string())
        for model in self.models:
            for name, column in _columns(model.answers(statements, evidence=self.job.evidence), self.job):
                if name in added:
                    raise UsageError(f"two columns of the output would be {name!r}; name one of the models alone.")
                added[name] = column
        fields += [pa.field(OURS + name, column.type) for name, column in added.items()]
        return pa.table([*cells, *added.values()], schema=pa.schema(fields))

    def _extracted(self, partition: pa.Table) -> tuple[Statements, pa.Array]:
        """Return the statements of all articles, and the row of the article that each comes from."""
        import pyarrow as pa

        rows = partition.select([OURS + name for name in columns(Article)]).to_pylist()
        found: list[Statement] = []
        parents: list[int] = []
        for number, row in enumerate(rows):
            article = Article(**{name.removeprefix(OURS): cell for name, cell in row.items()})
            statements = self.job.extraction(article)
            found += statements
            parents += [number] * len(statements)
        return Statements(statement_table(found)), pa.array(parents, pa.int64())


def _given(partition: pa.Table) -> Statements:
    """Return the statements of a partition that holds some."""
    import pyarrow as pa

    present = set(partition.column_names)
    names = {name: OURS + name if OURS + name in present else name for name in record_schema(Statement).names}
    return Statements(pa.table({name: partition[own] for name, own in names.items() if own in present}))


def _columns(answers: Answers, job: Job) -> Iterable[tuple[str, Any]]:
    """Return the columns of an answer as the job wants them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table, scheme = answers.to_arrow(), answers.columns.scheme
    cells: dict[str, Any] = {name: table[name] for name in table.column_names}
    if job.labels == "joined":
        joined = pc.binary_join(cells[scheme], ";")
        cells[scheme] = pc.if_else(pc.equal(joined, ""), "[]", joined)  # an empty cell would say: not answered
    elif job.labels == "columns":
        del cells[scheme]
        each = zip(answers.columns.labels, answers.given.T, strict=True)
        cells = {f"{scheme}_is_{label}": pa.array(given, pa.int8()) for label, given in each} | cells
    if job.digits is not None:
        for name in answers.columns.probabilities:
            cells[name] = pc.round(cells[name], job.digits)
    return cells.items()
