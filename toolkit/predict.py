"""Batch prediction: articles or statements in, a row per statement out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import DataError, UsageError
from toolkit.model import StanceModel
from toolkit.quotes import Extraction, extract_many
from toolkit.records import Statement
from toolkit.storage import (
    FORMATS,
    expand,
    format_of,
    read_articles,
    read_rows,
    read_statements,
    statement_table,
    write_stdout,
    write_tables,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Predicted", "holds_statements", "predict", "read_inputs"]

_RULES = Extraction()
_CHUNK = 2000


@dataclass(slots=True)
class Predicted:
    """How much went in and came out, and which articles were set aside (place, reason)."""

    articles: int = 0
    statements: int = 0
    rejected: list[tuple[str, str]] = field(default_factory=list)


def holds_statements(path: Path) -> bool:
    """Say whether a file is a table of statements: its first row has a ``statement_id``."""
    if path.is_dir() or format_of(path) not in FORMATS:
        return False
    return "statement_id" in next(iter(read_rows(path))).values


def read_inputs(inputs: Sequence[Path], counts: Predicted, extraction: Extraction = _RULES) -> Iterator[Statement]:
    """Yield the statements of all inputs: of statement tables as they are, of articles as extracted.

    Articles that cannot be read are noted in ``counts``. Raises UsageError where tables of both sorts are mixed.
    """
    files = expand(inputs)
    sorts = {holds_statements(path) for path in files}
    if len(sorts) > 1:
        raise UsageError("articles and statements cannot be mixed in one call; predict them one after the other.")
    if sorts == {True}:
        if extraction != _RULES:
            raise UsageError(
                "--include and --parser say how articles are extracted; these inputs are statements already."
            )
        seen: set[str] = set()
        for path in files:
            for statement in read_statements(path):
                if statement.statement_id in seen:
                    raise UsageError(
                        f"{path}: the statement_id {statement.statement_id!r} stands in an earlier file too."
                    )
                seen.add(statement.statement_id)
                yield statement
        return
    articles = read_articles(files, on_reject=lambda where, why: counts.rejected.append((where, why)))
    for _, statements in extract_many(articles, extraction):
        counts.articles += 1
        yield from statements
    if not counts.articles and counts.rejected:
        raise DataError(counts.rejected[0][1])


def predict(
    inputs: Sequence[Path],
    models: Sequence[tuple[str, StanceModel]],
    output: Path | None,
    extraction: Extraction = _RULES,
    *,
    evidence: bool = False,
    formula_safe: bool = False,
    on_chunk: Callable[[int], None] = lambda done: None,
) -> Predicted:
    """Label every statement of the inputs with every model and write a row per statement, in order, streaming.

    ``models`` pairs a model with the name to put beside its answers; no two may have the same scheme. ``output`` None
    writes JSON Lines to standard output. With ``evidence``, what the rules of each scheme find is a
    column. ``on_chunk`` is told how many statements are done. Nothing is left
    under the output's name if the work fails.
    """
    names = [model.scheme.name for _, model in models]
    if len(set(names)) != len(names):
        raise UsageError("two models answer the same label scheme; name one model per scheme.")
    counts = Predicted()
    tables = _answered(read_inputs(inputs, counts, extraction), models, counts, evidence, on_chunk)
    first = next(tables)
    tables = itertools.chain([first], tables)
    if output is None:
        write_stdout(tables, first.column_names)
    else:
        write_tables(tables, output, schema=first.schema, formula_safe=formula_safe)
    return counts


def _answered(
    statements: Iterable[Statement],
    models: Sequence[tuple[str, StanceModel]],
    counts: Predicted,
    evidence: bool,
    on_chunk: Callable[[int], None],
) -> Iterator[pa.Table]:
    """Yield tables of statements with what every model answers, at least one, which may be empty."""
    import pyarrow as pa

    label = ", ".join(name for name, _ in models)
    iterator = iter(statements)
    chunk = list(itertools.islice(iterator, _CHUNK))
    while True:
        table = statement_table(chunk).append_column("model", pa.array([label] * len(chunk), pa.string()))
        for _, model in models:
            answers = model.answers(chunk, evidence=evidence).to_arrow()
            for name in answers.column_names:
                table = table.append_column(name, answers[name])
        yield table
        counts.statements += len(chunk)
        on_chunk(counts.statements)
        chunk = list(itertools.islice(iterator, _CHUNK))
        if not chunk:
            return
