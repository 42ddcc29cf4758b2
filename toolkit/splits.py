"""Leak-free splits: articles are never divided, and near-identical statements are never on both sides.

Articles that share a near-identical statement are linked into one group (:func:`linked_groups`); groups are dealt
to folds so that every label's share is alike in each (:func:`deal_folds`).
"""

from __future__ import annotations

import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from toolkit.errors import SplitError
from toolkit.labels import LabelScheme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Split",
    "deal_folds",
    "hold_out",
    "linked_groups",
    "month_of",
    "near_duplicates",
    "need_support",
    "nested_draws",
    "rolling_origin",
]

_WORD = re.compile(r"\w+")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(?!\d)")


@dataclass(frozen=True, slots=True)
class Split:
    """Which rows train and which are held out (positions, ascending), and the group of every row."""

    train: tuple[int, ...]
    held_out: tuple[int, ...]
    groups: tuple[str, ...]


def near_duplicates(texts: Sequence[str], threshold: float) -> list[tuple[int, int]]:
    """Return every pair (i, j), i < j, of texts whose word trigrams agree to at least ``threshold`` (Jaccard).

    Case and punctuation are ignored; a text of fewer than three words is compared as a whole. The result is exact:
    only pairs that share one of their rarest trigrams are compared, as two sets that reach the threshold must
    (prefix filtering; Chaudhuri et al. 2006, Bayardo et al. 2007).
    """
    sets = [_trigrams(text) for text in texts]
    frequency = Counter(gram for grams in sets for gram in grams)
    holders: dict[str, list[int]] = defaultdict(list)
    pairs = []
    for j, grams in enumerate(sets):
        rarest_first = sorted(grams, key=lambda gram: (frequency[gram], gram))
        # A partner of Jaccard >= t shares at least ceil(t * size) grams, so it holds one of the others.
        prefix = rarest_first[: len(grams) - _ceil(threshold * len(grams)) + 1]
        candidates = {i for gram in prefix for i in holders[gram]}
        pairs += [(i, j) for i in candidates if _jaccard(sets[i], grams) >= threshold]
        for gram in prefix:
            holders[gram].append(j)
    return sorted(pairs)


def _trigrams(text: str) -> frozenset[str]:
    words = _WORD.findall(text.lower())
    if len(words) < 3:
        return frozenset([" ".join(words)]) if words else frozenset()
    return frozenset(" ".join(words[i : i + 3]) for i in range(len(words) - 2))


def _ceil(value: float) -> int:
    # A hair below, so that 0.8 * 5 is 4 whatever the rounding.
    return -int(-(value - 1e-9) // 1)


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b)


def linked_groups(articles: Sequence[str], texts: Sequence[str], threshold: float) -> list[str]:
    """Return the group of every row: its article, or the first of the articles linked by near-identical statements."""
    parent = {article: article for article in articles}

    def root(article: str) -> str:
        while parent[article] != article:
            parent[article] = parent[parent[article]]
            article = parent[article]
        return article

    for i, j in near_duplicates(texts, threshold):
        a, b = sorted((root(articles[i]), root(articles[j])))
        parent[b] = a
    return [root(article) for article in articles]


def deal_folds(groups: Sequence[str], classes: Sequence[Iterable[str]], folds: int, seed: int) -> NDArray[np.int64]:
    """Deal groups to folds so that each class has a like share in every fold; return the fold of every row.

    ``classes`` holds, per row, whatever should be spread evenly: ``stance=denial``, ``sentiment=neutral``. A row with
    several classes counts once for each. Raises SplitError with fewer groups than folds.
    """
    import numpy as np
    from sklearn.model_selection import StratifiedGroupKFold

    if len(set(groups)) < folds:
        found = len(set(groups))
        raise SplitError(
            f"{found} groups of articles cannot be dealt to {folds} folds; give more articles or fewer folds."
        )
    pairs = [(group, name) for group, names in zip(groups, classes, strict=True) for name in sorted(names)]
    common = Counter(name for _, name in pairs)
    # A class that is rarer than the folds cannot be spread evenly; it goes where its group goes.
    expanded = [(group, name if common[name] >= folds else "") for group, name in pairs]
    of_group, of_class = zip(*expanded, strict=True)
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    fold_of: dict[str, int] = {}
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="The least populated class")
            for fold, (_, members) in enumerate(splitter.split(np.zeros(len(of_class)), of_class, of_group)):
                fold_of.update((of_group[i], fold) for i in members)
    except ValueError as error:
        raise SplitError(f"the articles cannot be dealt to {folds} folds: {error}.") from None
    return np.array([fold_of[group] for group in groups], dtype=np.int64)


