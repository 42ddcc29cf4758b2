"""``stance data``: what is in the data, and whether it is sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import complete, console

if TYPE_CHECKING:
    from toolkit.labels import LabelScheme

__all__ = ["app"]

app = typer.Typer(
    help="Check data and count what is in it.",
    epilog="Example: stance data validate data/sample/articles.jsonl --gold data/sample/gold.jsonl",
    no_args_is_help=True,
)
Articles = Annotated[
    list[Path], typer.Argument(help="Articles: .txt .html .jsonl .csv .tsv .parquet .xlsx, or folders of them.")
]
Gold = Annotated[Path | None, typer.Option("--gold", help="Labelled statements of these articles.")]
Schemes = Annotated[
    list[str] | None,
    typer.Option(
        "--scheme", help="Label schemes of the gold file (default: stance, sentiment).", autocompletion=complete.schemes
    ),
]


def _schemes(gold: Path | None, names: list[str] | None) -> list[LabelScheme]:
    from toolkit.config import load_scheme, project_root

    if gold is None:
        return []
    return [load_scheme(name, project_root(gold)) for name in names or ("stance", "sentiment")]


@app.command("validate")
def validate(articles: Articles, gold: Gold = None, scheme: Schemes = None, as_json: console.Summary = False) -> None:
    """Read everything and list every mistake with its place; exit 1 if there is one.

    Example: [bold]stance data validate data/sample/articles.jsonl --gold data/sample/gold.jsonl[/]
    """
    from toolkit.gold import check

    schemes = _schemes(gold, scheme)
    found = check(articles, gold, schemes)
    for problem in found.problems:
        console.error(problem)
    for sentence in found.unlabelled:
        console.say(sentence)
    read = console.counted(found.articles, "articles")
    read += f", {found.statements} gold {'statement' if found.statements == 1 else 'statements'}" if gold else ""
    console.say(f"{read} read, {console.counted(len(found.problems), 'problems')}.")
    counts = {"articles": found.articles, "statements": found.statements, "problems": len(found.problems)}
    console.summarise(as_json, "data validate", counts, more={"problems": list(found.problems)})
    if found.problems:
        raise typer.Exit(1)


@app.command("stats")
def stats(articles: Articles, gold: Gold = None, scheme: Schemes = None, as_json: console.Summary = False) -> None:
    """Count articles, words, sources and dates; with gold labels, statements by kind and label.

    Example: [bold]stance data stats data/sample/articles.jsonl --gold data/sample/gold.jsonl[/]
    """
    from rich.table import Table

    from toolkit.gold import count

    schemes = _schemes(gold, scheme)
    table, counted = Table("", "", show_header=False), count(articles, gold, schemes)
    for name, value in counted:
        table.add_row(name, value)
    console.show(table)
    numbers = {name: int(value) for name, value in counted if value.isdecimal()}
    told = {"ranges": {name: value for name, value in counted if name not in numbers}}
    console.summarise(as_json, "data stats", numbers, more=told)


@app.command("suspects")
def suspects_command(
    files: Annotated[list[Path], typer.Argument(help="Labelled tables; rows of several annotators are combined.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the suspects go: .jsonl .csv .tsv .parquet.")],
    scheme: Annotated[
        str, typer.Option("--scheme", help="The label scheme, by name or path.", autocompletion=complete.schemes)
    ] = "stance",
    folds: Annotated[int, typer.Option("--folds", min=3, max=100, help="Of the cross-validation, by article.")] = 5,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Seed of the folds.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    as_json: console.Summary = False,
) -> None:
    """List labels that are likely wrong, for a person to look at: nothing is changed.

    Near-identical statements with different labels come first, then what a model that was trained on other articles
    finds hardest to believe (needs the extra [annotation]).

    Example: [bold]stance data suspects data/sample/gold.jsonl -o suspects.csv[/]
    """
    from toolkit.cli.schemes import scheme_of
    from toolkit.labeling.people import SUSPECT_COLUMNS, suspects
    from toolkit.storage import WRITTEN, read_labelled, refuse_overwrite, table_format, write_plain

    table_format(output, WRITTEN)
    refuse_overwrite(output, force, files)
    asked = scheme_of(scheme, files[0])
    rows = [pair for file in files for pair in read_labelled(file, [asked])]
    with console.Bars() as bars:
        found = suspects(rows, asked, folds=folds, seed=seed, listener=bars)
    write_plain([one.row() for one in found], output, SUSPECT_COLUMNS)
    twins = sum(one.reason == "twin" for one in found)
    told = (
        f"{len(found) - twins} of {len({s.statement_id for s, _ in rows})} statements with labels that a model doubts"
    )
    console.say(f"{told}, {twins} pairs of near-identical statements with different labels: {output}")
    counts = {"statements": len({s.statement_id for s, _ in rows}), "doubted": len(found) - twins, "twins": twins}
    console.summarise(as_json, "data suspects", counts, [output])


@app.command("import")
def import_command(
    corpus: Annotated[
        str,
        typer.Argument(
            help="A name of configs/data (plover, newsmtsc ...) or a YAML file.", autocompletion=complete.corpora
        ),
    ],
    path: Annotated[Path, typer.Argument(help="The corpus as it is published, on this machine.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="A new folder for articles.jsonl and gold.jsonl.")],
    annotations: Annotated[
        Path | None,
        typer.Option("--annotations", help="real: another file of labels than data/real/annotations.jsonl."),
    ] = None,
    as_json: console.Summary = False,
) -> None:
    """Turn a published corpus into articles and statements, by a description in YAML.

    Its labels are mapped to ours (gold.jsonl); documents without labels give articles, and statements.jsonl where they
    name who speaks. [bold]real[/] joins the labels in data/real with the documents in a folder.

    Example: [bold]stance data import polnear PolNeAR/data/dev -o polnear-dev[/]
    """
    from toolkit.config import StandoffReader, load_corpus
    from toolkit.corpora import import_corpus, write_imported
    from toolkit.errors import UsageError
    from toolkit.storage import SetAside

    config, schemes = load_corpus(corpus)
    if annotations is not None:
        if not isinstance(config.reader, StandoffReader):
            raise UsageError(
                f"--annotations: the labels of {corpus} lie in its own files; it is for corpora of labels."
            )
        reader = config.reader.model_copy(update={"annotations": str(annotations)})
        config = config.model_copy(update={"reader": reader})
    if output.exists():
        raise UsageError(f"{output}: exists already; name a new folder.")
    found = import_corpus(config, schemes, path)
    written = write_imported(found, schemes, output)
    for sentence in found.counted:
        console.say(sentence)
    aside = SetAside()
    for where, reason in found.rejected:
        aside(where, reason)
    console.report_aside(aside, written, "rows" if found.labelled else "documents")
    what = "gold statements" if found.labelled else "statements"
    articles = console.counted(len(found.articles), "articles")
    console.say(f"{articles} and {len(found.statements)} {what}: {output}")
    counts = {"articles": len(found.articles), "statements": len(found.statements), "set_aside": aside.count}
    console.summarise(as_json, "data import", counts, [output], more={"corpus": corpus, "labelled": found.labelled})
