"""The data of an experiment: statements with gold labels, divided without a leak."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from toolkit.answers import indicator
from toolkit.config import (
    ExperimentConfig,
    FixedSplit,
    GroupedSplit,
    LeaveOutSplit,
    NestedSplit,
    RollingSplit,
    ShiftedSplit,
)
from toolkit.errors import DataError
from toolkit.gold import Alignment, align, combined
from toolkit.labels import LabelScheme
from toolkit.quotes import Extraction, load_grammar
from toolkit.records import Labels, Statement
from toolkit.splits import (
    Split,
    deal_folds,
    hold_out,
    linked_groups,
    month_of,
    near_duplicates,
    need_support,
    rolling_origin,
)
from toolkit.storage import SetAside, expand, read_articles, read_labelled, record_row
from toolkit.tracking import Provenance
from toolkit.work import Listener

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Labelled",
    "Material",
    "Part",
    "Plan",
    "data_files",
    "deal_part",
    "held_out_files",
    "load_data",
    "make_plan",
    "training_files",
    "withhold",
]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Statements with their gold labels: extracted ones with those of the gold statements that they stand for."""

    statements: tuple[Statement, ...]
    labels: tuple[Labels, ...]
    training: int
    """How many of them, from the first, may train; the rest is a fixed held-out part."""
    unlabelled: tuple[Statement, ...] = ()
    """Statements that were left out, since they lack a label in one of the schemes."""
    disputed: Literal["keep", "leave_out", "soft"] = "keep"
    """What is learnt from statements whose annotators did not agree."""

    def given(self, scheme: LabelScheme) -> list[tuple[str, ...]]:
        """Return the labels of every statement in a scheme."""
        return [labels.by_scheme[scheme.name] for labels in self.labels]

    def targets(self, scheme: LabelScheme) -> NDArray[np.int64]:
        """Return the labels of a scheme as a matrix of 0 and 1, (statements, labels)."""
        return indicator(self.given(scheme), scheme.label_names)

    def lessons(self, scheme: LabelScheme) -> NDArray[np.float64]:
        """Return what is learnt, (statements, labels): targets, or where asked for the shares of annotators."""
        import numpy as np

        lessons = self.targets(scheme).astype(np.float64)
        if self.disputed == "soft":
            for row, labels in enumerate(self.labels):
                if readings := labels.readings.get(scheme.name):
                    lessons[row] = [sum(name in one for one in readings) / len(readings) for name in scheme.label_names]
        return lessons

    def learnable(self, positions: Iterable[int]) -> tuple[int, ...]:
        """Return those of some statements that are learnt from."""
        if self.disputed != "leave_out":
            return tuple(positions)
        return tuple(i for i in positions if not self.labels[i].readings)