def hold_out(groups: Sequence[str], classes: Sequence[Iterable[str]], test_size: float, seed: int) -> Split:
    """Hold out about ``test_size`` of the rows, whole groups only, each class alike on both sides.

    The share is met to a tenth: the groups are dealt to at most ten folds, and some of the folds are held out.
    """
    share = Fraction(test_size).limit_denominator(max(2, min(10, len(set(groups)))))
    share = min(max(share, Fraction(1, 10)), Fraction(9, 10))
    folds = deal_folds(groups, classes, share.denominator, seed)
    held_out = folds < share.numerator
    return Split(
        train=tuple(int(i) for i in (~held_out).nonzero()[0]),
        held_out=tuple(int(i) for i in held_out.nonzero()[0]),
        groups=tuple(groups),
    )


def month_of(published: str | None) -> int | None:
    """Return the month of an ISO date, counted from the year 0; None where no month is told."""
    found = _MONTH.match(published or "")
    return int(found[1]) * 12 + int(found[2]) - 1 if found else None


def rolling_origin(
    published: Sequence[str | None], groups: Sequence[str], start: str, months: int
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return, for every window of ``months`` from ``start`` on with a row in it, the rows before it and those in it.

    ``published`` are ISO dates and ``start`` a month (2024-01). Rows without a month are on no side, and a row whose
    group is held out does not train (rolling origin; Tashman 2000). Raises SplitError where no window has a row before
    it and one in it.
    """
    found = [month_of(date) for date in published]
    first = month_of(start)
    if first is None:
        raise SplitError(f"{start!r} is no month; write it as 2024-01.")
    known = [month for month in found if month is not None]
    windows = []
    for begin in range(first, max(known, default=-1) + 1, months):
        held_out = tuple(i for i, month in enumerate(found) if month is not None and begin <= month < begin + months)
        linked = {groups[i] for i in held_out}
        train = tuple(
            i for i, month in enumerate(found) if month is not None and month < begin and groups[i] not in linked
        )
        if train and held_out:
            windows.append((train, held_out))
    if not windows:
        told = f"they reach from {_written(min(known))} to {_written(max(known))}" if known else "none has a month"
        raise SplitError(f"no statement was published in {start} or later with others before it ({told}).")
    return windows


def _written(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


def nested_draws(groups: Sequence[str], sizes: Sequence[int], seed: int) -> list[tuple[int, ...]]:
    """Draw at most as many rows as each of the ascending ``sizes`` says, whole groups; each draw lies in the next."""
    import numpy as np

    members: dict[str, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        members[group].append(row)
    names = sorted(members)
    order = [names[k] for k in np.random.default_rng(seed).permutation(len(names))]
    totals = np.cumsum([len(members[name]) for name in order])
    taken = [int(np.searchsorted(totals, size, side="right")) for size in sizes]
    return [tuple(sorted(row for name in order[:n] for row in members[name])) for n in taken]


def need_support(
    scheme: LabelScheme, given: Sequence[Sequence[str]], split: Split, folds: int, *, absent: Sequence[str] = ()
) -> None:
    """Raise SplitError where a label is too rare: in fewer training groups than folds, or in no held-out row.

    Labels in ``absent`` are known to be missing from the training data: no model gives them.
    """
    for label in scheme.labels:
        train = {split.groups[i] for i in split.train if label in given[i]}
        if label in absent:
            if train:
                raise SplitError(
                    f"data.absent names the label '{label}' of '{scheme.name}', but {len(train)} training articles "
                    f"have it; take it off the list, or the labels out of the data."
                )
            continue
        held_out = sum(label in given[i] for i in split.held_out)
        if len(train) < folds or (split.held_out and held_out == 0):
            raise SplitError(
                f"too few examples of the label '{label}' of '{scheme.name}' to split: {len(train)} training articles "
                f"and {held_out} held-out statements have it; at least {folds} and 1 are needed (label more, lower "
                f"tuning.folds, or name it in data.absent if these data cannot have it)."
            )
