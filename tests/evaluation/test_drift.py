"""Who drifts is found, who does not is left alone, and what cannot be said is not said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from toolkit.evaluation import Drift, drifts
from toolkit.labels import Label, LabelScheme
from toolkit.records import Labels, Statement

THREAT = {"threat": Label(definition="A threat.")}
SCHEME = LabelScheme(name="stance", question="What?", multi_label=True, labels=THREAT)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def table(seed: int, articles: int, drift: float, timed: bool = True) -> list[tuple[Statement, Labels]]:
    """Five statements an article; articles differ in how hard they are, and ben gives the label ever more often."""
    draw, rows, n = np.random.default_rng(seed), [], 5 * articles
    for k in range(n):
        if k % 5 == 0:
            hard = draw.choice([0.02, 0.3])
        true = draw.random() < 0.3
        statement = Statement(f"s{k}", f"a{k // 5}", f"t{k}", ((0, 1),), "direct")
        for who in ("ann", "ben", "cem"):
            given = true != (draw.random() < hard) or (who == "ben" and draw.random() < drift * k / n)
            at = (BEGIN + timedelta(minutes=k)).isoformat() if timed else None
            rows.append((statement, Labels(f"s{k}", {"stance": ("threat",) if given else ()}, who, given_at=at)))
    return rows


def told(found: list[Drift]) -> set[tuple[str, str | None]]:
    return {(one.annotator, one.label) for one in found if one.p_value is not None and one.p_value < 0.05}


def test_who_gives_a_label_ever_more_often_is_found_and_in_which_way() -> None:
    found = drifts(table(1, 40, drift=0.8), SCHEME)
    assert ("ben", "threat") in told(found)
    ben = next(one for one in found if (one.annotator, one.label) == ("ben", "threat"))
    first, second, last = ben.thirds
    assert first < min(second, last) and last > 0.2 and (ben.statements, ben.articles) == (200, 40)
    assert [(one.annotator, one.label) for one in found] == [
        (n, k) for n in ("ann", "ben", "cem") for k in (None, "threat")
    ]
    assert drifts(table(1, 40, drift=0.8), SCHEME) == found


def test_where_nobody_drifts_it_is_seldom_told() -> None:
    """Of ten tables at most two, at a level of 5 %, though statements of one article are alike."""
    assert sum(bool(told(drifts(table(seed, 12, drift=0), SCHEME))) for seed in range(10)) <= 2


@pytest.mark.parametrize("articles, timed", [(4, True), (12, False)])
def test_too_few_articles_and_no_times_leave_it_undefined(articles: int, timed: bool) -> None:
    found = drifts(table(1, articles, drift=0.8, timed=timed), SCHEME)
    assert {one.p_value for one in found} == {None}
    assert all((one.thirds is None) is not timed for one in found)


def test_all_at_one_time_and_always_alike_are_undefined_too() -> None:
    def rows(minutes: int) -> list[tuple[Statement, Labels]]:
        return [
            (
                Statement(f"s{k}", f"a{k}", "t", ((0, 1),), "direct"),
                Labels(f"s{k}", {"stance": ()}, who, given_at=(BEGIN + timedelta(minutes=minutes * k)).isoformat()),
            )
            for k in range(9)
            for who in ("ann", "ben")
        ]

    for minutes in (0, 1):
        assert {(one.p_value, one.thirds) for one in drifts(rows(minutes), SCHEME)} == {(None, (0, 0, 0))}
