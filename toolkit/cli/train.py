"""``stance train``: an experiment from one YAML file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli import complete, console

if TYPE_CHECKING:
    from toolkit.experiment import Outcome

__all__ = ["train_command"]


def train_command(
    config: Annotated[
        Path,
        typer.Argument(
            help="The experiment's YAML file, or the name of one that is shipped.", autocompletion=complete.experiments
        ),
    ],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Values of the file to change, by dotted path.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the interrupted run of the same configuration and data.")
    ] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Throw the interrupted run away and begin anew.")] = False,
    as_json: console.Summary = False,
) -> None:
    """Run an experiment: extract, join gold labels, split without a leak, train, evaluate once, track in MLflow.

    The best model of every scheme is registered as its candidate. It becomes the champion where there is none, or where
    it is not worse than the champion on the same held-out statements; `stance models promote --force` overrules
    that.

    Finished steps are kept in .stance-work until the end, so that a killed run can go on with --resume.

    Example: [bold]stance train experiments/quickstart.yaml seed=7 tuning.folds=3[/]
    """
    from toolkit.config import experiment_path, load_experiment, project_root
    from toolkit.errors import UsageError
    from toolkit.experiment import run_experiment
    from toolkit.tracking import open_store
    from toolkit.work import Workplace

    if resume and restart:
        raise UsageError("--resume and --restart contradict each other; give one of them.")
    config = experiment_path(config)
    experiment, schemes = load_experiment(config, overrides or [])
    store = open_store()
    with console.Bars() as bars:
        outcome = run_experiment(
            experiment,
            schemes,
            project_root(config),
            store,
            bars,
            Workplace(Path(".stance-work").resolve(), resume, restart),
            overrides or (),
        )
    _report(outcome, _articles_to_try(project_root(config), [*experiment.data.articles, *experiment.data.statements]))
    console.summarise(as_json, "train", _counts(outcome), run_ids=[outcome.run_id], more=_found(outcome))


def _counts(outcome: Outcome) -> dict[str, int | None]:
    aligned = outcome.alignment
    return {
        "trained": len(outcome.plan.final.train),
        "held_out": len(outcome.plan.held_out),
        "gold_extracted": None if aligned is None else len(aligned.matches),
        "gold_missed": None if aligned is None else len(aligned.missed),
        "set_aside": outcome.aside.count,
        "unlabelled": outcome.unlabelled,
        "near_identical": len(outcome.plan.dropped),
        "undated": len(outcome.plan.undated),
    }


def _found(outcome: Outcome) -> dict[str, Any]:
    """Return the held-out figures of every model, and what was registered, as plain values."""
    models = [
        {
            "scheme": row.scheme,
            "model": row.model,
            "chosen": row.chosen,
            "figures": {
                name: {"value": one.value, "low": one.low, "high": one.high, "support": one.support}
                for name, one in row.figures.items()
            },
        }
        for row in outcome.rows
    ]
    registered = [
        {"name": one.name, "version": one.version, "model": one.model, "champion": one.moved, "decision": one.decision}
        for one in outcome.registered
    ]
    return {"models": models, "registered": registered}


def _articles_to_try(root: Path, files: list[str]) -> str:
    """Files that the suggested command can be typed with: fresh articles where there are some."""
    fresh = root / "data" / "sample" / "fresh"
    return os.path.relpath(fresh if fresh.is_dir() else root / files[0])


def _report(outcome: Outcome, articles: str) -> None:
    from toolkit.report import comparison_table, curve_table, gap_table

    console.say("")
    if outcome.alignment is not None:
        found, missed = len(outcome.alignment.matches), len(outcome.alignment.missed)
        console.say(f"{found} of {found + missed} gold statements were extracted; {missed} missed.")
    if outcome.aside.count:
        console.report_aside(outcome.aside, None, "rows (rejected.jsonl)")
    if outcome.unlabelled:
        console.say(f"{outcome.unlabelled} statements lack a label in one of the schemes: left out (unlabelled.jsonl).")
    if outcome.plan.dropped:
        console.say(f"{len(outcome.plan.dropped)} training statements are near-identical to held-out ones: dropped.")
    if outcome.plan.undated:
        console.say(f"{len(outcome.plan.undated)} statements have no month of publication: dropped (undated.jsonl).")
    trained, held_out = len(outcome.plan.final.train), len(outcome.plan.held_out)
    console.say(f"{trained} statements trained the models, {held_out} are held out.")
    for table in comparison_table(outcome.rows):
        console.show(table)
    if outcome.gaps:
        console.say("\nOn sources or months that a model had not seen, against what it had seen the like of:")
        console.show(gap_table(outcome.gaps))
    if outcome.curves:
        console.say("\nLearning curves (held-out figure by the number of training statements):")
        console.show(curve_table(outcome.curves))
    for one in outcome.registered:
        console.say(f"{one.name}: version {one.version} ({one.model}) {one.decision}.")
    console.say("\nNext:")
    console.say("  stance ui")
    for one in outcome.registered:
        console.say(f"  stance predict {articles} -m models:/{one.name}@champion -o {one.name}.parquet")
    for one in outcome.registered:
        if not one.moved:
            forced = f"stance models promote {one.name} {one.version} --force --reason '...'"
            console.say(f"  {forced}  # to make it the champion all the same")
