"""``stance evaluate codebook``: how faithfully a labeler follows the codebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import complete, console
from toolkit.cli.label import inference_model, language_model, only_for
from toolkit.cli.schemes import scheme_of
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.evaluation import Figure
    from toolkit.labeling import Fidelity, Labeler
    from toolkit.labels import LabelScheme

__all__ = ["codebook_command"]

_MEANS = {
    "order": "same labels, codebook in reverse",
    "names": "same labels, called label_1 ...",
    "swapped": "labels follow swapped definitions",
    "aside": "same labels, irrelevant sentence added",
    "examples": "codebook's examples get their label",
}


def codebook_command(
    statements: Annotated[Path, typer.Argument(help="A table of statements: statement_id and text at least.")],
    by: Annotated[
        str,
        typer.Option(
            "--by", help="Who labels: codebook (its rules), nli, llm, or a model.", autocompletion=complete.labelers
        ),
    ],
    scheme: Annotated[
        str, typer.Option("--scheme", help="The label scheme, by name or path.", autocompletion=complete.schemes)
    ] = "stance",
    config: Annotated[Path | None, typer.Option("--config", help="llm, nli: as for stance label.")] = None,
    base_url: Annotated[str | None, typer.Option("--base-url", help="llm: as for stance label.")] = None,
    llm: Annotated[str | None, typer.Option("--llm", help="llm: the name of the model there.")] = None,
    weights: Annotated[str | None, typer.Option("--weights", help="nli: a folder or an id on the hub.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Seed of the bootstrap.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON on standard output.")] = False,
) -> None:
    """Tell a labeler the codebook in other words, and see whether its labels follow the definitions or the names.

    Statements are labelled five times: as they are, with the labels in reverse, under names that say nothing, with
    definitions that have changed places, and with an irrelevant sentence behind them.

    Example: [bold]stance evaluate codebook statements.jsonl --by codebook[/]
    """
    import json

    from toolkit.evaluation import Resampling
    from toolkit.labeling import Asked, LanguageModel, Rules, Trained, fidelity, hypotheses
    from toolkit.model import StanceModel
    from toolkit.storage import read_statements

    only_for(by, "llm", {"--base-url": base_url, "--llm": llm})
    only_for(by, "nli", {"--weights": weights})
    reads = by in ("codebook", "nli", "llm")
    asked = scheme_of(scheme, statements)
    if by == "llm":
        settings = language_model(Asked(asked), config, base_url, llm, None, False).config
    elif by == "nli":
        inference = inference_model(config, weights)
    elif not reads:
        from toolkit.cli.predict import named_models

        ((name, folder),) = named_models([by])
        model = StanceModel.load(folder)
        asked = model.scheme

    def labeler_of(told: LabelScheme) -> Labeler:
        if by == "llm":
            return LanguageModel(Asked(told), settings)
        if by == "nli":
            return hypotheses(Asked(told), inference)
        return Rules(Asked(told)) if reads else Trained(Asked(told), model, name)

    read = list(read_statements(statements))
    if not read:
        raise UsageError(f"{statements}: there is no statement to label.")
    found = fidelity(read, asked, labeler_of, Resampling(seed), reads_codebook=reads)
    if as_json:
        told = {name: _plain(figure) for name, figure in found.figures.items()}
        told |= {f"{name}_of_labelled": _plain(figure) for name, figure in found.some.items()}
        typer.echo(json.dumps({**told, "refused": found.refused}, indent=1))
        return
    _show(found)
    if found.refused:
        console.say(f"{found.refused} of {len(read)} statements got no labels at least once and are not counted.")
    if not reads:
        console.say("A trained model does not read the codebook: what is told otherwise there does not reach it.")


def _plain(figure: Figure) -> dict[str, float | int | None]:
    return {"value": figure.value, "low": figure.low, "high": figure.high, "n": figure.support}


def _show(found: Fidelity) -> None:
    from rich.table import Table

    table = Table("", "share", f"{found.confidence:.0%} interval", "of")
    for what, figure in _lines(found):
        bounds = console.bounds(figure.low, figure.high, digits=3)
        table.add_row(what, "—" if figure.value is None else f"{figure.value:.3f}", bounds, str(figure.support))
    console.show(table)


def _lines(found: Fidelity) -> Iterator[tuple[str, Figure]]:
    for name, told in _MEANS.items():
        if name in found.figures:
            yield told, found.figures[name]
        if name in found.some:
            yield "  of those with a label", found.some[name]
