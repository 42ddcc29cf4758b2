"""``stance label``: labels by the codebook's rules, a language model, or a trained model."""

from __future__ import annotations

import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli import complete, console
from toolkit.cli.tracked import Track, store_of, track
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from toolkit.classifiers.pretrained.zero_shot import ZeroShotModel
    from toolkit.labeling import Labeler, LanguageModel
    from toolkit.labels import LabelScheme
    from toolkit.records import Labels, Statement

__all__ = ["inference_model", "label_command", "language_model", "only_for"]

_PRICED = 1000
"""Statements that a dry run counts the tokens of at a time."""


def label_command(
    statements: Annotated[Path, typer.Argument(help="A table of statements: statement_id and text at least.")],
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help="Who labels: codebook (its rules), nli, llm, or a trained model: a URI or a folder.",
            autocompletion=complete.labelers,
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the labelled table goes: .jsonl .csv .tsv .parquet.")
    ] = None,
    scheme: Annotated[
        str,
        typer.Option(
            "--scheme", help="The label scheme, by name or path; a model has its own.", autocompletion=complete.schemes
        ),
    ] = "stance",
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", help="llm: a YAML file with its address, model, prices, prompt; nli: model, templates."
        ),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="llm: an endpoint that speaks as OpenAI's (https://HOST/v1).")
    ] = None,
    llm: Annotated[str | None, typer.Option("--llm", help="llm: the name of the model there.")] = None,
    weights: Annotated[
        str | None, typer.Option("--weights", help="nli: the inference model, a folder or an id on the hub.")
    ] = None,
    samples: Annotated[
        int | None, typer.Option("--samples", min=1, max=25, help="llm: ask so often, with other orders of the labels.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="llm: print the first prompt, tokens and cost; ask nothing.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="llm: ask anew where a kept reply could not be used.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail at the first row that gets no labels.")] = False,
    max_errors: Annotated[
        int | None, typer.Option("--max-errors", min=0, help="Fail where more rows than this get no labels.")
    ] = None,
    tracked: Track = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    as_json: console.Summary = False,
) -> None:
    """Label statements: who labelled, when, under which codebook, how sure and on what words stand with each label.

    A language model gets the codebook as its prompt and must quote the statement. Every reply is kept as soon as it has
    come: the same command again, after a kill too, pays nothing twice. The key is read from $OPENAI_API_KEY, or the
    variable that --config names. Replies that cannot be used are listed with their reason in OUTPUT.rejected.jsonl.

    Example: [bold]stance label statements.jsonl --by codebook -o labelled.jsonl[/]
    """
    from datetime import UTC, datetime

    from toolkit.labeling import Asked, label
    from toolkit.storage import (
        WRITTEN,
        SetAside,
        labelled_row,
        labelled_schema,
        read_statements,
        refuse_overwrite,
        table_format,
        write_rows,
    )

    if as_json and dry_run:
        raise UsageError("--json tells of labels that were given; --dry-run gives none, and prints the prompt as JSON.")
    if output is None and not dry_run:
        raise UsageError("--output: say where the labelled table goes.")
    if output is not None:
        table_format(output, WRITTEN)
        refuse_overwrite(output, force, [statements])
    asked_of = {"--base-url": base_url, "--llm": llm, "--samples": samples, "--dry-run": dry_run, "--again": again}
    only_for(by, "llm", asked_of)
    only_for(by, "nli", {"--weights": weights})
    only_for(by if by != "nli" else "llm", "llm", {"--config": config})
    aside = SetAside(console.most_errors(strict, max_errors))
    store = store_of(tracked and not dry_run)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    read = read_statements(statements, aside)
    if by == "llm":
        asked = Asked(_scheme(scheme, statements), at)
        model = language_model(asked, config, base_url, llm, samples, again)
        if dry_run:
            _tell_cost(model, read)
            return
        labeler: Labeler = model
    else:
        asked, labeler = _machine(by, scheme, statements, at, config, weights)
    written, given, annotators = 0, Counter[str](), set[str]()

    def rows(pairs: Iterable[tuple[Statement, Labels]]) -> Iterator[dict[str, Any]]:
        nonlocal written
        for statement, labels in pairs:
            yield labelled_row(statement, labels)
            written += 1
            given.update(labels.by_scheme.get(asked.scheme.name, ()))
            annotators.add(labels.annotator or by)
            bars.reach(written + aside.count)

    assert output is not None
    with console.Bars() as bars:
        bars.start("labelling statements", None)
        write_rows(rows(label(read, labeler, aside)), output, schema=labelled_schema([asked.scheme.name], told=True))
    told_read = console.counted(written + aside.count, "statements")
    console.say(f"{told_read} read: {written} labelled, {aside.count} set aside: {output}")
    if by == "llm":
        console.say(_usage(model))
    console.report_aside(aside, output, "statements")
    counts = {"written": written, "set_aside": aside.count}
    run_id = None
    told = _tell(output, asked, by, model if by == "llm" else None, counts)
    if store is not None:
        prompt = {"prompt.txt": model.prompt.system} if by == "llm" else {}
        cost = model.cost(model.usage.input_tokens, model.usage.output_tokens) if by == "llm" else None
        labels_given = {f"labels/{name}": given[name] for name in asked.scheme.label_names}
        run_id = track(
            store,
            f"label by {by}",
            tables=[output],
            inputs=[statements],
            schemes=[asked.scheme],
            annotators=annotators,
            parameters={"by": by},
            metrics={**counts, **labels_given, "cost": cost},
            files={"labelling.json": told, **prompt},
        )
    more = {"by": by, "scheme": asked.scheme.name, "labels": {name: given[name] for name in asked.scheme.label_names}}
    console.summarise(as_json, "label", counts, [output, f"{output}.run.json"], [run_id], more)


