"""``stance evaluate behaviour``: whether labels behave as the codebook says, by minimal pairs or by capabilities."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli import complete, console
from toolkit.cli.evaluate.checked import show_bias, show_checklist
from toolkit.cli.evaluate.figures import show_figures
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from toolkit.config import BehaviourConfig
    from toolkit.evaluation import Checklist
    from toolkit.labels import LabelScheme
    from toolkit.model import StanceModel
    from toolkit.records import Statement
    from toolkit.tracking import LoggedRun

__all__ = ["behaviour_command"]

_TABLES = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".xlsx", ".gz", ".zst")


def behaviour_command(
    tests: Annotated[
        list[str] | None,
        typer.Argument(
            help="Capabilities (configs/behaviour/NAME.yaml by name, or a YAML file), or tables of minimal pairs; "
            "without: the pairs of data/behaviour/SCHEME.jsonl of the project."
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            help="A model URI or folder; without: the codebook's rules alone.",
            autocompletion=complete.models,
        ),
    ] = None,
    scheme: Annotated[
        str, typer.Option("--scheme", help="Of pairs: the label scheme, by name or path. YAML files name their own.")
    ] = "stance",
    statements: Annotated[
        Path | None,
        typer.Option("--statements", help="Of YAML files: change these statements, a table, instead of their own."),
    ] = None,
    failures: Annotated[
        Path | None, typer.Option("--failures", help="Write the tests that failed: .jsonl .csv .tsv .parquet.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Of a YAML file: draw how labels depend on countries: .png .svg .pdf.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON on standard output.")] = False,
    log: Annotated[
        bool,
        typer.Option(
            "--log",
            help="Of YAML files: log what --json prints as behaviour.json of the model's run, for stance report. "
            "--model is then a run's id, EXPERIMENT/MODEL, or a registered model.",
        ),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Of draws and bootstrap.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the files of failures and plot.")] = False,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run Python code that came with the weights of a model.")
    ] = False,
) -> None:
    """Change statements where nothing, or just one label, may change with them, and count what goes wrong.

    Tables hold minimal pairs. YAML files name capabilities: invariance (speaker, country, gender, date, verb),
    direction (a threat or a denial added), and cases whose labels are known. Swapped countries tell the
    model's bias by country.

    Example: [bold]stance evaluate behaviour stance --statements data/sample/gold.jsonl --plot countries.svg[/]
    """
    from toolkit.report import BIAS_FORMATS
    from toolkit.storage import WRITTEN, refuse_overwrite, table_format

    given = tests or []
    files = [one for one in given if not one.lower().endswith(_TABLES)]
    if files and len(files) != len(given):
        raise UsageError(
            "give tables of pairs, or YAML files of capabilities; the two are told apart in their figures."
        )
    for option, value in (("--statements", statements), ("--plot", plot), ("--log", log or None)):
        if value is not None and not files:
            raise UsageError(
                f"{option} is for capabilities; name them, 'stance evaluate behaviour stance' for example."
            )
    if log and model is None:
        raise UsageError("--log needs --model: a run's id, EXPERIMENT/MODEL, or a registered model.")
    if plot is not None and plot.suffix[1:].lower() not in BIAS_FORMATS:
        raise UsageError(f"--plot {plot}: a name that ends in .{', .'.join(BIAS_FORMATS)} is needed.")
    if failures is not None:
        table_format(failures, WRITTEN)
    for path in (failures, plot):
        if path is not None:
            refuse_overwrite(path, force)
    if files:
        _capabilities(files, model, statements, failures, plot, log, as_json, seed, trust_remote_code)
    else:
        _pairs([Path(one) for one in given], model, scheme, failures, as_json, seed, trust_remote_code)


def _pairs(
    tables: Sequence[Path],
    model: str | None,
    scheme: str,
    failures: Path | None,
    as_json: bool,
    seed: int,
    trust_remote_code: bool,
) -> None:
    from toolkit.config import in_project, load_scheme, project_root
    from toolkit.evaluation import FAILED_COLUMNS, Resampling, evaluate_behaviour
    from toolkit.evaluation.behaviour.bias import plain_figure
    from toolkit.storage import read_behaviour, write_plain

    root = project_root(tables[0] if tables else Path.cwd() / "-")
    read = load_scheme(scheme, root)
    named = tables or [in_project(root, f"data/behaviour/{read.name}.jsonl")]
    rows = [row for table in named for row in read_behaviour(table, read)]
    given, _ = _answers([row.statement for row in rows], read, _loaded(model, read, trust_remote_code))
    found = evaluate_behaviour(rows, given, Resampling(seed))
    if as_json:
        _print({"figures": {k: plain_figure(v) for k, v in found.figures.items()}, "failed": len(found.failed)})
    else:
        show_figures(found.figures.items(), found.confidence)
    if failures is not None:
        write_plain(found.rows(), failures, FAILED_COLUMNS)
    _say_failed(len(found.failed), len(rows), failures)


def _capabilities(
    files: Sequence[str],
    model: str | None,
    statements: Path | None,
    failures: Path | None,
    plot: Path | None,
    log: bool,
    as_json: bool,
    seed: int,
    trust_remote_code: bool,
) -> None:
    from toolkit.config import load_behaviour
    from toolkit.evaluation import CHECKED_COLUMNS
    from toolkit.report import bias_plot
    from toolkit.storage import read_statements, write_plain, written_aside

    read = [load_behaviour(name) for name in files]
    if len({scheme.name for _, scheme in read}) > 1:
        raise UsageError("the files are of different label schemes; ask one after the other.")
    names = [name for config, _ in read for name in config.capabilities]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"the capability {name!r} stands in two of the files.")
    scheme = read[0][1]
    logged = _logged(model) if log and model is not None else None
    loaded = _loaded(model, scheme, trust_remote_code, None if logged is None else logged[1])
    bases = None if statements is None else list(read_statements(statements))
    found = [_checked(config, scheme, loaded, bases, seed) for config, _ in read]
    bias = [(name, one) for checklist in found for name, one in checklist.bias.items()]
    if plot is not None and not bias:
        raise UsageError("--plot: no country could be swapped; there is nothing to draw.")
    told = {"scheme": scheme.name, "model": model, **_merged(found), "seed": seed}
    told |= {"files": list(files), "changed": "bases of the files" if statements is None else statements.name}
    if as_json:
        _print(told)
    else:
        for checklist in found:
            show_checklist(checklist)
        for _, one in bias:
            show_bias(one)
    failed = [row for checklist in found for row in checklist.failed]
    if failures is not None:
        write_plain(failed, failures, CHECKED_COLUMNS)
    if plot is not None:
        drawn = bias_plot(bias[0][1], model or "the codebook's rules", plot.suffix[1:].lower())
        with written_aside(plot) as aside:
            aside.write_bytes(drawn)
        console.say(f"drawn: {plot}")
    for name in (name for checklist in found for name in checklist.empty):
        console.say(f"{name}: no statement could be changed.")
    if logged is not None:
        _attach(logged[0], told)
    _say_failed(len(failed), sum(checklist.n for checklist in found), failures)


def _checked(
    config: BehaviourConfig,
    scheme: LabelScheme,
    model: StanceModel | None,
    bases: Sequence[Statement] | None,
    seed: int,
) -> Checklist:
    from toolkit.evaluation import Resampling
    from toolkit.review.checklist import run_checklist

    return run_checklist(
        config, scheme.label_names, lambda asked: _answers(asked, scheme, model), bases, Resampling(seed)
    )


def _loaded(
    model: str | None, scheme: LabelScheme, trust_remote_code: bool, uri: str | None = None
) -> StanceModel | None:
    """Return the model that is asked; None: the codebook's rules. Raises UsageError where it answers something else.

    ``uri`` is where it lies if ``model`` names its run.
    """
    from toolkit.cli.predict import named_models
    from toolkit.model import StanceModel

    if model is None:
        return None
    ((_, folder),) = named_models([uri or model])
    loaded = StanceModel.load(folder, trust_remote_code=trust_remote_code)
    if loaded.scheme.name != scheme.name:
        raise UsageError(f"{model} answers the label scheme '{loaded.scheme.name}', the tests are of '{scheme.name}'.")
    if set(loaded.scheme.labels) != set(scheme.labels):
        told = ", ".join(loaded.scheme.labels)
        raise UsageError(f"{model} knows other labels of '{scheme.name}' than the tests ({told}).")
    return loaded


def _answers(
    statements: Sequence[Statement], scheme: LabelScheme, model: StanceModel | None
) -> tuple[Sequence[Sequence[str]], Any]:
    """Return labels and probabilities (n, labels) in the scheme's order; the rules alone tell no probabilities."""
    from toolkit.codebook import Codebook

    if model is None:
        codebook = Codebook(scheme)
        return [codebook.labels_of(codebook.find(one)) for one in statements], None
    answers = model.answers(statements)
    order = [model.scheme.label_names.index(label) for label in scheme.label_names]
    return answers.labels, answers.probabilities[:, order]


