"""Rolling origin never learns from later months; draws of a learning curve lie in each other; groups stay whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import SplitError
from toolkit.splits import month_of, nested_draws, rolling_origin

dates = st.one_of(
    st.none(),
    st.just("2020"),
    st.builds("{:04}-{:02}".format, st.integers(2018, 2021), st.integers(1, 12)),
    st.builds("{:04}-{:02}-{:02}".format, st.integers(2018, 2021), st.integers(1, 12), st.integers(1, 28)),
)
articles = st.lists(st.tuples(dates, st.sampled_from("abcdefgh")), min_size=1, max_size=30)


@settings(max_examples=200, deadline=None)
@given(articles, st.sampled_from(["2018-01", "2019-06", "2020-12"]), st.integers(1, 14))
def test_nothing_trains_that_is_not_before_what_is_held_out(
    rows: list[tuple[str | None, str]], start: str, months: int
) -> None:
    published, groups = [date for date, _ in rows], [group for _, group in rows]
    try:
        windows = rolling_origin(published, groups, start, months)
    except SplitError:
        windows = []
    month = [month_of(date) for date in published]
    seen: list[int] = []
    for train, held_out in windows:
        assert train and held_out
        assert max(month[i] for i in train) < min(month[i] for i in held_out)  # type: ignore[type-var]
        assert not {groups[i] for i in train} & {groups[i] for i in held_out}
        assert max(month[i] for i in held_out) - min(month[i] for i in held_out) < months  # type: ignore[operator, type-var]
        seen += held_out
    assert len(seen) == len(set(seen))  # held out once at most
    assert all(month[i] is not None and month[i] >= month_of(start) for i in seen)  # type: ignore[operator]


def test_windows_by_month_with_linked_rows_left_out() -> None:
    published = ["2020-01-05", "2020-02-09", "2020-03-01", None, "2020-05", "2019"]
    groups = ["a", "b", "a", "c", "d", "e"]
    assert rolling_origin(published, groups, "2020-02", 1) == [((0,), (1,)), ((1,), (2,)), ((0, 1, 2), (4,))]
    # In one long window the first row, which is linked to the third, does not train either: nothing is left.
    with pytest.raises(SplitError):
        rolling_origin(published[:3], groups[:3], "2020-02", 12)


def test_no_window_is_told() -> None:
    with pytest.raises(SplitError, match=r"in 2021-01 or later with others before it \(they reach from 2020-01 to"):
        rolling_origin(["2020-01", "2020-02"], ["a", "b"], "2021-01", 1)
    with pytest.raises(SplitError, match="none has a month"):
        rolling_origin([None, "2020"], ["a", "b"], "2021-01", 1)


@pytest.mark.parametrize(
    ("date", "month"), [("2024-03-01", 2024 * 12 + 2), ("2024-03", 2024 * 12 + 2), ("2024", None), (None, None)]
)
def test_month_of_a_date(date: str | None, month: int | None) -> None:
    assert month_of(date) == month


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=60),
    st.lists(st.integers(1, 70), min_size=1, max_size=5, unique=True).map(sorted),
    st.integers(0, 2**31 - 1),
)
def test_draws_are_nested_whole_groups_and_no_larger_than_asked(groups: list[str], sizes: list[int], seed: int) -> None:
    draws = nested_draws(groups, sizes, seed)
    assert draws == nested_draws(groups, sizes, seed)
    before: set[int] = set()
    for size, rows in zip(sizes, draws, strict=True):
        assert len(rows) <= size and before <= set(rows) and list(rows) == sorted(set(rows))
        drawn = {groups[i] for i in rows}
        assert all((group in drawn) == (i in rows) for i, group in enumerate(groups))
        before = set(rows)
    if sizes[-1] >= len(groups):
        assert len(draws[-1]) == len(groups)


def test_other_seeds_draw_others() -> None:
    groups = [str(i // 2) for i in range(200)]
    assert len({nested_draws(groups, [40], seed)[0] for seed in range(5)}) == 5
