"""How often each label is in a corpus: the classifier's count, and what a labelled sample corrects it to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from toolkit.errors import DataError, UsageError, nearest
from toolkit.evaluation.prevalence import Corpus, GoldSample, ShareEstimate, share
from toolkit.gold import combined
from toolkit.labels import LabelScheme
from toolkit.storage import chances_in, read_labelled
from toolkit.study.predictions import Predicted, Predictions, read_predictions

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BIASED", "DESIGNS", "Design", "GoldTable", "Prevalence", "Share", "corrected", "prevalence", "read_gold"]

Design = Literal["random", "stratified", "weights"]
DESIGNS: tuple[str, ...] = get_args(Design)
"""How a sample was drawn: each with the same chance; by stratum; with chances that a model set."""
BIASED = "no sample was labelled: the count is biased by the errors of the classifier"


@dataclass(frozen=True, slots=True)
class GoldTable:
    """What people said of a sample: labels and weight of every statement, by id."""

    labels: Mapping[str, frozenset[str]]
    weights: Mapping[str, float]
    design: Design


@dataclass(frozen=True, slots=True)
class Share:
    """How often a label is in a group of the statements (None: in all)."""

    label: str
    group: str | None
    estimate: ShareEstimate


@dataclass(frozen=True, slots=True)
class Prevalence:
    """The shares of all labels, and what they rest on; ``aside`` are gold statements that were not predicted."""

    scheme: str
    by: str | None
    design: str | None
    statements: int
    unlabelled: int
    withheld: int
    gold: int
    aside: int
    confidence: float
    shares: tuple[Share, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data; what cannot be told is null."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__ if name != "shares"}
        plain["shares"] = [
            {"label": one.label, "group": one.group}
            | {name: getattr(one.estimate, name) for name in ShareEstimate.__slots__}
            | {"raw_is_biased": True}
            for one in self.shares
        ]
        return plain


def prevalence(
    path: Path, scheme: LabelScheme, gold: GoldTable | None, by: str | None = None, confidence: float = 0.95
) -> Prevalence:
    """Return the share of every label in a table of predictions, and in every group of it, largest first.

    Without gold only the count is told. A group's share is corrected by its own labelled statements; where they are too
    few there is none, for the errors in other groups need not be its own.
    """
    keys: list[tuple[str, ...]] = [(), *([(by,)] if by else [])]
    read = read_predictions(path, scheme, keys, gold.labels if gold else ())
    shares = corrected(read, scheme, gold, (), confidence)
    if by is not None:
        shares += corrected(read, scheme, gold, (by,), confidence)
    found = len(read.found)
    aside = len(gold.labels) - found if gold else 0
    if gold and not found:
        raise DataError(
            "none of the labelled statements is among the predictions: their statement_id must be the same."
        )
    design = gold.design if gold else None
    told = (read.statements, read.unlabelled, read.withheld, found, aside)
    return Prevalence(scheme.name, by, design, *told, confidence, tuple(shares))


def corrected(
    read: Predictions, scheme: LabelScheme, gold: GoldTable | None, keys: tuple[str, ...], confidence: float
) -> list[Share]:
    """Return the share of every label in every group of the statements by ``keys``: none, or one dimension."""
    known: dict[str | None, dict[str, Predicted]] = {}
    for one, it in read.found.items():
        known.setdefault(it.groups[keys[0]] if keys else None, {})[one] = it
    found = []
    for name, part in _groups(read.counts[keys], keys):
        for k, label in enumerate(scheme.labels):
            found.append(Share(label, name, _share(part, k, label, known.get(name, {}), gold, confidence)))
    return found


def _groups(table: pa.Table, keys: tuple[str, ...]) -> list[tuple[str | None, pa.Table]]:
    """Return the parts of a table of counts, most statements first."""
    import numpy as np
    import pyarrow.compute as pc

    if not keys:
        return [(None, table)]
    table = table.sort_by([(keys[0], "ascending")])
    names = table[keys[0]].combine_chunks().dictionary_encode()
    starts = np.flatnonzero(np.diff(np.asarray(names.indices), prepend=-1)).tolist()
    ends = [*starts[1:], len(table)]
    words = names.dictionary.to_pylist()
    parts = [(word, table.slice(a, b - a)) for word, a, b in zip(words, starts, ends, strict=True)]
    return sorted(parts, key=lambda part: (-pc.sum(part[1]["n"]).as_py(), part[0]))


def _share(
    part: pa.Table, k: int, label: str, known: Mapping[str, Predicted], gold: GoldTable | None, confidence: float
) -> ShareEstimate:
    import numpy as np

    corpus = Corpus(part["n"].to_numpy().astype(float), part[f"l{k}"].to_numpy().astype(float))
    if gold is None:
        return ShareEstimate(corpus.raw, None, None, None, int(corpus.statements.sum()), 0, 0, 0, None, BIASED)
    wanted = {it.article for it in known.values()}
    number = {name: i for i, name in enumerate(part["article"].to_pylist()) if name in wanted}
    sample = GoldSample(
        np.array([label in gold.labels[one] for one in known], dtype=float),
        np.array([label in it.labels for it in known.values()], dtype=float),
        np.array([number[it.article] for it in known.values()], dtype=np.int64),
        np.array([gold.weights[one] for one in known], dtype=float),
        even=gold.design != "weights",
    )
    return share(corpus, sample, confidence)


# ------------------------------------------------------------------------------------------------------- the sample


def read_gold(path: Path, scheme: LabelScheme, design: str, drawn: Path | None = None) -> GoldTable:
    """Return a labelled sample; of several annotators the majority counts.

    ``drawn`` is the table with ``inclusion_probability``, as it was drawn, where ``path`` does not hold that column. A
    random sample needs none. Raises UsageError where the probabilities do not fit the design.
    """
    if design not in DESIGNS:
        raise UsageError(f"--design: {design!r} is none of {', '.join(DESIGNS)}{nearest(design, DESIGNS)}.")
    rows = combined(read_labelled(path, [scheme]), [scheme])
    labels = {
        statement.statement_id: frozenset(given.by_scheme[scheme.name])
        for statement, given in rows
        if scheme.name in given.by_scheme
    }
    if not labels:
        raise DataError(f"{path}: no statement has labels of the scheme '{scheme.name}'.")
    chances = chances_in([drawn or path], labels)
    if design == "random":
        _same(chances, path)
        return GoldTable(labels, dict.fromkeys(labels, 1.0), "random")
    missing = [one for one in labels if one not in chances]
    if missing:
        told = f"{len(missing)} labelled statements have no inclusion_probability ({missing[0]!r}, for example)"
        raise UsageError(f"{drawn or path}: {told}; --drawn names the table that `stance annotate sample` wrote.")
    whole = GoldTable(labels, {one: 1 / chances[one] for one in labels}, "weights")
    return replace(whole, design="stratified") if design == "stratified" else whole


def _same(chances: Mapping[str, float], path: Path) -> None:
    values: Sequence[float] = sorted(chances.values())
    if values and values[-1] > values[0] * 1.001:
        told = f"the inclusion probabilities differ ({values[0]:.3g} to {values[-1]:.3g})"
        raise UsageError(f"{path}: {told}, so --design is stratified or weights, not random.")
