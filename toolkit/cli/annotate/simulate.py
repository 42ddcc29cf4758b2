"""``stance annotate simulate``: how many labels each way of sampling needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli import console
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from toolkit.labeling.people import Plan, Simulation
    from toolkit.labels import LabelScheme
    from toolkit.settings import ModelSettings

__all__ = ["simulate_command"]

_COLUMNS = ("strategy", "seed", "labels", "macro_f1", "full")


def simulate_command(
    files: Annotated[list[Path], typer.Argument(help="Labelled tables; rows of several annotators are combined.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the learning curves go: .jsonl .csv .tsv .parquet.")
    ] = None,
    scheme: Annotated[str, typer.Option("--scheme", help="The label scheme, by name or path.")] = "stance",
    strategy: Annotated[
        list[str] | None, typer.Option("--strategy", help="Beside random; repeatable (default: all that are known).")
    ] = None,
    model: Annotated[str, typer.Option("--model", "-m", help="What learns: a name or path of configs/models.")] = (
        "tfidf-logreg"
    ),
    other: Annotated[str, typer.Option("--other", help="disagreement: the model that it is compared with.")] = (
        "tfidf-nb"
    ),
    start: Annotated[int, typer.Option("--start", min=2, max=10**6, help="Labels to begin with, at random.")] = 100,
    batch: Annotated[int, typer.Option("--batch", min=1, max=10**6, help="Labels between two trainings.")] = 100,
    most: Annotated[int | None, typer.Option("--most", min=2, max=10**9, help="Stop at so many labels.")] = None,
    share: Annotated[
        float, typer.Option("--share", min=0.01, max=1, help="Of the macro F1 of all labels: where one has arrived.")
    ] = 0.95,
    test_size: Annotated[
        float, typer.Option("--test-size", min=0.1, max=0.9, help="The share of articles that is held out.")
    ] = 0.3,
    floor: Annotated[
        float, typer.Option("--floor", min=0.01, max=1, help="The share of the chance that is the same for all.")
    ] = 0.2,
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=1000, help="How many repetitions.")] = 10,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Seed of the first repetition.")] = 0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the interrupted simulation of the same data and options.")
    ] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Throw the interrupted one away and begin anew.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON on standard output.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
) -> None:
    """Play labelling through on a table that is labelled: what would each way of sampling have saved?

    Every repetition holds out articles and labels a first batch at random; then a model learns, and each strategy draws
    its next batch. Told is how many labels it takes to 95 % of the macro F1 that all labels give, beside random.
    Thresholds are not tuned here: of several labels those above 0.5 are given, or above a model's fixed threshold.

    Finished curves are kept in .stance-work until the end, so that a killed run can go on with --resume.

    Example: [bold]stance annotate simulate coded.jsonl --strategy uncertain --batch 100 -o curves.csv[/]
    """
    import json

    from toolkit.cli.schemes import scheme_of
    from toolkit.config import load_model_settings, project_root
    from toolkit.labeling.people import SIMULATED, Plan, simulate
    from toolkit.storage import WRITTEN, read_labelled, refuse_overwrite, table_format
    from toolkit.work import Workplace

    if resume and restart:
        raise UsageError("--resume and --restart contradict each other; give one of them.")
    if output is not None:
        table_format(output, WRITTEN)
        refuse_overwrite(output, force, files)
    if most is not None and most < start:
        raise UsageError(f"--most: {most} is less than the {start} labels to begin with (--start).")
    asked = scheme_of(scheme, files[0])
    chosen = tuple(dict.fromkeys(("random", *(strategy or SIMULATED))))
    plan = Plan(chosen, start, batch, most, seeds, seed, test_size, share, floor)
    roots = list(dict.fromkeys((project_root(files[0]), project_root(Path.cwd() / "-"))))
    root = next((one for one in roots if (one / "configs" / "models").is_dir()), roots[0])
    settings = load_model_settings(model, root)
    second = load_model_settings(other, root) if "disagreement" in chosen else None
    rows = [pair for file in files for pair in read_labelled(file, [asked])]
    told_by = _fingerprint(files, asked, {"model": settings, "other": second}, plan)
    place = Workplace(Path(".stance-work").resolve(), resume, restart)
    with console.Bars() as bars, place.open("simulate", told_by) as work:
        found = simulate(rows, asked, settings, plan, other=second, work=work.heard_by(bars))
    if output is not None:
        _write(found, output)
    told = {"scheme": asked.name, "model": model, **found.to_dict()}
    if as_json:
        typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    _show(told)


def _fingerprint(
    files: list[Path], scheme: LabelScheme, models: dict[str, ModelSettings | None], plan: Plan
) -> dict[str, str]:
    """Return what a resumed simulation must have in common with the one that it goes on with."""
    from toolkit.storage import file_sha256
    from toolkit.version import __version__

    told = {f"SHA-256 of {file}": file_sha256(file) for file in files}
    told |= {name: one.model_dump_json() for name, one in models.items() if one is not None}
    told |= {f"option {name}": str(getattr(plan, name)) for name in plan.__slots__}
    return told | {"label scheme": scheme.digest, "toolkit": __version__}


def _write(found: Simulation, output: Path) -> None:
    import pyarrow as pa

    from toolkit.storage import write_rows

    types = (pa.string(), pa.int64(), pa.int64(), pa.float64(), pa.float64())
    rows = (
        dict(zip(_COLUMNS, (course.strategy, course.seed, size, value, course.full), strict=True))
        for course in found.courses
        for size, value in course.curve
    )
    written = write_rows(rows, output, schema=pa.schema(list(zip(_COLUMNS, types, strict=True))))
    console.say(f"{console.counted(written, 'rows')}: {output}")


def _show(told: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table("", f"labels to {told['share']:.0%}", "interval", "arrived", "sooner, later", "p", "F1 above random")
    for name, one in told["strategies"].items():
        labels, above = one["labels"], one.get("above_random")
        middle = "never" if labels["median"] is None else f"{labels['median']:.0f}"
        row = [name, middle, _bounds(labels, ".0f"), f"{one['arrived']}/{told['seeds']}"]
        if above is not None:
            p = "—" if one["p_value"] is None else f"{one['p_value']:.3f}"
            row += [f"{one['sooner']}, {one['later']}", p, f"{above['value']:+.3f} ({_bounds(above, '+.3f') or '—'})"]
        table.add_row(*row)
    console.show(table)
    console.say(_sentence(told))


def _sentence(told: dict[str, Any]) -> str:
    data = f"{told['statements']} statements of {told['articles']} articles, {told['seeds']} repetitions"
    full = told["full"]
    bounds = _bounds(full, ".3f")
    reached = f"{full['value']:.3f}" + (f" ({bounds})" if bounds else "")
    strategies = {name: one for name, one in told["strategies"].items() if name != "random"}
    better = [n for n, one in strategies.items() if (one["above_random"]["low"] or 0) > 0]
    worse = [n for n, one in strategies.items() if (one["above_random"]["high"] or 0) < 0]
    told_better = f"The learning curve lies above random's for {', '.join(better) or 'none'}"
    return f"{data}; all labels give a macro F1 of {reached}. {told_better}, below it for {', '.join(worse) or 'none'}."


def _bounds(figure: dict[str, float | None], form: str) -> str:
    low, high = figure["low"], figure["high"]
    if low is None:
        return ""
    return f"{low:{form}} to {high:{form}}" if high is not None else f"above {low:{form}}"
