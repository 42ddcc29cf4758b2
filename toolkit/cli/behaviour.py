"""``stance evaluate behaviour``: whether labels behave as the codebook says, by minimal pairs or by capabilities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli import complete, console
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from toolkit.config import BehaviourConfig
    from toolkit.evaluation import Bias, Checklist, Figure
    from toolkit.labels import LabelScheme
    from toolkit.model import StanceModel
    from toolkit.records import Statement

__all__ = ["behaviour_command", "show_figures"]

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
    for option, value in (("--statements", statements), ("--plot", plot)):
        if value is not None and not files:
            raise UsageError(
                f"{option} is for capabilities; name them, 'stance evaluate behaviour stance' for example."
            )
    if plot is not None and plot.suffix[1:].lower() not in BIAS_FORMATS:
        raise UsageError(f"--plot {plot}: a name that ends in .{', .'.join(BIAS_FORMATS)} is needed.")
    if failures is not None:
        table_format(failures, WRITTEN)
    for path in (failures, plot):
        if path is not None:
            refuse_overwrite(path, force)
    if files:
        _capabilities(files, model, statements, failures, plot, as_json, seed, trust_remote_code)
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
    from toolkit.storage import read_behaviour, write_plain

    root = project_root(tables[0] if tables else Path.cwd() / "-")
    read = load_scheme(scheme, root)
    named = tables or [in_project(root, f"data/behaviour/{read.name}.jsonl")]
    rows = [row for table in named for row in read_behaviour(table, read)]
    given, _ = _answers([row.statement for row in rows], read, _loaded(model, read, trust_remote_code))
    found = evaluate_behaviour(rows, given, Resampling(seed))
    if as_json:
        _print({"figures": {k: _plain_figure(v) for k, v in found.figures.items()}, "failed": len(found.failed)})
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
    loaded = _loaded(model, scheme, trust_remote_code)
    bases = None if statements is None else list(read_statements(statements))
    found = [_checked(config, scheme, loaded, bases, seed) for config, _ in read]
    bias = [(name, one) for checklist in found for name, one in checklist.bias.items()]
    if plot is not None and not bias:
        raise UsageError("--plot: no country could be swapped; there is nothing to draw.")
    if as_json:
        _print(_plain(found, scheme.name, model))
    else:
        for checklist in found:
            _show(checklist)
        for _, one in bias:
            _show_bias(one)
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


def _loaded(model: str | None, scheme: LabelScheme, trust_remote_code: bool) -> StanceModel | None:
    """Return the model that is asked; None: the codebook's rules. Raises UsageError where it answers something else."""
    from toolkit.cli.predict import named_models
    from toolkit.model import StanceModel

    if model is None:
        return None
    ((_, folder),) = named_models([model])
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


def _show(found: Checklist) -> None:
    from rich.table import Table

    table = Table("capability", "kind", f"failed \\[{found.confidence:.0%}]", "tests", "of", "if labelled", box=None)
    for name, one in found.capabilities.items():
        labelled = "" if one.labelled is None else f"{_short(one.labelled)} of {one.labelled.support}"
        table.add_row(name, one.kind, _cell(one.failures), str(one.failures.support), str(one.groups), labelled)
    console.show(table)
    console.say("failed: the lower the better; of: articles or templates, which the intervals are over.")
    if any(one.labelled for one in found.capabilities.values()):
        console.say("if labelled: failed of those that had a label before they were changed.")


def _show_bias(bias: Bias) -> None:
    from rich.table import Table

    has_means = any(found.means for found in bias.labels.values())
    what = "mean probability" if has_means else "share with the label"
    console.say(f"\n{what.capitalize()} by country, the same {bias.blocks} statements under each:")
    table = Table("country", *bias.labels, box=None)
    for name in bias.treatments:
        table.add_row(name, *(_short((one.means or one.rates)[name]) for one in bias.labels.values()))
    table.add_row("p, labels (Holm)", *(_p(one.p_rates, one.p_rates_holm) for one in bias.labels.values()))
    if has_means:
        table.add_row("p, probabilities", *(_p(one.p_means, one.p_means_holm) for one in bias.labels.values()))
    console.show(table)
    console.say("p: of no difference between countries (labels: Cochran's Q; probabilities: Friedman).")
    if any(one.p_rates is None for one in bias.labels.values()):
        console.say("—: every statement is answered alike under all countries; there is nothing to test.")
    console.say("Intervals: --json, --plot.")


def _cell(figure: Figure) -> str:
    bounds = "" if figure.low is None or figure.high is None else f" \\[{figure.low:.3f}, {figure.high:.3f}]"
    return f"{_short(figure)}{bounds}"


def _short(figure: Figure) -> str:
    return "—" if figure.value is None else f"{figure.value:.3f}"


def _p(alone: float | None, corrected: float | None) -> str:
    return "—" if alone is None or corrected is None else f"{alone:.2g} ({corrected:.2g})"


def _plain(found: Sequence[Checklist], scheme: str, model: str | None) -> dict[str, Any]:
    return {
        "scheme": scheme,
        "model": model,
        "tests": sum(one.n for one in found),
        "failed": sum(len(one.failed) for one in found),
        "capabilities": {
            name: {
                "kind": one.kind,
                "groups": one.groups,
                "failures": _plain_figure(one.failures),
                "labelled_failures": None if one.labelled is None else _plain_figure(one.labelled),
            }
            for checklist in found
            for name, one in checklist.capabilities.items()
        },
        "empty": [name for one in found for name in one.empty],
        "bias": {name: _plain_bias(one) for checklist in found for name, one in checklist.bias.items()},
    }


def _plain_bias(bias: Bias) -> dict[str, Any]:
    labels = {
        label: {
            "rates": {name: _plain_figure(figure) for name, figure in one.rates.items()},
            "probabilities": {name: _plain_figure(figure) for name, figure in one.means.items()},
            "p_rates": one.p_rates,
            "p_rates_holm": one.p_rates_holm,
            "p_probabilities": one.p_means,
            "p_probabilities_holm": one.p_means_holm,
        }
        for label, one in bias.labels.items()
    }
    return {"statements": bias.blocks, "labels": labels}


def _print(told: dict[str, Any]) -> None:
    import json

    typer.echo(json.dumps(told, indent=1, ensure_ascii=False))


def _plain_figure(figure: Figure) -> dict[str, float | int | None]:
    """Return a figure as it is printed in JSON; undefined is null."""
    return {"value": figure.value, "low": figure.low, "high": figure.high, "n": figure.support}


def _say_failed(failed: int, n: int, path: Path | None) -> None:
    listed = f": {path}" if path else "; --failures FILE lists them." if failed else "."
    console.say(f"{failed} of {n} tests failed{listed}")


def show_figures(figures: Iterable[tuple[str, Figure]], confidence: float) -> None:
    """Show figures with their intervals as a table."""
    from rich.table import Table

    table = Table("figure", "value", f"{confidence:.0%} interval", "support", box=None)
    for name, figure in figures:
        table.add_row(name, *_cells(figure))
    console.show(table)


def _cells(figure: Figure) -> tuple[str, str, str]:
    value = "undefined" if figure.value is None else f"{figure.value:.4f}"
    bounds = "" if figure.low is None or figure.high is None else f"{figure.low:.3f} to {figure.high:.3f}"
    return value, bounds, str(figure.support)
