"""Agreement: published examples to four digits, other people's implementations, and what a coefficient must keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from toolkit.errors import DataError
from toolkit.evaluation import Resampling, agreement
from toolkit.evaluation.annotators.agreement import alpha, cohen_kappa, gwet_ac1, masi_distance
from toolkit.labels import Label, LabelScheme
from toolkit.records import Labels, Statement

FOUR_OBSERVERS = """
    1 1 . 1 | 2 2 3 2 | 3 3 3 3 | 3 3 3 3 | 2 2 2 2 | 1 2 3 4 | 4 4 4 4 | 1 1 2 1 | 2 2 2 2 | . 5 5 5 | . . 1 1 | . . 3 .
"""
"""Krippendorff (2011), Computing Krippendorff's alpha-reliability, example C; Gwet (2014) has the same table."""


def codes(table: str) -> np.ndarray:
    return np.array([[-1 if c == "." else int(c) - 1 for c in row.split()] for row in table.split("|")])


def test_published_examples() -> None:
    values = codes(FOUR_OBSERVERS)
    assert alpha(values) == pytest.approx(0.7434, abs=5e-5)
    assert gwet_ac1(values, 5) == pytest.approx(0.7754, abs=5e-5)
    two_observers = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]).T  # example A
    assert alpha(two_observers) == pytest.approx(0.0952, abs=5e-5)
    letters = ["a a b b d c c c e d d a".split(), "b a b b b c c c e d d d".split()]  # example B
    nominal = np.array([[ord(c) - ord("a") for c in row] for row in letters]).T
    assert alpha(nominal) == pytest.approx(0.692, abs=5e-4)


def test_distances_of_sets() -> None:
    """Passonneau (2006): equal, a subset, an overlap, nothing in common."""
    a, b = frozenset("ab"), frozenset("abcd")
    assert masi_distance(a, a) == 0 and masi_distance(frozenset(), frozenset()) == 0
    assert masi_distance(a, b) == pytest.approx(1 - 2 / 3 * 1 / 2)
    assert masi_distance(frozenset("ab"), frozenset("bc")) == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi_distance(a, frozenset("c")) == 1 == masi_distance(frozenset(), a)


RATINGS = st.integers(2, 4).flatmap(
    lambda raters: st.lists(st.lists(st.integers(-1, 2), min_size=raters, max_size=raters), min_size=2, max_size=25)
)


@given(RATINGS)
def test_coefficients_do_not_depend_on_the_order_and_agree_with_other_implementations(table: list[list[int]]) -> None:
    values = np.array(table)
    seen = (values[:, 0] >= 0) & (values[:, 1] >= 0)
    one, other = values[seen][:, 0], values[seen][:, 1]
    kappa = cohen_kappa(values[:, 0], values[:, 1])
    if kappa is not None:
        assert kappa == pytest.approx(cohen_kappa_score(one, other))
    else:
        assert len(one) == 0 or len(set(one) | set(other)) == 1
    for coefficient in (alpha, lambda v: gwet_ac1(v, 3)):
        found = coefficient(values)
        turned = coefficient(values[::-1, ::-1])
        assert (found is None) == (turned is None)
        if found is not None:
            assert found == pytest.approx(turned) and found <= 1 + 1e-12
    if (found := alpha(values)) is not None:
        assert found == pytest.approx(slow_alpha(values))


def slow_alpha(values: np.ndarray) -> float:
    """Alpha as it is defined: over all pairs, one by one."""
    units = [[code for code in row if code >= 0] for row in values.tolist()]
    units = [unit for unit in units if len(unit) > 1]
    everything = [code for unit in units for code in unit]
    n = len(everything)
    observed = sum(sum(a != b for a in unit for b in unit) / (len(unit) - 1) for unit in units) / n
    expected = sum(a != b for a in everything for b in everything) / (n * (n - 1))
    return 1 - observed / expected


def labels_of(*names: str, multi: bool) -> LabelScheme:
    labels = {name: Label(definition="d") for name in names}
    return LabelScheme(name="s", question="q", multi_label=multi, labels=labels)


def rows(*readings: dict[str, str], article: str | None = None):  # type: ignore[no-untyped-def]
    for number, reading in enumerate(readings):
        one = Statement(f"s{number}", article or f"a{number}", f"text {number}", (), "direct")
        for annotator, given_labels in reading.items():
            yield one, Labels(one.statement_id, {"s": tuple(given_labels.split())}, annotator)


def test_of_sets_every_label_is_a_question_and_the_most_contested_come_first() -> None:
    scheme = labels_of("x", "y", "z", multi=True)
    table = rows({"A": "x", "B": "x"}, {"A": "x y", "B": "x"}, {"A": "", "B": "y"}, {"A": "", "B": ""}, {"A": "x"})
    found = agreement(table, scheme, Resampling(resamples=200))
    assert (found.statements, found.single, found.alike, found.annotators) == (4, 1, 2, ("A", "B"))
    assert found.labels["x"].alpha == 1 and found.labels["z"].alpha is None and found.labels["z"].kappa is None
    assert found.labels["z"].ac1 == 1
    assert (found.labels["y"].given, found.labels["y"].alike, found.pooled.n, found.pooled.alike) == (2, 2, 12, 10)
    assert [one.statement.statement_id for one in found.contested] == ["s2", "s1"]
    assert found.contested[0].given == {"A": (), "B": ("y",)} and found.contested[0].distance == 1
    assert found.sets is not None and found.sets.value is not None and found.sets.value < 1
    assert found.labels["y"].alpha_low is not None and found.labels["y"].alpha_low <= found.labels["y"].alpha
    told = found.to_dict()
    assert {"n", "alpha", "alpha_low", "alpha_high", "kappa", "ac1"} <= set(told["x"]) & set(told["pooled"])
    assert list(told) == ["x", "y", "z", "pooled"] and told["pooled"]["masi_alpha"] == found.sets.value


def test_of_one_label_the_pooled_figure_is_over_all_labels() -> None:
    scheme = labels_of("x", "y", "z", multi=False)
    table = rows({"A": "x", "B": "x", "C": "y"}, {"A": "z", "B": "y", "C": "z"}, {"A": "y", "B": "y"})
    found = agreement(table, scheme, Resampling(resamples=200))
    assert found.pooled.alpha == pytest.approx(alpha(np.array([[0, 0, 1], [2, 1, 2], [1, 1, -1]])))
    assert set(found.pooled.kappa_of_pairs) == {"A & B", "A & C", "B & C"} and found.sets is None
    assert found.pooled.n == 3 and found.alike == 1


def test_one_article_has_no_interval() -> None:
    scheme = labels_of("x", "y", multi=False)
    found = agreement(rows({"A": "x", "B": "x"}, {"A": "y", "B": "x"}, article="a"), scheme, Resampling(resamples=100))
    assert found.articles == 1 and found.pooled.alpha is not None and found.pooled.alpha_low is None


@pytest.mark.parametrize(
    ("readings", "told"),
    [
        ([], "agreement needs two annotators: nobody labelled a statement in the scheme 's'."),
        ([{"A": "x"}], "agreement needs two annotators: only 'A' labelled a statement in the scheme 's'."),
        ([{"A": "x"}, {"B": "x"}], "no statement was labelled by two annotators in the scheme 's'."),
    ],
)
def test_what_cannot_be_compared_is_told(readings: list[dict[str, str]], told: str) -> None:
    with pytest.raises(DataError) as error:
        agreement(rows(*readings), labels_of("x", multi=True), Resampling())
    assert str(error.value) == told
