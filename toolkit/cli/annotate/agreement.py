"""``stance annotate agreement``: how far annotators agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli import console
from toolkit.cli.annotate.spans import compare_spans
from toolkit.cli.schemes import scheme_of
from toolkit.cli.tracked import Track, store_of, track
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from toolkit.evaluation import Agreement, Drift
    from toolkit.labels import LabelScheme
    from toolkit.tracking import Store

__all__ = ["agreement_command"]

_LEVEL = 0.05


def agreement_command(
    files: Annotated[
        list[Path],
        typer.Argument(help="Labelled tables: a row per statement and annotator, with statement_id, text, annotator."),
    ],
    scheme: Annotated[
        list[str] | None,
        typer.Option("--scheme", help="The label scheme, by name or path (default: stance and sentiment where there)."),
    ] = None,
    contested: Annotated[
        int, typer.Option("--contested", min=0, max=1000, help="How many of the most contested statements to show.")
    ] = 3,
    resamples: Annotated[int, typer.Option("--resamples", min=100, max=100_000, help="Of the intervals.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Seed of the bootstrap.")] = 0,
    spans: Annotated[
        bool, typer.Option("--spans", help="Compare where statements stand, not labels: article_id and spans at least.")
    ] = False,
    articles: Annotated[
        list[Path] | None, typer.Option("--articles", "-a", help="--spans: the articles that all of them read whole.")
    ] = None,
    tracked: Track = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON on standard output.")] = False,
) -> None:
    """Say how far annotators agree: Krippendorff's alpha with its interval, Cohen's kappa, Gwet's AC1.

    Per label and pooled, over the statements that two or more annotators labelled; for label sets also alpha by MASI.
    Each annotator may have a file of his own; a file that names no annotator is one, by its name. Where it is known
    when labels were given, it is tested whether an annotator drifts away from the others as labelling goes on.

    With --spans it is said how far they agree on what is a statement: alpha over the words of the articles, and the
    share of statements that two of them both marked.

    With --json the labels of one scheme are the keys beside [bold]pooled[/]; of several, each stands under its name.

    Example: [bold]stance annotate agreement coded.csv --scheme stance --json[/]
    """
    import json
    from dataclasses import replace

    from toolkit.evaluation import Resampling, agreement, drifts
    from toolkit.storage import read_labelled

    if spans:
        compare_spans(files, _articles(articles, scheme, tracked), resamples, seed, as_json)
        return
    if articles:
        raise UsageError("--articles belongs to --spans.")
    schemes = _schemes(files[0], scheme)
    store = store_of(tracked)
    rows = [
        (statement, labels if labels.annotator or len(files) == 1 else replace(labels, annotator=file.name))
        for file in files
        for statement, labels in read_labelled(file, schemes)
    ]
    found = [agreement(rows, one, Resampling(seed, resamples), contested) for one in schemes]
    moved = [drifts(rows, one, seed) for one in schemes]
    if store is not None:
        _track(store, files, schemes, found)
    if as_json:
        told = {one.scheme: _plain(one, drift) for one, drift in zip(found, moved, strict=True)}
        typer.echo(json.dumps(told if len(told) > 1 else next(iter(told.values())), indent=1, ensure_ascii=False))
        return
    for one, drift in zip(found, moved, strict=True):
        _show(one)
        console.say(_drift_sentence(drift))


def _articles(articles: list[Path] | None, scheme: list[str] | None, tracked: bool) -> list[Path]:
    if not articles:
        raise UsageError("--spans: --articles names the articles in which they were marked.")
    if scheme or tracked:
        raise UsageError(f"{'--scheme' if scheme else '--track'}: --spans compares spans, which have no labels.")
    return articles


def _schemes(file: Path, names: list[str] | None) -> list[LabelScheme]:
    """Return the label schemes that are asked for, or whose columns a file has."""
    from toolkit.model import own_models
    from toolkit.storage import read_rows

    if names:
        return [scheme_of(name, file) for name in dict.fromkeys(names)]
    first = next(iter(read_rows(file)), None)
    there = [name for name in own_models() if first is not None and name in first.values]
    if not there:
        known = " nor ".join(f"'{name}'" for name in own_models())
        raise UsageError(f"{file}: has no column {known}; --scheme says which label schemes its labels are of.")
    return [scheme_of(name, file) for name in there]


def _track(store: Store, files: list[Path], schemes: list[LabelScheme], found: list[Agreement]) -> None:
    import json

    metrics: dict[str, float | None] = {}
    for one in found:
        for label, told in [*one.labels.items(), ("pooled", one.pooled)]:
            names = ("n", "given", "alpha", "alpha_low", "alpha_high", "kappa", "ac1")
            metrics |= {f"{one.scheme}/{label}/{name}": getattr(told, name) for name in names}
    track(
        store,
        "agreement",
        tables=files,
        inputs=[],
        schemes=schemes,
        annotators={name for one in found for name in one.annotators},
        parameters={},
        metrics=metrics,
        files={"agreement.json": json.dumps({one.scheme: one.to_dict() for one in found}, indent=1)},
    )


def _plain(found: Agreement, drift: list[Drift]) -> dict[str, Any]:
    told = found.to_dict()
    told["pooled"] |= {"drift": [one.to_dict() for one in drift]}
    return told


def _show(found: Agreement) -> None:
    from rich.table import Table

    kappa = "kappa" if len(found.annotators) == 2 else "kappa, mean of pairs"
    table = Table("", "given", "alike", "alpha", f"{found.confidence:.0%} interval", kappa, "AC1", title=found.scheme)
    for name, one in [*found.labels.items(), ("pooled", found.pooled)]:
        given = "" if name == "pooled" else str(one.given)
        bounds = console.bounds(one.alpha_low, one.alpha_high)
        table.add_row(name, given, _of(one.alike, one.n), _said(one.alpha), bounds, _said(one.kappa), _said(one.ac1))
    if found.sets is not None:
        bounds = console.bounds(found.sets.low, found.sets.high)
        table.add_row("sets (MASI)", "", _of(found.alike, found.statements), _said(found.sets.value), bounds)
    console.show(table)
    console.say(_sentence(found))
    for disputed in found.contested:
        console.say(f"{disputed.statement.statement_id}: {disputed.statement.text[:200]}")
        readings = (f"{name}: {', '.join(labels) or 'none'}" for name, labels in disputed.given.items())
        console.say("  " + "; ".join(readings))


def _sentence(found: Agreement) -> str:
    """Say what the table holds, for a paper's section on data."""
    names = f"{', '.join(found.annotators[:-1])} and {found.annotators[-1]}"
    both = f"both {names}" if len(found.annotators) == 2 else f"two or more of {names}"
    who = both if len(found.annotators) < 5 else f"two or more of {len(found.annotators)} annotators"
    counted = f"{found.statements} statements of {found.articles} articles were labelled by {who}"
    alone = f", {found.single} more by one annotator alone" if found.single else ""
    known = {name: one for name, one in found.labels.items() if one.alpha is not None}
    told = ", ".join(f"{one.alpha:.2f} for {name}" for name, one in known.items())
    unknown = [name for name in found.labels if name not in known]
    only = f"; undefined for {', '.join(unknown)}, which all or nobody gave" if unknown else ""
    alphas = f"{told}{only}" if told else "undefined, for every label all or nobody gave"
    return f"{counted}{alone}; {found.alike} of them alike. Krippendorff's alpha: {alphas}."


def _drift_sentence(drift: list[Drift]) -> str:
    """Say who drifts over time, or that nobody is seen to."""
    tested = [one for one in drift if one.p_value is not None]
    if not tested:
        return "Whether anybody drifts over time cannot be said: it takes answers with times, of five articles or more."
    moved = [_moved(one) for one in tested if (one.p_value or 0.0) < _LEVEL]
    if moved:
        return f"Over time, by thirds of what each labelled: {'; '.join(moved)} (permutation of articles, Holm)."
    least = min(one.p_value for one in tested if one.p_value is not None)
    return f"Nobody is seen to drift over time (smallest p of {len(tested)} tests {least:.3f}, by Holm)."


def _moved(one: Drift) -> str:
    form = ".2f" if one.label is None else "+.2f"
    thirds = ", ".join(f"{value:{form}}" for value in one.thirds or ())
    what = "distance from the others" if one.label is None else f"gives {one.label!r} oftener than the others by"
    return f"{one.annotator}: {what} {thirds}, p {one.p_value:.3f}"


def _of(some: int, all_of: int) -> str:
    return f"{some}/{all_of}"


def _said(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
