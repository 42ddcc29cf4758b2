"""No leak: articles are never divided and near-identical statements never stand on both sides."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import SplitError
from toolkit.labels import LabelScheme
from toolkit.splits import Split, deal_folds, hold_out, linked_groups, near_duplicates, need_support

words = st.lists(st.sampled_from(["talks", "border", "dam", "we", "will", "Not", "the", "gas"]), max_size=9).map(
    " ".join
)


def trigrams(text: str) -> set[tuple[str, ...]]:
    tokens = tuple(text.lower().split())
    return {tokens[i : i + 3] for i in range(len(tokens) - 2)} if len(tokens) >= 3 else {tokens} if tokens else set()


@settings(max_examples=150, deadline=None)
@given(st.lists(words, max_size=14), st.sampled_from([0.3, 0.5, 0.6, 0.75, 0.8, 1.0]))
def test_near_duplicates_are_exactly_those_of_every_pair_compared(texts: list[str], threshold: float) -> None:
    sets = [trigrams(text) for text in texts]
    expected = [
        (i, j)
        for i in range(len(texts))
        for j in range(i + 1, len(texts))
        if sets[i] and sets[j] and len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold
    ]
    assert near_duplicates(texts, threshold) == expected


def test_near_duplicates_ignore_case_and_punctuation() -> None:
    texts = ["We will not yield an inch.", "“We will not yield an inch!”", "We will not yield a mile."]
    assert near_duplicates(texts, 0.8) == [(0, 1)]


def test_links_run_through_several_articles() -> None:
    same, other = "the river is closed to all ships", "nobody crosses the bridge at night"
    articles = ["a", "b", "b", "c", "d"]
    texts = [same, same, other, other, "an unrelated sentence of its own"]
    assert linked_groups(articles, texts, 0.8) == ["a", "a", "a", "a", "d"]


@st.composite
def corpora(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    n = draw(st.integers(8, 25))
    groups: list[str] = []
    classes: list[list[str]] = []
    for i in range(n):
        for _ in range(draw(st.integers(1, 4))):
            groups.append(f"g{i}")
            classes.append(draw(st.sampled_from([["x"], ["y"], ["x", "y"], ["none"]])))
    return groups, classes


@settings(max_examples=40, deadline=None)
@given(corpora(), st.sampled_from([0.2, 0.3, 0.5]), st.integers(0, 5))
def test_no_group_is_divided_and_no_row_is_lost(
    corpus: tuple[list[str], list[list[str]]], size: float, seed: int
) -> None:
    groups, classes = corpus
    split = hold_out(groups, classes, size, seed)
    assert sorted(split.train + split.held_out) == list(range(len(groups)))
    assert split.train and split.held_out
    assert not {groups[i] for i in split.train} & {groups[i] for i in split.held_out}
    folds = deal_folds(groups, classes, 4, seed)
    assert len({(group, fold) for group, fold in zip(groups, folds, strict=True)}) == len(set(groups))


def corpus_of(n: int) -> tuple[list[str], list[list[str]]]:
    rng = np.random.default_rng(1)
    groups = [f"g{i // 6}" for i in range(n)]
    return groups, [[str(rng.choice(["a", "b", "none"], p=[0.2, 0.3, 0.5]))] for _ in range(n)]


def test_labels_are_spread_evenly() -> None:
    groups, classes = corpus_of(600)
    split = hold_out(groups, classes, 0.3, 1)
    assert 0.26 < len(split.held_out) / 600 < 0.34
    whole, held_out = Counter(c[0] for c in classes), Counter(classes[i][0] for i in split.held_out)
    for label in ("a", "b", "none"):
        assert abs(held_out[label] / whole[label] - 0.3) < 0.06, label


def test_the_seed_reaches_the_split() -> None:
    groups, classes = corpus_of(300)
    assert hold_out(groups, classes, 0.3, 1) == hold_out(groups, classes, 0.3, 1)
    assert hold_out(groups, classes, 0.3, 1) != hold_out(groups, classes, 0.3, 2)
    assert (deal_folds(groups, classes, 5, 1) != deal_folds(groups, classes, 5, 2)).any()


def test_too_few_articles() -> None:
    with pytest.raises(SplitError, match="2 groups of articles cannot be dealt to 5 folds"):
        deal_folds(["a", "b", "b"], [["x"], ["x"], ["y"]], 5, 1)


def test_too_few_examples_of_a_label_name_the_label_and_the_way_out() -> None:
    groups, classes = corpus_of(300)
    labels = [("rare",) if i < 3 else ("common",) for i in range(300)]
    split = hold_out(groups, classes, 0.3, 1)
    with pytest.raises(SplitError, match=r"too few examples of the label 'rare' of 'tone' to split: .* tuning\.folds"):
        need_support(tone("common", "rare"), labels, split, 5)
    need_support(tone("common"), labels, split, 5)


def tone(*labels: str) -> LabelScheme:
    told = {"name": "tone", "question": "?", "multi_label": True, "labels": {n: {"definition": n} for n in labels}}
    return LabelScheme.model_validate(told)


def test_a_label_that_is_said_to_be_absent_and_is_there_is_an_error() -> None:
    split = Split(train=(0, 1, 2), held_out=(3,), groups=("a", "b", "c", "d"))
    labels = [["common"], ["common"], ["common", "rare"], ["common", "rare"]]
    with pytest.raises(SplitError, match="absent names the label 'rare' of 'tone', but 1 training articles have it"):
        need_support(tone("common", "rare"), labels, split, 3, absent=["rare"])
    labels[2] = ["common"]
    need_support(tone("common", "rare"), labels, split, 3, absent=["rare"])