def only_for(by: str, whose: str, options: dict[str, Any]) -> None:
    """Raise UsageError where an option is given that means nothing to who labels."""
    given = [name for name, value in options.items() if value]
    if by != whose and given:
        raise UsageError(f"{', '.join(given)}: only for --by {whose}.")


def _scheme(name: str, beside: Path) -> LabelScheme:
    from toolkit.cli.schemes import scheme_of

    return scheme_of(name, beside)


def _machine(
    by: str, scheme: str, beside: Path, at: str, config: Path | None, weights: str | None
) -> tuple[Any, Labeler]:
    from toolkit.labeling import Asked, Rules, Trained, hypotheses
    from toolkit.model import StanceModel

    if by == "codebook":
        asked = Asked(_scheme(scheme, beside), at)
        if not any(label.rules for label in asked.scheme.labels.values()):
            raise UsageError(f"--by codebook: the scheme '{asked.scheme.name}' has no rules.")
        return asked, Rules(asked)
    if by == "nli":
        asked = Asked(_scheme(scheme, beside), at)
        return asked, hypotheses(asked, inference_model(config, weights))
    from toolkit.cli.predict import named_models

    ((name, folder),) = named_models([by])
    model = StanceModel.load(folder)
    asked = Asked(model.scheme, at)
    return asked, Trained(asked, model, name)


def inference_model(config: Path | None, weights: str | None) -> ZeroShotModel:
    """Return how a natural language inference model is asked."""
    from toolkit.classifiers.pretrained.zero_shot import ZeroShotModel
    from toolkit.config import read_as

    if (config is None) == (weights is None):
        raise UsageError("--weights: --by nli needs the model, a folder or a hub id, or --config with it; one of them.")
    if config is not None:
        return read_as(ZeroShotModel, config)
    return ZeroShotModel.model_validate({"kind": "zero_shot", "model": weights})


def language_model(
    asked: Any, config: Path | None, base_url: str | None, llm: str | None, samples: int | None, again: bool
) -> LanguageModel:
    """Return the language model that options and configuration name, the options first."""
    from toolkit.labeling import LanguageModel, LanguageModelConfig, load_language_model

    changes = {"base_url": base_url, "model": llm, "samples": samples}
    changes = {name: value for name, value in changes.items() if value is not None}
    if config is not None:
        return LanguageModel(asked, load_language_model(config).model_copy(update=changes), again=again)
    for name, value in (("--base-url", base_url), ("--llm", llm)):
        if not value:
            raise UsageError(f"{name}: --by llm needs --base-url and --llm, or --config with both.")
    return LanguageModel(asked, LanguageModelConfig.model_validate(changes), again=again)


def _tell_cost(model: LanguageModel, statements: Iterator[Statement]) -> None:
    """Print the prompt of the first statement, and about what all of them will cost."""
    first = next(statements, None)
    if first is None:
        raise UsageError("there is no statement to ask about.")
    typer.echo(json.dumps(model.body(first), indent=1, ensure_ascii=False))
    source, counted, tokens_in, tokens_out = itertools.chain([first], statements), 0, 0, 0
    while chunk := list(itertools.islice(source, _PRICED)):
        more_in, more_out = model.about(chunk)
        counted, tokens_in, tokens_out = counted + len(chunk), tokens_in + more_in, tokens_out + more_out
    told = f"about {tokens_in:,} tokens in and {tokens_out:,} out, by 4 letters a token"
    console.say(
        f"{console.counted(counted, 'statements')}: {told}{_priced(model, tokens_in, tokens_out)}. Nothing was asked."
    )


def _usage(model: LanguageModel) -> str:
    used = model.usage
    told = f"{used.answered} replies asked for, {used.cached} kept from before"
    tokens = f"{used.input_tokens:,} tokens in and {used.output_tokens:,} out"
    return f"{told}: {tokens}{_priced(model, used.input_tokens, used.output_tokens)}."


def _priced(model: LanguageModel, tokens_in: int, tokens_out: int) -> str:
    cost, prices = model.cost(tokens_in, tokens_out), model.config.prices
    return "" if cost is None or prices is None else f", {cost:.2f} {prices.currency}"


def _tell(output: Path, asked: Any, by: str, model: LanguageModel | None, counts: dict[str, int]) -> str:
    """Write beside the output what was done (``OUTPUT.run.json``) and return it; the key is no part of it."""
    import hashlib

    from toolkit import __version__
    from toolkit.errors import without_passwords
    from toolkit.storage import write_text

    record: dict[str, Any] = {"command": ["stance", *sys.argv[1:]], "started": asked.at, "by": by, "counts": counts}
    record |= {
        "scheme": asked.scheme.name,
        "codebook": asked.codebooks[asked.scheme.name],
        "versions": {"toolkit": __version__},
    }
    if model is not None:
        used = {name: getattr(model.usage, name) for name in model.usage.__slots__}
        cost = model.cost(model.usage.input_tokens, model.usage.output_tokens)
        prompt = hashlib.sha256(model.prompt.system.encode()).hexdigest()
        record["llm"] = {**model.config.model_dump(mode="json"), "prompt_sha256": prompt, "usage": used, "cost": cost}
    told = without_passwords(json.dumps(record, indent=1, ensure_ascii=False)) + "\n"
    write_text(output.with_name(f"{output.name}.run.json"), told)
    return told
