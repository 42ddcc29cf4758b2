"""``stance evaluate model``: every figure of a model on labelled statements."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import console
from toolkit.cli.runs import interval, value
from toolkit.errors import DataError, TrackingError

if TYPE_CHECKING:
    import pyarrow as pa

    from toolkit.evaluation import Evaluation
    from toolkit.labels import LabelScheme
    from toolkit.records import Labels, Statement

__all__ = ["labelled_in", "model_command"]


def model_command(
    model: Annotated[str, typer.Argument(help="A model URI (models:/stance@champion) or a folder.")],
    data: Annotated[
        Path, typer.Argument(help="Labelled statements, a table: statement_id, text, the scheme's column.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write statements, gold and answers here: .jsonl .csv .tsv .parquet."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Seed of the bootstrap.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON on standard output.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run Python code that came with the weights of a model.")
    ] = False,
) -> None:
    """Evaluate a model on labelled statements: every figure with its 95 % interval over articles.

    Rows of several annotators are brought together by majority; statements without gold in the model's scheme are left
    out and counted. Statements that the model learnt from flatter it: they are counted where its run tells them.

    Example: [bold]stance evaluate model models:/stance@champion labelled.jsonl -o answers.jsonl[/]
    """
    from toolkit.answers import indicator
    from toolkit.cli.predict import named_models
    from toolkit.evaluation import Resampling, evaluate
    from toolkit.model import StanceModel
    from toolkit.storage import WRITTEN, record_row, refuse_overwrite, table_format, write_rows

    if output is not None:
        table_format(output, WRITTEN)
        refuse_overwrite(output, force, [data])
    ((name, folder),) = named_models([model])
    loaded = StanceModel.load(folder, trust_remote_code=trust_remote_code)
    labelled = labelled_in(data, loaded.scheme)
    statements = [statement for statement, _ in labelled]
    gold = [labels.by_scheme[loaded.scheme.name] for _, labels in labelled]
    _say_learnt(statements, _learnt_by(folder))
    answers = loaded.answers(statements)
    found = evaluate(
        indicator(gold, loaded.scheme.label_names),
        answers,
        [statement.article_id for statement in statements],
        multi_label=loaded.scheme.multi_label,
        resampling=Resampling(seed),
        abstain_below=loaded.decision.abstain_below,
    )
    if output is not None:
        rows = (
            {**record_row(statement), "gold": list(given), **answer}
            for statement, given, answer in zip(statements, gold, answers.to_arrow().to_pylist(), strict=True)
        )
        write_rows(rows, output, schema=_schema(answers.columns.schema))
    if as_json:
        told = {"model": name, "scheme": loaded.scheme.name, **found.to_dict()}
        typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        show_figures(found, f"{name}: {loaded.scheme.name}")
    console.say(f"{found.n} statements of {found.n_articles} articles" + (f": {output}" if output else "."))


def labelled_in(data: Path, scheme: LabelScheme) -> list[tuple[Statement, Labels]]:
    """Return the statements of a table that have gold in a scheme; others are left out and told.

    Raises DataError where none has.
    """
    from toolkit.gold import combined
    from toolkit.storage import read_labelled

    every = combined(read_labelled(data, [scheme]), [scheme])
    found = [(statement, labels) for statement, labels in every if scheme.name in labels.by_scheme]
    if not found:
        raise DataError(f"{data}: no statement has a gold label in {scheme.name}.")
    if len(found) < len(every):
        console.say(f"{len(every) - len(found)} of {len(every)} statements have no gold label and are left out.")
    return found


def _learnt_by(folder: Path) -> frozenset[str]:
    """Return the ids of the statements that trained a model, by the run that its folder names; none where none is."""
    from toolkit.tracking import experiment_of, open_store, read_run

    card = folder / "MLmodel"  # MLflow's own description of what a run has logged
    run = re.search(r"^run_id: (\w+)$", card.read_text(encoding="utf-8"), re.MULTILINE) if card.is_file() else None
    if run is None:
        return frozenset()
    try:
        store = open_store(must_exist=True)
        return frozenset(experiment_of(store, read_run(store, run[1])).sides.training)
    except TrackingError:  # of another store, or its artifacts are gone: it can be evaluated all the same
        return frozenset()


def _say_learnt(statements: Sequence[Statement], training: frozenset[str]) -> None:
    """Warn of statements that trained the model, and of others of their articles (ids are ``ARTICLE#...``).

    A statement that was extracted again, with a word more, has another id: its article still tells.
    """
    articles = {name.rpartition("#")[0] for name in training if "#" in name}
    learnt = sum(one.statement_id in training for one in statements)
    beside = sum(one.article_id in articles for one in statements if one.statement_id not in training)
    told = [f"{learnt} of {len(statements)} statements trained this model"] if learnt else []
    if beside:
        of = f"{beside} more" if learnt else f"{beside} of {len(statements)} statements"
        told.append(
            f"{of} {'is' if beside == 1 else 'are'} of articles that trained {'it' if learnt else 'this model'}"
        )
    if told:
        console.say(f"{', and '.join(told)}; their figures flatter it.")


def show_figures(found: Evaluation, title: str) -> None:
    """Print every figure with its interval and support."""
    from rich.markup import escape
    from rich.table import Table

    from toolkit.evaluation import figure_said

    columns = ("figure", "value", f"{found.confidence:.0%} interval", "support")
    table = Table(*columns, box=None, title=escape(title), title_justify="left")
    for name in _in_order(list(found.figures)):
        figure = found.figures[name]
        table.add_row(escape(figure_said(name)), value(figure), interval(figure), str(figure.support))
    console.show(table)


def _in_order(names: Sequence[str]) -> Iterator[str]:
    """Yield the averages first, then what is told of each label."""
    averages = [name for name in names if name.partition("/")[2] in ("macro", "micro", "")]
    yield from averages
    yield from (name for name in names if name not in averages)


def _schema(answer: pa.Schema) -> pa.Schema:
    import pyarrow as pa

    from toolkit.records import Statement as Record
    from toolkit.storage import record_schema

    return pa.schema([*record_schema(Record), pa.field("gold", pa.list_(pa.string())), *answer])
