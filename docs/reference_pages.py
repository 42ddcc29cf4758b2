"""The pages of the reference that are made from the code: commands, keys of a configuration, columns of files.

MkDocs calls :func:`on_files` (``hooks`` in mkdocs.yml); the tests call :func:`pages`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import click
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

_MARKUP = re.compile(r"\[/?(?:bold|dim|italic)?\]")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages to those of the folder."""
    from mkdocs.structure.files import File

    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def pages() -> dict[str, str]:
    """Return the text of every generated page by its path below docs/."""
    return {
        "reference/commands.md": _commands(),
        "reference/configuration.md": _configuration(),
        "reference/columns.md": _columns(),
    }


# ------------------------------------------------------------------------------------------------------ commands


def _commands() -> str:
    from typer.main import get_command

    from toolkit.cli.main import app

    head = "# Commands\n\nEvery command has `--help`; what follows is what it says. Exit 0: done, 1: the work failed, 2: called wrongly.\n"
    head += "`--debug` (the traceback of an error), `--quiet` (nothing but errors) and `--log-json` (everything said as JSON Lines) may stand anywhere on the line.\n"
    return head + "".join(_command(command, name) for name, command in _leaves(get_command(app), "stance"))


def _leaves(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    below = getattr(command, "commands", None)
    if not below:
        yield name, command
    for key, one in (below or {}).items():
        yield from _leaves(one, f"{name} {key}")


def _command(command: click.Command, name: str) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and not getattr(one, "hidden", False)]
    usage = " ".join([name, *(f"[{a.name.upper()}]" if not a.required else a.name.upper() for a in arguments)])
    text = f"\n## {name}\n\n    {usage}{' [OPTIONS]' if options else ''}\n\n{_prose(command.help or '')}\n"
    rows = [(f"`{one.name.upper()}`", one) for one in arguments]
    rows += [(" ".join(f"`{flag}`" for flag in (*one.opts, *one.secondary_opts)), one) for one in options]
    if rows:
        text += "\n| | |\n| --- | --- |\n" + "".join(f"| {told} | {_option(one)} |\n" for told, one in rows)
    return text


def _prose(text: str) -> str:
    return _MARKUP.sub("`", inspect.cleandoc(text).replace("\f", ""))


def _option(parameter: Any) -> str:
    told = " ".join((getattr(parameter, "help", None) or "").split()).replace("|", "\\|")
    default = parameter.default
    if (
        parameter.param_type_name == "option"
        and isinstance(default, (int, float, str))
        and not isinstance(default, bool)
    ):
        told += f" Default: `{default}`."
    return _MARKUP.sub("", told)


# ------------------------------------------------------------------------------------------------- configuration


def _configuration() -> str:
    from typing import get_args

    from toolkit.classifiers import AnyModel
    from toolkit.config import ExperimentConfig
    from toolkit.config.schema import (
        CurveConfig,
        DataConfig,
        EvaluationConfig,
        SplitConfig,
        TrackingConfig,
        TuningConfig,
    )
    from toolkit.labels import Label, LabelScheme, Rule
    from toolkit.settings import ModelSettings, Search

    head = (
        "# Keys of a configuration\n\nAn unknown key, a guessed type and a number without sense are errors, told with file and line. Every key can be\n"
        "set on the command line by its dotted path: `stance train FILE tuning.folds=3 'models=[tfidf-nb]'`.\n"
    )
    kinds = [one for one in get_args(get_args(AnyModel)[0])]
    parts = [("An experiment", ExperimentConfig), ("`data`", DataConfig)]
    parts += [(f"`split` of kind `{_kind(one)}`", one) for one in get_args(get_args(SplitConfig)[0])]
    parts += [
        ("`tuning`", TuningConfig),
        ("`evaluation`", EvaluationConfig),
        ("`curve`", CurveConfig),
        ("`tracking`", TrackingConfig),
    ]
    parts += [("A model of any kind", ModelSettings), ("`search` of a model", Search)]
    schemes = [("A label scheme", LabelScheme), ("A label of a scheme", Label), ("A rule of a label", Rule)]
    common = set(ModelSettings.model_fields)
    text = head + "".join(_keys(title, one, frozenset()) for title, one in parts)
    text += "".join(_keys(f"A model of kind `{_kind(one)}`", one, frozenset(common)) for one in kinds)
    return text + "".join(_keys(title, one, frozenset()) for title, one in schemes)


def _kind(settings: Any) -> str:
    from typing import get_args

    return str(get_args(settings.model_fields["kind"].annotation)[0])