@dataclass(frozen=True, slots=True)
class Part:
    """One training part with its folds (an array per repeat), and what is held out of it (positions, ascending)."""

    train: tuple[int, ...]
    held_out: tuple[int, ...]
    folds: tuple[NDArray[np.int64], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How an experiment divides its statements.

    Every part is trained and its held-out statements are predicted; ``final`` is what the logged model is trained on:
    the only part, or with nested cross-validation everything. ``groups`` names the group of every statement, and
    ``dropped`` the training statements that are near-identical to a held-out one of a fixed split.
    """

    parts: tuple[Part, ...]
    final: Part
    groups: tuple[str, ...]
    dropped: tuple[int, ...] = ()
    undated: tuple[int, ...] = ()
    """Statements that are on no side, since a rolling origin needs their month and they have none."""

    @property
    def held_out(self) -> tuple[int, ...]:
        """The held-out statements of all parts."""
        return tuple(sorted(position for part in self.parts for position in part.held_out))


@dataclass(frozen=True, slots=True)
class Material:
    """What an experiment works on: its configuration, its data, how they are divided, and where they come from."""

    config: ExperimentConfig
    data: Labelled
    plan: Plan
    origin: Provenance
    aside: SetAside
    """Rows of the data files that could not be read."""
    overrides: Sequence[str] = ()
    """What was changed in the experiment's file for this run, each as ``key=value``."""


def data_files(config: ExperimentConfig, root: Path) -> list[Path]:
    """Return the data files that an experiment reads, of folders the articles in them. Raises DataError."""
    articles = expand([root / name for name in config.data.articles])
    return articles + [root / name for name in (*training_files(config), *held_out_files(config))]


def training_files(config: ExperimentConfig) -> list[str]:
    """Return the files with the labels to train on, as the configuration names them."""
    return [*([config.data.gold] if config.data.gold else []), *config.data.statements]


def held_out_files(config: ExperimentConfig) -> list[str]:
    """Return the files of a fixed held-out part, as the configuration names them."""
    return config.split.held_out if isinstance(config.split, FixedSplit) else []


def load_data(
    config: ExperimentConfig, schemes: Sequence[LabelScheme], root: Path, listener: Listener, aside: SetAside
) -> tuple[Alignment | None, Labelled]:
    """Return the labelled statements of an experiment: training data, then those of a fixed held-out part.

    Rows that cannot be read are set aside. Statements that lack a label in one of the schemes are left out and told of.
    Raises DataError where a file has no other, or ids stand twice.
    """
    alignment: Alignment | None = None
    found: list[tuple[Statement, Labels]] = []
    unlabelled: list[Statement] = []

    def take(labelled: Iterable[tuple[Statement, Labels]], name: str) -> None:
        before = len(found)
        for statement, labels in labelled:
            if all(scheme.name in labels.by_scheme for scheme in schemes):
                found.append((statement, labels))
            else:
                unlabelled.append(statement)
        if len(found) == before:
            raise DataError(f"{name}: no statement has a gold label in {', '.join(scheme.name for scheme in schemes)}.")

    if config.data.gold is not None:
        alignment, joined = _join_gold(config, schemes, root, listener, aside)
        take(joined, config.data.gold)
    for name in config.data.statements:
        take(_at_most(combined(read_labelled(root / name, schemes, aside), schemes), config.data.at_most), name)
    training = len(found)
    for name in held_out_files(config):
        take(combined(read_labelled(root / name, schemes, aside), schemes), name)
    # A statement that stands on both sides is dropped from the training part, as whatever is near-identical.
    for side in (found[:training], found[training:]):
        counted = Counter(statement.statement_id for statement, _ in side)
        for identity in (identity for identity, times in counted.items() if times > 1):
            raise DataError(f"the statement_id {identity!r} stands in two of the experiment's files.")
    statements, labels = zip(*found, strict=True)
    return alignment, Labelled(statements, labels, training, tuple(unlabelled), config.data.disputed)


def _at_most(labelled: list[tuple[Statement, Labels]], most: int | None) -> list[tuple[Statement, Labels]]:
    """Return statements of whole articles, the first by a digest of their ids, in file order."""
    if most is None or len(labelled) <= most:
        return labelled
    by_article = Counter(statement.article_id for statement, _ in labelled)
    chosen: set[str] = set()
    taken = 0
    for article in sorted(by_article, key=lambda name: hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()):
        if taken + by_article[article] <= most:
            chosen.add(article)
            taken += by_article[article]
    return [(statement, labels) for statement, labels in labelled if statement.article_id in chosen]


def withhold(statement: Statement, share: float) -> Statement:
    """Return a statement without cue and speaker if it is among the ``share`` that a digest of its id draws."""
    digest = hashlib.sha256(statement.statement_id.encode("utf-8", "surrogatepass")).hexdigest()
    if int(digest[:8], 16) >= share * 16**8:
        return statement
    return dataclasses.replace(statement, speaker=None, speaker_start=None, speaker_end=None, cue=None)


def _join_gold(
    config: ExperimentConfig, schemes: Sequence[LabelScheme], root: Path, listener: Listener, aside: SetAside
) -> tuple[Alignment, list[tuple[Statement, Labels]]]:
    """Read the articles, extract their statements, and join the gold labels by the overlap of spans.

    Gold statements that extraction missed cannot train a model; they are in the alignment, and counted. Those of an
    article that was set aside are set aside too.
    """
    articles = list(read_articles([root / name for name in config.data.articles], aside))
    broken, read = aside.count, {article.article_id for article in articles}
    gold = []
    for statement, labels in combined(read_labelled(root / str(config.data.gold), schemes, aside), schemes):
        if broken and statement.article_id not in read:
            told = f"gold statement {statement.statement_id}: its article {statement.article_id!r} is not there."
            aside(str(config.data.gold), told, record_row(statement))
        else:
            gold.append((statement, labels))
    listener.start("extracting statements", len(articles))
    extracted = []
    extraction = Extraction(tuple(config.data.include), config.data.parser)
    load_grammar(extraction.parser)  # what is wrong with it is told before the first article
    for article in articles:
        extracted += extraction(article)
        listener.step()
    alignment = align(articles, [statement for statement, _ in gold], extracted, config.data.min_overlap)
    labels_of = {statement.statement_id: labels for statement, labels in gold}
    return alignment, [(match.extracted, labels_of[match.gold.statement_id]) for match in alignment.matches]


def make_plan(config: ExperimentConfig, schemes: Sequence[LabelScheme], data: Labelled) -> Plan:
    """Divide the statements as the configuration says, and deal every training part to folds, once per repeat.

    Raises SplitError with too few examples of a label.
    """
    texts = [s.text for s in data.statements]
    groups = linked_groups([s.article_id for s in data.statements], texts, config.split.near_duplicate)
    classes = _classes(schemes, data)
    everything = range(len(texts))
    dropped: tuple[int, ...] = ()
    undated: tuple[int, ...] = ()
    match config.split:
        case GroupedSplit():
            split = hold_out(groups, classes, config.split.test_size, config.seed)
            divided = [(split.train, split.held_out)]
        case NestedSplit():
            dealt = deal_folds(groups, classes, config.split.folds, config.seed)
            divided = [
                (tuple(i for i in everything if dealt[i] != k), tuple(i for i in everything if dealt[i] == k))
                for k in range(config.split.folds)
            ]
        case FixedSplit():
            held_out = tuple(everything[data.training :])
            near = {i for i, j in near_duplicates(texts, config.split.near_duplicate) if i < data.training <= j}
            dropped = tuple(sorted(near))
            divided = [(tuple(i for i in everything[: data.training] if i not in near), held_out)]
        case LeaveOutSplit():
            divided = [_left_out(data, groups, source) for source in config.split.sources]
        case RollingSplit():
            published = [s.published for s in data.statements]
            undated = tuple(i for i in everything if month_of(published[i]) is None)
            divided = rolling_origin(published, groups, config.split.start, config.split.months)

    # A month may lack a label: the figures are of all months together.
    judged = tuple(i for _, rows in divided for i in rows) if isinstance(config.split, RollingSplit) else None

    def part(train: tuple[int, ...], held_out: tuple[int, ...]) -> Part:
        return deal_part(config, schemes, data, Split(data.learnable(train), held_out, tuple(groups)), judged)

    parts = tuple(part(*sides) for sides in divided)
    final = parts[0]
    if isinstance(config.split, NestedSplit | ShiftedSplit):
        final = part(tuple(sorted(set(everything) - set(undated))), ())
    return Plan(parts, final, tuple(groups), dropped, undated)


def _left_out(data: Labelled, groups: Sequence[str], source: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Hold out the statements of a source; what is linked to them does not train. Raises DataError without any."""
    held_out = tuple(i for i, statement in enumerate(data.statements) if statement.source == source)
    if not held_out:
        known = sorted({statement.source for statement in data.statements if statement.source})
        raise DataError(f"split.sources: no statement has the source {source!r} (there are: {', '.join(known)}).")
    linked = {groups[i] for i in held_out}
    return tuple(i for i, group in enumerate(groups) if group not in linked), held_out


def deal_part(
    config: ExperimentConfig,
    schemes: Sequence[LabelScheme],
    data: Labelled,
    split: Split,
    judged: tuple[int, ...] | None = None,
) -> Part:
    """Deal the training rows of a split to folds, once per repeat.

    Raises SplitError with too few examples of a label; those held out are looked for in ``judged`` where it is given.
    """
    classes = _classes(schemes, data)
    asked = dataclasses.replace(split, held_out=split.held_out if judged is None else judged)
    for scheme in schemes:
        need_support(scheme, data.given(scheme), asked, config.tuning.folds, absent=config.data.absent)
    # A distance away from the seed of the split.
    first = (config.seed + 10_007) % 2**31
    inner = [split.groups[i] for i in split.train], [classes[i] for i in split.train]
    folds = (deal_folds(*inner, config.tuning.folds, first + repeat) for repeat in range(config.tuning.repeats))
    return Part(split.train, split.held_out, tuple(folds))


def _classes(schemes: Sequence[LabelScheme], data: Labelled) -> list[list[str]]:
    """Name what is to be spread evenly: every label of every scheme, and having none."""
    rows: list[list[str]] = [[] for _ in data.statements]
    for scheme in schemes:
        for row, given in zip(rows, data.given(scheme), strict=True):
            row += [f"{scheme.name}={label}" for label in given or ("",)]
    return rows
