"""``stance evaluate errors``: mistakes that a person can read."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import console
from toolkit.cli.runs import NAMED, runs_with_origin
from toolkit.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from toolkit.review.errors import Mistake

__all__ = ["errors_command"]

_SHOWN = 10


def errors_command(
    run: Annotated[str, typer.Argument(help=f"{NAMED} It must mean one run.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write them here: .jsonl .csv .tsv .parquet.")
    ] = None,
    most: Annotated[int, typer.Option("-n", min=1, max=100_000, help="At most so many.")] = 50,
    explained: Annotated[
        bool,
        typer.Option("--explain", help="Load the model, and tell the words without which it would answer otherwise."),
    ] = False,
    project: Annotated[
        Path | None, typer.Option("--project", help="The folder of the experiment's data. Default: the project's here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON on standard output.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run Python code that came with the weights of a model.")
    ] = False,
) -> None:
    """List the mistakes that a run was surest of, with context, cue, speaker, evidence, and the nearest in training.

    Example: [bold]stance evaluate errors quickstart/tfidf-logreg -o errors.jsonl --explain[/]
    """
    from toolkit.model import StanceModel
    from toolkit.review.errors import errors_of, explain
    from toolkit.storage import WRITTEN, refuse_overwrite, table_format, write_rows
    from toolkit.tracking import fetch_model, model_of, open_store

    if output is not None:
        table_format(output, WRITTEN)
        refuse_overwrite(output, force)
    found = list(runs_with_origin(run, project, "no nearest in training"))
    if len(found) != 1:
        known = ", ".join(f"{one.scheme.name}/{one.model}" for one, _ in found)
        raise UsageError(
            f"{run}: means {len(found)} runs ({known}); name one: {run}/{found[0][0].model if found else 'MODEL'}."
        )
    one, origin = found[0]
    mistakes = errors_of(one, origin, most)
    if explained:
        store = open_store(must_exist=True)
        loaded = StanceModel.load(fetch_model(model_of(store, one)), trust_remote_code=trust_remote_code)
        mistakes = explain(mistakes, loaded)
    if output is not None:
        write_rows([mistake.row() for mistake in mistakes], output, schema=_schema())
    if as_json:
        told = {"run": one.run_id, "scheme": one.scheme.name, "model": one.model}
        typer.echo(json.dumps({**told, "errors": [m.row() for m in mistakes]}, indent=1, ensure_ascii=False))
    else:
        for mistake in mistakes[:_SHOWN]:
            _show(mistake)
    _say(mistakes, errors_of(one, most=None), len(one.gold), output, as_json)
    if explained and any(map(_differs, mistakes)):
        console.say("The logged model now gives other probabilities than were judged; the words are those of its own.")


def _differs(one: Mistake) -> bool:
    """Say whether the logged model now answers otherwise than the one that was judged did."""
    return any(abs(one.probabilities[label] - p) > 1e-6 for label, p in one.explained.items())


def _say(found: tuple[Mistake, ...], every: tuple[Mistake, ...], n: int, output: Path | None, as_json: bool) -> None:
    shown = len(found) if as_json else min(_SHOWN, len(found))
    some = len(found) < len(every)
    what = f"The surest {len(found)} of {len(every)} mistakes" if some else console.counted(len(every), "mistakes")
    begins = f"{what} on {n} held-out statements" + ("" if some else ", the surest first")
    begins += "" if shown == len(found) else f" ({shown} are shown)"
    more = f", with -n {len(every)} all" if some else ""
    console.say(begins + (f": {output}" if output else "." if as_json else f"; -o FILE writes them{more}."))
    if every:
        console.say(f"Of all {len(every)}: {_counts(every)}.")


def _counts(every: tuple[Mistake, ...]) -> str:
    """Say how often each label was missed or invented."""
    found = Counter(f"{label} missed" for one in every for label in one.missed)
    found += Counter(f"{label} invented" for one in every for label in one.invented)
    return ", ".join(f"{what} {times}" for what, times in sorted(found.items(), key=lambda one: (-one[1], one[0])))


def _show(one: Mistake) -> None:
    about = [f"invented {', '.join(one.invented)}"] if one.invented else []
    about += [f"missed {', '.join(one.missed)}"] if one.missed else []
    who = f"{one.statement.speaker or 'somebody'} {one.statement.cue or ''}".strip()
    console.say(f"{one.confidence:.2f}  {'; '.join(about)}  [{who}] {one.statement.text}")
    if one.statement.context and one.statement.context != one.statement.text:
        console.say(f"      context: {one.statement.context}")
    if one.evidence:
        console.say("      rules: " + ", ".join(f"{found['label']} by {found['words']!r}" for found in one.evidence))
    if one.words:
        label = one.words[0].label
        told = ", ".join(f"{word.text} {word.weight:+.2f}" for word in one.words[:5])
        console.say(f"      words for {label}: {told}")
    if one.nearest:
        near = one.nearest[0]
        console.say(f"      nearest in training ({near.similarity:.2f}): {near.statement.text}")


def _schema() -> pa.Schema:
    import pyarrow as pa

    from toolkit.review.errors import ERROR_FIELDS
    from toolkit.storage import evidence_type

    text, number, texts = pa.string(), pa.float64(), pa.list_(pa.string())
    types = dict.fromkeys(ERROR_FIELDS, text) | dict.fromkeys(("gold", "predicted", "invented", "missed"), texts)
    types |= {"confidence": number, "evidence": evidence_type(), "probabilities": pa.map_(text, number)}
    types["nearest"] = pa.list_(pa.struct([("statement_id", text), ("text", text), ("similarity", number)]))
    types["words"] = pa.list_(pa.struct([("text", text), ("start", pa.int64()), ("label", text), ("weight", number)]))
    return pa.schema([pa.field(name, types[name]) for name in ERROR_FIELDS])
