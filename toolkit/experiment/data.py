"""The data of an experiment: extracted statements with gold labels, divided without a leak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.config import ExperimentConfig
from toolkit.errors import DataError
from toolkit.experiment.progress import Progress
from toolkit.labeling import Alignment, align
from toolkit.labels import LabelScheme
from toolkit.quotes import extract
from toolkit.records import Labels, Statement
from toolkit.splits import Split, deal_folds, hold_out, linked_groups, need_support
from toolkit.storage import read_articles, read_labelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Labelled", "data_files", "divide", "join_gold", "table_rows"]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Extracted statements with the labels of the gold statements that they stand for, in article order."""

    statements: tuple[Statement, ...]
    labels: tuple[Labels, ...]

    def given(self, scheme: LabelScheme) -> list[tuple[str, ...]]:
        """Return the labels of every statement in a scheme."""
        return [labels.by_scheme[scheme.name] for labels in self.labels]

    def targets(self, scheme: LabelScheme) -> NDArray[np.int64]:
        """Return the labels of a scheme as a matrix of 0 and 1, (statements, labels)."""
        import numpy as np

        names = scheme.label_names
        return np.array([[int(name in given) for name in names] for given in self.given(scheme)], dtype=np.int64)


def data_files(config: ExperimentConfig, root: Path) -> list[Path]:
    """Return the data files that an experiment reads."""
    return [root / name for name in (*config.data.articles, config.data.gold)]


def join_gold(
    config: ExperimentConfig, schemes: Sequence[LabelScheme], root: Path, progress: Progress
) -> tuple[Alignment, Labelled]:
    """Read the articles, extract their statements, and join the gold labels by the overlap of spans.

    Gold statements that extraction missed cannot train a model; they are in the alignment, and counted.
    """
    articles = list(read_articles([root / name for name in config.data.articles]))
    gold = list(read_labelled(root / config.data.gold, schemes))
    progress.start("extracting statements", len(articles))
    extracted = []
    for article in articles:
        extracted += extract(article)
        progress.advance()
    alignment = align(articles, [statement for statement, _ in gold], extracted, config.data.min_overlap)
    labels_of = {statement.statement_id: labels for statement, labels in gold}
    joined = [(match.extracted, labels_of[match.gold.statement_id]) for match in alignment.matches]
    names = [scheme.name for scheme in schemes]
    complete = [(s, labels) for s, labels in joined if all(name in labels.by_scheme for name in names)]
    if not complete:
        raise DataError(f"{config.data.gold}: no extracted statement has a gold label in {', '.join(names)}.")
    statements, labels = zip(*complete, strict=True)
    return alignment, Labelled(statements, labels)


def divide(
    config: ExperimentConfig, schemes: Sequence[LabelScheme], data: Labelled
) -> tuple[Split, list[NDArray[np.int64]]]:
    """Hold out a part, and deal the training part to folds, once per repeat.

    Raises SplitError with too few examples of a label.
    """
    split_seed, fold_seed = _seeds(config.seed)
    classes = _classes(schemes, data)
    groups = linked_groups(
        [s.article_id for s in data.statements], [s.text for s in data.statements], config.split.near_duplicate
    )
    split = hold_out(groups, classes, config.split.test_size, split_seed)
    for scheme in schemes:
        need_support(scheme.name, scheme.label_names, data.given(scheme), groups, split, config.tuning.folds)
    train_groups, train_classes = [groups[i] for i in split.train], [classes[i] for i in split.train]
    folds = [
        deal_folds(train_groups, train_classes, config.tuning.folds, fold_seed + repeat)
        for repeat in range(config.tuning.repeats)
    ]
    return split, folds


def _seeds(seed: int) -> tuple[int, int]:
    """One seed for the split, and a distance away from it the first of the folds' seeds."""
    return seed, (seed + 10_007) % 2**31


def _classes(schemes: Sequence[LabelScheme], data: Labelled) -> list[list[str]]:
    """Name what is to be spread evenly: every label of every scheme, and having none."""
    rows: list[list[str]] = [[] for _ in data.statements]
    for scheme in schemes:
        for row, given in zip(rows, data.given(scheme), strict=True):
            row += [f"{scheme.name}={label}" for label in given or ("",)]
    return rows


def table_rows(data: Labelled, scheme: LabelScheme, positions: Sequence[int]) -> list[dict[str, Any]]:
    """Return some of the statements with their labels in a scheme, as they are logged."""
    given = data.given(scheme)
    return [
        {
            "statement_id": data.statements[i].statement_id,
            "article_id": data.statements[i].article_id,
            "text": data.statements[i].text,
            scheme.name: "|".join(given[i]),
        }
        for i in positions
    ]
