"""Statements are matched by their letters, one to one, the best pairs first."""

from __future__ import annotations

import pytest

from toolkit.evaluation.extraction.matching import RELAXED, STRICT, compare, same_mention, same_name
from toolkit.records import Statement

TEXT = '"abcdefghij" klmnopqrst, said Ana.'


def statement(*spans: tuple[int, int], mention: tuple[int | None, int | None] = (None, None)) -> Statement:
    return Statement("s", "a", "t", spans, "direct", None, *mention)


def test_the_best_pair_comes_first_and_each_is_used_once() -> None:
    sides = compare(TEXT, [statement((1, 7)), statement((1, 11))], [statement((1, 10))])
    assert [(round(overlap, 2), g, e) for overlap, g, e in sides.pairs] == [(0.9, 1, 0), (0.67, 0, 0)]
    assert sides.match(RELAXED) == {1: 0}
    assert sides.match(RELAXED, gold=[0]) == {0: 0}
    assert sides.match(RELAXED, extracted=[]) == {}
    assert sides.match(STRICT) == {1: 0} and sides.match(0.95) == {}


def test_of_equal_pairs_the_first_are_matched() -> None:
    sides = compare(TEXT, [statement((1, 6)), statement((6, 11))], [statement((1, 11)), statement((0, 12))])
    assert sides.match(RELAXED) == {0: 0, 1: 1}


def test_marks_and_space_do_not_count() -> None:
    sides = compare(TEXT, [statement((0, 13))], [statement((1, 5), (5, 11))])
    assert sides.match(1.0) == {0: 0}
    assert [one.kind for one in sides.gold] == ["direct"]


def test_gold_without_a_letter_is_left_out() -> None:
    assert compare(TEXT, [statement((11, 12))], [statement((11, 12))]).gold == ()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [((0, 4), (3, 8), True), ((0, 4), (4, 8), False), ((None, None), (0, 4), False), ((0, 4), (0, None), False)],
)
def test_mentions_are_the_same_where_they_overlap(one: tuple, other: tuple, expected: bool) -> None:
    assert same_mention(statement((1, 2), mention=one), statement((1, 2), mention=other)) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Ana Lund", "Lund", True),
        ("President Ana Lund", "Per Lund", True),  # the last word decides, for better or worse
        ("the ministry", "Ministry of Defence", True),
        ("Iran's government", "the government of Iran", True),
        ("Ana Lund", "Ana Berg", False),
        ("the", "the", False),
        (None, "Lund", False),
        ("Lund", "", False),
    ],
)
def test_names_are_the_same_by_their_last_word_or_where_one_holds_the_other(one, other, expected: bool) -> None:
    assert same_name(one, other) is expected and same_name(other, one) is expected
