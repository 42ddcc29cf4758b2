"""Is the data sound, and what is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.errors import DataError
from toolkit.gold.align import gold_problem
from toolkit.labels import LabelScheme
from toolkit.records import Article, Labels, Statement
from toolkit.storage import expand, read_articles, read_labelled

__all__ = ["Checked", "check", "count"]


@dataclass(frozen=True, slots=True)
class Checked:
    """How much was read, and a sentence for every mistake."""

    articles: int
    statements: int
    problems: tuple[str, ...]
    unlabelled: tuple[str, ...] = ()
    """A sentence for each scheme in which some rows have no label."""


def check(inputs: Sequence[Path], gold: Path | None, schemes: Sequence[LabelScheme]) -> Checked:
    """Read everything and collect every mistake: articles, labels, and whether the gold spans fit the texts."""
    problems: list[str] = []

    def found(where: str, reason: str, row: Any = None) -> None:
        problems.append(reason)

    articles: list[Article] = []
    try:
        for article in read_articles(expand(inputs), reject=found):
            articles.append(article)
    except DataError as error:
        problems.append(str(error))
    labelled: list[tuple[Statement, Labels]] = []
    if gold is not None:
        try:
            for item in read_labelled(gold, schemes, reject=found):
                labelled.append(item)
        except DataError as error:
            problems.append(str(error))
    texts = {article.article_id: article.text for article in articles}
    problems += [problem for statement, _ in labelled if (problem := gold_problem(texts, statement))]
    return Checked(len(articles), len(labelled), tuple(problems), tuple(_unlabelled(labelled, gold, schemes)))


def _unlabelled(
    labelled: Sequence[tuple[Statement, Labels]], gold: Path | None, schemes: Sequence[LabelScheme]
) -> Iterator[str]:
    for scheme in schemes:
        without = sum(scheme.name not in labels.by_scheme for _, labels in labelled)
        if without:
            told = f"{without} of {len(labelled)} rows have no label in '{scheme.name}'"
            yield f"{gold}: {told}; a training leaves them out."


def count(inputs: Sequence[Path], gold: Path | None, schemes: Sequence[LabelScheme]) -> list[tuple[str, str]]:
    """Return what is in the data as (name, value) lines. Raises DataError at the first mistake."""
    articles = list(read_articles(inputs))
    lengths = sorted(len(article.text.split()) for article in articles)
    dates = sorted(article.published for article in articles if article.published)
    sources = Counter(article.source or "unknown" for article in articles)
    lines = [("articles", str(len(articles)))]
    if articles:
        lines.append(("words per article", f"{lengths[0]} to {lengths[-1]}, median {lengths[len(lengths) // 2]}"))
    if dates:
        lines.append(("published", f"{dates[0]} to {dates[-1]}"))
    lines += [(f"source {name}", str(n)) for name, n in sources.most_common()]
    if gold is not None:
        lines += _count_gold(list(read_labelled(gold, schemes)), schemes)
    return lines


def _count_gold(labelled: Sequence[tuple[Statement, Labels]], schemes: Sequence[LabelScheme]) -> list[tuple[str, str]]:
    lines = [("gold statements", str(len(labelled)))]
    kinds = Counter(statement.kind for statement, _ in labelled)
    lines += [(f"kind {kind}", str(n)) for kind, n in kinds.most_common()]
    for scheme in schemes:
        given = [labels.by_scheme[scheme.name] for _, labels in labelled if scheme.name in labels.by_scheme]
        lines += [(f"{scheme.name} {name}", str(sum(name in one for one in given))) for name in scheme.labels]
        if scheme.multi_label:
            lines.append((f"{scheme.name}: none of them", str(sum(not one for one in given))))
            lines.append((f"{scheme.name}: two or more", str(sum(len(one) > 1 for one in given))))
    return lines