def _keys(title: str, settings: Any, left_out: frozenset[str]) -> str:
    told = _meanings(settings)
    rows = [
        f"| `{name}` | {_default(field)} | {told.get(name, '')} |\n"
        for name, field in settings.model_fields.items()
        if name not in left_out
    ]
    text = inspect.cleandoc(settings.__doc__ or "")
    table = "| key | default | meaning |\n| --- | --- | --- |\n" + "".join(rows) if rows else ""
    return f"\n## {title}\n\n{text}\n\n{table}"


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    shown = value.model_dump(mode="json") if hasattr(value, "model_dump") else value
    return f"`{shown}`".replace("|", "\\|")


def _meanings(cls: type) -> dict[str, str]:
    """Return the texts below the fields of a class, each fit for a cell of a table."""
    from toolkit.config.json_schema import meanings

    return {name: " ".join(told.split()).replace("|", "\\|") for name, told in meanings(cls).items()}


# ------------------------------------------------------------------------------------------------------- columns


_LABELLED = {
    "SCHEME": "The labels that were given; an empty list where none applies, no value where the scheme was not asked.",
    "annotator": "Who or what gave them.",
    "confidence": "How sure: a probability, or a share of answers.",
    "given_at": "When: an ISO time.",
    "comment": "What the annotator wrote beside it.",
    "SCHEME_codebook": "The digest of the label scheme that was followed.",
    "SCHEME_evidence": "The words that each label was given for: label, rule, field (`text` or `cue`), start and end in it, words.",
    "corpus": "The corpus that the statement is of.",
    "licence": "The licence of its text.",
    "sampled": "How the statement was chosen.",
    "agreed": "Whether the annotators gave the same labels.",
    "readings": "What each of them gave, where they did not.",
    "assisted": "Whether the codebook's suggestion was in sight (`stance annotate collect`).",
    "inclusion_probability": "With which probability `stance annotate sample` drew the statement; it travels with the labels.",
}
_ANSWERED = {
    "SCHEME": "The labels that the model gives.",
    "SCHEME_LABEL": "The probability of the label.",
    "SCHEME_withheld": "Whether the model was less sure than `abstain_below`, so that its labels do not count.",
    "SCHEME_evidence": "What the rules of the codebook find, whether or not the model followed them.",
}


def _columns() -> str:
    import pyarrow as pa

    from toolkit.answers import Columns
    from toolkit.records import Article, Statement
    from toolkit.storage import CHANCE, labelled_schema, record_schema

    head = (
        "# Columns of files\n\nThe same columns in JSON Lines, CSV, TSV and Parquet. In CSV and TSV, lists and objects are "
        "written as JSON, and the labels of\na prediction as `a;b`, or `[]` where none applies. Columns of your own are kept and go along.\n"
    )
    article, statement = record_schema(Article), record_schema(Statement)
    labelled = [
        one for one in labelled_schema(["SCHEME"], annotated=True, told=True) if one.name not in statement.names
    ]
    labelled += [pa.field("assisted", pa.bool_()), pa.field(CHANCE, pa.float64())]
    answers = Columns("SCHEME", ("LABEL",), abstains=True, evident=True).schema
    parts = [
        ("Articles", "What `stance extract` and `stance predict` read.", article, _meanings(Article)),
        ("Statements", "What `stance extract` writes.", statement, _meanings(Statement)),
        (
            "Labelled statements",
            "A statement's columns, then these; a row for each statement and annotator. `SCHEME` is `stance`, for example.",
            labelled,
            _LABELLED,
        ),
        (
            "Predictions",
            "Your own columns, a statement's, `model` (its version and run), then these for every label scheme.",
            answers,
            _ANSWERED,
        ),
    ]
    return head + "".join(_table(*part) for part in parts)


def _table(title: str, about: str, schema: Any, told: Mapping[str, str]) -> str:
    rows = "".join(f"| `{one.name}` | {_type(one.type)} | {told.get(one.name, '')} |\n" for one in schema)
    return f"\n## {title}\n\n{about}\n\n| column | type | meaning |\n| --- | --- | --- |\n{rows}"


def _type(kind: Any) -> str:
    """Return an Arrow type in words."""
    import pyarrow as pa

    if pa.types.is_list(kind):
        return (
            "spans: `[[start, end], ...]`" if pa.types.is_list(kind.value_type) else f"list of {_type(kind.value_type)}"
        )
    if pa.types.is_struct(kind):
        return "objects"
    return {"string": "text", "int64": "whole number", "double": "number", "bool": "true or false"}[str(kind)]
