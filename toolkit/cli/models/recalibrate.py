"""``stance models recalibrate``: how a model decides, learnt anew from a few statements of a new source."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli import console
from toolkit.cli.evaluate.model import labelled_in
from toolkit.cli.runs import interval, value
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from toolkit.evaluation import Figure
    from toolkit.experiment import Recalibration
    from toolkit.model import StanceModel

__all__ = ["recalibrate_command"]


def recalibrate_command(
    model: Annotated[str, typer.Argument(help="A model URI or folder, or the name of a registered model's champion.")],
    data: Annotated[Path, typer.Argument(help="Labelled statements of the new source, a table.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder to save the new model in; it must not be there.")
    ],
    method: Annotated[
        str, typer.Option("--method", help="sigmoid, isotonic, temperature, or none: thresholds alone.")
    ] = "sigmoid",
    folds: Annotated[int, typer.Option("--folds", min=2, max=100, help="Folds of articles to judge it by.")] = 5,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Seed of folds and bootstrap.")] = 0,
    register: Annotated[
        str | None, typer.Option("--register", metavar="NAME", help="Register it too, as a candidate of this name.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON on standard output.")] = False,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run Python code that came with the weights of a model.")
    ] = False,
) -> None:
    """Fit a calibration and thresholds to a new source, tell what that changes, and save the model that decides so.

    The classifier stays as it is. What is told of after is cross-fitted: no statement was decided by what it, or its
    article, had taught. A label with fewer than 5 examples is decided as before. Statements that the model was
    trained on teach it to be too sure.

    Example: [bold]stance models recalibrate models:/stance@champion labelled.jsonl -o recalibrated[/]
    """
    from toolkit.cli.predict import named_models
    from toolkit.evaluation import Resampling
    from toolkit.experiment import recalibrated
    from toolkit.model import StanceModel
    from toolkit.tuning import METHODS

    if method not in METHODS:
        raise UsageError(f"--method: {method!r} is no way to calibrate; there are {', '.join(METHODS)}.")
    _refuse_folder(output)
    named = f"models:/{model}@champion" if ":" not in model and "/" not in model and not Path(model).exists() else model
    ((name, folder),) = named_models([named])
    loaded = StanceModel.load(folder, trust_remote_code=trust_remote_code)
    found = recalibrated(
        loaded, labelled_in(data, loaded.scheme), method=method, folds=folds, resampling=Resampling(seed)
    )
    _save(found.model, output)
    if as_json:
        typer.echo(json.dumps({"model": name, **_plain(found)}, indent=1, ensure_ascii=False))
    else:
        _show(found)
    _say(found, output)
    if register is not None:
        _register(found, name, data, register)


def _refuse_folder(output: Path) -> None:
    if output.exists():
        raise UsageError(f"{output}: is there already; name another folder.")
    if not output.absolute().parent.is_dir():
        raise UsageError(f"{output}: there is no folder {output.parent} to write into.")


def _save(model: StanceModel, output: Path) -> None:
    """Save aside and rename, so that there is a whole model or none."""
    from toolkit.storage import sync_folder

    parent = output.absolute().parent
    with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=parent) as aside:
        model.save(Path(aside) / "model")
        (Path(aside) / "model").rename(output)
    sync_folder(parent)


def _figures(found: Recalibration) -> dict[str, tuple[Figure, Figure]]:
    names = ["f1/macro", "f1/micro", *(f"f1/{label}" for label in found.before.labels), "brier/macro"]
    told = {name: (found.before.figures[name], found.after.figures[name]) for name in names}
    for old, new in zip(found.calibration_before, found.calibration_after, strict=True):
        told[f"ece/{old.label}"] = old.figures["ece"], new.figures["ece"]
    return told


def _plain(found: Recalibration) -> dict[str, Any]:
    decision = found.model.decision
    return {
        "scheme": found.model.scheme.name,
        "statements": found.before.n,
        "articles": found.before.n_articles,
        "folds": found.folds,
        "kept": list(found.kept),
        "thresholds": None if decision.thresholds is None else list(decision.thresholds),
        "calibration": decision.calibration.to_dict(),
        "figures": {
            name: {side: figure.plain() for side, figure in zip(("before", "after"), pair, strict=True)}
            for name, pair in _figures(found).items()
        },
        "gains": {
            name: {"value": gain.value, "low": gain.low, "high": gain.high, "p": gain.p}
            for name, gain in found.gains.items()
        },
    }


def _show(found: Recalibration) -> None:
    from rich.markup import escape
    from rich.table import Table

    from toolkit.evaluation import figure_said

    table = Table(box=None)
    for head in ("figure", "before", "interval", "after", "interval", "gain", "interval", "ex."):
        table.add_column(head, no_wrap=True)
    for name, (old, new) in _figures(found).items():
        cells = (value(old), interval(old), value(new), interval(new), *_gain(found, name), str(old.support))
        table.add_row(escape(figure_said(name)), *cells)
    console.show(table)


def _gain(found: Recalibration, name: str) -> tuple[str, str]:
    gain = found.gains.get(name)
    if gain is None or gain.value is None:
        return "", ""
    bounds = "" if gain.low is None or gain.high is None else f"{gain.low:+.2f} to {gain.high:+.2f}"
    return f"{gain.value:+.3f}", bounds


def _say(found: Recalibration, output: Path) -> None:
    size = f"{found.before.n} statements of {found.before.n_articles} articles"
    console.say(f"{size}; 'after' is of {found.folds} folds, each decided by what the others taught.")
    if found.kept:
        console.say(f"Too few examples, decided as before: {', '.join(found.kept)}.")
    thresholds = found.model.decision.thresholds
    if thresholds is not None:
        pairs = zip(found.model.scheme.label_names, thresholds, strict=True)
        console.say("Thresholds: " + ", ".join(f"{label} {cut:.3f}" for label, cut in pairs) + ".")
    console.say(f"The model is saved in {output}.")


def _register(found: Recalibration, name: str, data: Path, register: str) -> None:
    from toolkit.experiment import log_recalibration
    from toolkit.tracking import open_store

    registered = log_recalibration(open_store(), found, name, data, register)
    console.say(f"{registered.name}: version {registered.version} {registered.decision}.")
