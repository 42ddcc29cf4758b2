"""``stance annotate agreement --spans``: how far annotators agree on where statements stand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from toolkit.cli import console

if TYPE_CHECKING:
    from toolkit.evaluation import SpanAgreement
    from toolkit.records import Statement

__all__ = ["compare_spans"]


def compare_spans(files: Sequence[Path], articles: Sequence[Path], resamples: int, seed: int, as_json: bool) -> None:
    """Compare the spans of tables of statements and print how far they agree."""
    import json

    from toolkit.evaluation import Resampling, agreement_on_spans
    from toolkit.storage import read_articles

    read = list(read_articles(articles))
    texts = {article.article_id: article.text for article in read}
    found = agreement_on_spans(read, _marked(files, texts), Resampling(seed, resamples))
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=1, ensure_ascii=False))
        return
    _show(found)


def _marked(files: Sequence[Path], texts: dict[str, str]) -> dict[str, list[Statement]]:
    """Return what each annotator marked: by the column ``annotator``, or where a file has none by the file's name."""
    from toolkit.storage import read_annotated

    found: dict[str, list[Statement]] = {}
    for file in files:
        for name, statement in read_annotated(file, texts):
            found.setdefault(name or file.name, []).append(statement)
    return found


def _show(found: SpanAgreement) -> None:
    from rich.table import Table

    table = Table("", "n", "alike", "agreement", f"{found.confidence:.0%} interval", title="spans")
    for name, one in found.words.items():
        alike = f"{found.alike[name]}/{found.marked[name]}"
        table.add_row(
            f"words in a {name}", str(found.n), alike, _said("alpha", one.value), console.bounds(one.low, one.high)
        )
    for name, one in found.shared.items():
        row = (f"statements, {name}", str(one.support), "", _said("F1", one.value), console.bounds(one.low, one.high))
        table.add_row(*row)
    console.show(table)
    counted = ", ".join(f"{name} {n}" for name, n in found.statements.items())
    told = f"{console.counted(found.articles, 'articles')} of {console.counted(found.n, 'words')}; marked: {counted}."
    none = [f"{name} in {n}" for name, n in found.empty.items() if n]
    console.say(f"{told} Nothing marked where others did: {', '.join(none)}." if none else told)


def _said(what: str, value: float | None) -> str:
    return f"{what} undefined" if value is None else f"{what} {value:.3f}"