def _merged(found: Sequence[Checklist]) -> dict[str, Any]:
    """Return what several files have come to as one."""
    plain = [one.to_dict() for one in found]
    return {
        "tests": sum(one["tests"] for one in plain),
        "failed": sum(one["failed"] for one in plain),
        "confidence": plain[0]["confidence"],
        "capabilities": {name: one for told in plain for name, one in told["capabilities"].items()},
        "empty": [name for told in plain for name in told["empty"]],
        "bias": {name: one for told in plain for name, one in told["bias"].items()},
    }


def _logged(model: str) -> tuple[LoggedRun, str]:
    """Return the one run that a model comes from, and the URI of its model. Raises UsageError where it is not one."""
    from toolkit.tracking import model_of, open_store, read_runs

    store = open_store(must_exist=True)
    found = read_runs(store, model)
    if len(found) != 1:
        raise UsageError(f"--log: {model} means {len(found)} runs; name one: {model}/{found[0].model}.")
    return found[0], model_of(store, found[0])


def _attach(run: LoggedRun, told: dict[str, Any]) -> None:
    import json

    from toolkit.tracking import attach, open_store

    text = json.dumps(told, indent=1, ensure_ascii=False)
    attach(open_store(must_exist=True), run.run_id, "behaviour.json", text)
    console.say(
        f"Logged as behaviour.json of run {run.run_id} ({run.scheme.name}/{run.model}); stance report shows it."
    )


def _print(told: dict[str, Any]) -> None:
    import json

    typer.echo(json.dumps(told, indent=1, ensure_ascii=False))


def _say_failed(failed: int, n: int, path: Path | None) -> None:
    listed = f": {path}" if path else "; --failures FILE lists them." if failed else "."
    console.say(f"{failed} of {n} tests failed{listed}")
