"""Batch prediction: articles or statements in, a row per statement out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import UsageError
from toolkit.model import StanceModel
from toolkit.predict.sources import Counts, read_inputs
from toolkit.quotes import Extraction
from toolkit.records import Statement
from toolkit.storage import SetAside, statement_table, write_tables

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["predict"]

_RULES = Extraction()
_CHUNK = 2000


def predict(
    inputs: Sequence[Path],
    models: Sequence[tuple[str, StanceModel]],
    output: Path | None,
    extraction: Extraction = _RULES,
    *,
    evidence: bool = False,
    formula_safe: bool = False,
    most_errors: int | None = None,
    on_chunk: Callable[[int], None] = lambda done: None,
) -> Counts:
    """Label every statement of the inputs with every model and write a row per statement, in order, streaming.

    ``models`` pairs a model with the name to put beside its answers; no two may have the same scheme. ``output`` None
    writes JSON Lines to standard output. With ``evidence``, what the rules of each scheme find is a
    column. ``on_chunk`` is told how many statements are done. Nothing is left
    under the output's name if the work fails.
    """
    names = [model.scheme.name for _, model in models]
    if len(set(names)) != len(names):
        raise UsageError("two models answer the same label scheme; name one model per scheme.")
    counts = Counts(SetAside(most_errors))
    tables = _answered(read_inputs(inputs, counts, extraction), models, counts, evidence, on_chunk)
    first = next(tables)
    write_tables(itertools.chain([first], tables), output, schema=first.schema, formula_safe=formula_safe)
    return counts


def _answered(
    statements: Iterable[Statement],
    models: Sequence[tuple[str, StanceModel]],
    counts: Counts,
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
                if name in table.column_names:
                    raise UsageError(f"two columns of the output would be {name!r}; name one of the models alone.")
                table = table.append_column(name, answers[name])
        yield table
        counts.statements += len(chunk)
        on_chunk(counts.statements)
        chunk = list(itertools.islice(iterator, _CHUNK))
        if not chunk:
            return
