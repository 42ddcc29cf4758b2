"""``stance annotate sample``: which statements people are given."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli import console
from toolkit.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.records import Statement

__all__ = ["sample_command"]

_CHUNK = 20_000
"""Statements that a model is asked at a time."""
_STRATA = ("source", "kind", "act", "cue", "speaker", "month")


class Strategy(StrEnum):
    """How statements are chosen."""

    random = "random"
    stratified = "stratified"
    uncertain = "uncertain"
    diverse = "diverse"
    disagreement = "disagreement"
    rare = "rare"


def sample_command(
    statements: Annotated[Path, typer.Argument(help="A table of statements: statement_id and text at least.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the sample goes: .jsonl .csv .tsv .parquet.")],
    size: Annotated[int, typer.Option("--size", "-n", min=1, max=10**9, help="How many statements.")],
    strategy: Annotated[
        Strategy,
        typer.Option(
            "--strategy",
            help="random; stratified (--by); uncertain, rare (a model); disagreement (two models); diverse (words).",
        ),
    ] = Strategy.random,
    by: Annotated[str | None, typer.Option("--by", help=f"stratified: as many of each {', '.join(_STRATA)}.")] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", "-m", help="uncertain, rare, disagreement: a URI or folder (default: the toolkit's)."),
    ] = None,
    scheme: Annotated[str, typer.Option("--scheme", help="Which of the toolkit's models is the default.")] = "stance",
    floor: Annotated[
        float, typer.Option("--floor", min=0.01, max=1, help="The share of the chance that is the same for all.")
    ] = 0.2,
    already: Annotated[
        list[Path] | None, typer.Option("--already", help="Tables whose statements are not drawn again.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Seed of the draw.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    as_json: console.Summary = False,
) -> None:
    """Draw statements to be labelled, each with the probability of being drawn.

    What a model finds unsure or rare is drawn more often, but no statement is left without a chance: with one over
    [bold]inclusion_probability[/] as weight, shares of labels are estimated without bias afterwards.

    Example: [bold]stance annotate sample statements.jsonl -n 200 --strategy uncertain -o batch.jsonl[/]
    """
    import pyarrow as pa

    from toolkit.labeling.people import draw, inclusion, of_strata
    from toolkit.records import Statement
    from toolkit.storage import (
        WRITTEN,
        SetAside,
        read_statements,
        record_row,
        record_schema,
        refuse_overwrite,
        table_format,
        write_rows,
    )

    table_format(output, WRITTEN)
    refuse_overwrite(output, force, [statements, *(already or ())])
    _check(strategy, by, model)
    known = _ids(already or ())
    aside = SetAside()
    read = [one for one in read_statements(statements, aside) if one.statement_id not in known]
    if not read:
        raise UsageError(f"{statements}: there is no statement to draw from that is not in --already.")
    strata = _strata(strategy, read, size, by, seed)
    weights = _weights(strategy, read, model, scheme, floor) if strata is None else of_strata(strata, size)
    probabilities = inclusion(weights, size)

    def rows() -> Iterator[dict[str, Any]]:
        for number in draw(probabilities, seed, strata):
            chance = round(float(probabilities[number]), 9)
            yield record_row(read[number]) | {"sampled": strategy.value, "inclusion_probability": chance}

    added = [pa.field("sampled", pa.string()), pa.field("inclusion_probability", pa.float64())]
    written = write_rows(rows(), output, schema=pa.schema([*record_schema(Statement), *added]))
    left = f", {len(known)} labelled before left out" if known else ""
    console.say(f"{written} of {len(read)} statements drawn ({strategy.value}, seed {seed}{left}): {output}")
    console.report_aside(aside, output, "statements")
    counts = {"statements": len(read), "drawn": written, "left_out": len(known), "set_aside": aside.count}
    told = {"strategy": strategy.value, "seed": seed}
    console.summarise(as_json, "annotate sample", counts, [output], more=told)


def _check(strategy: Strategy, by: str | None, model: list[str] | None) -> None:
    """Raise UsageError where options and strategy do not fit."""
    if (strategy is Strategy.stratified) != (by is not None):
        raise UsageError("--by: --strategy stratified needs it, and no other takes it.")
    if by is not None and by not in _STRATA:
        raise UsageError(f"--by: {by!r} is none of {', '.join(_STRATA)}.")
    if model and strategy not in (Strategy.uncertain, Strategy.rare, Strategy.disagreement):
        raise UsageError(f"--model: --strategy {strategy.value} asks no model.")
    if strategy is Strategy.disagreement and len(model or ()) != 2:
        raise UsageError("--model: --strategy disagreement compares two models; name both.")
    if model and strategy is not Strategy.disagreement and len(model) > 1:
        raise UsageError(f"--model: --strategy {strategy.value} asks one model.")


def _ids(tables: list[Path] | tuple[()]) -> set[str]:
    from toolkit.storage import read_rows

    return {str(row.values["statement_id"]) for path in tables for row in read_rows(path, required=("statement_id",))}


def _strata(strategy: Strategy, read: list[Statement], size: int, by: str | None, seed: int) -> list[str] | None:
    from toolkit.labeling.people import clusters_of

    if strategy is Strategy.diverse:
        return clusters_of([one.text for one in read], size, seed)
    return [_stratum(one, by) for one in read] if by is not None else None


def _weights(
    strategy: Strategy, read: list[Statement], model: list[str] | None, scheme: str, floor: float
) -> NDArray[np.float64]:
    import numpy as np

    from toolkit.labeling.people import weights_by

    if strategy is Strategy.random:
        return np.ones(len(read))
    asked = [_probabilities(name, read) for name in model or [_own(scheme)]]
    if len({one.shape for one in asked}) > 1:
        raise UsageError("--model: the two models are of different label schemes.")
    return weights_by(strategy.value, asked, floor)


def _stratum(statement: Statement, by: str) -> str:
    if by == "month":
        return (statement.published or "")[:7]
    return str(getattr(statement, by) or "")


def _own(scheme: str) -> str:
    from toolkit.model import own_models

    if scheme in own_models():
        return str(own_models()[scheme])
    known = ", ".join(own_models())
    raise UsageError(f"--model: the toolkit has a model of its own for {known}, none for {scheme!r}; name yours.")


def _probabilities(name: str, statements: list[Statement]) -> NDArray[np.float64]:
    import numpy as np

    from toolkit.cli.predict import named_models
    from toolkit.model import StanceModel

    ((_, folder),) = named_models([name])
    loaded = StanceModel.load(folder)
    parts = [
        loaded.answers(statements[start : start + _CHUNK]).probabilities for start in range(0, len(statements), _CHUNK)
    ]
    return np.concatenate(parts)
