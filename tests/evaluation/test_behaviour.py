"""Behaviour tests are data: minimal pairs that keep or lose a label."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.codebook import Codebook
from toolkit.config import load_scheme
from toolkit.errors import DataError
from toolkit.evaluation import evaluate_behaviour
from toolkit.records import BehaviourTest, Statement
from toolkit.storage import read_behaviour

ROOT = Path(__file__).resolve().parents[2]
STANCE = load_scheme("stance", ROOT)
SHIPPED = ROOT / "data" / "behaviour" / "stance.jsonl"


def one(pair: str, change: str, has: bool) -> BehaviourTest:
    return BehaviourTest(pair, "denial", "denies", change, Statement("1", pair, "text", (), "direct"), has)


def test_shares_by_change_and_pairs() -> None:
    tests = [one("a", "original", True), one("a", "negated", False), one("b", "original", True)]
    found = evaluate_behaviour(tests, [["denial"], ["denial"], ["denial", "threatening"]])
    assert found.figures["all"].value == pytest.approx(2 / 3) and found.figures["all"].support == 3
    assert found.figures["pairs"].value == 0.5 and found.figures["change: negated"].value == 0
    assert found.figures["keeps"].value == 1 and found.failed == (tests[1],)


def test_the_shipped_pairs_cover_every_rule() -> None:
    tests = list(read_behaviour(SHIPPED, STANCE))
    covered: dict[tuple[str, str], set[bool]] = {}
    for test in tests:
        covered.setdefault((test.label, test.rule), set()).add(test.has)
    rules = {(label, rule) for label, one in STANCE.labels.items() for rule in one.rules}
    assert len(rules - set(covered)) <= 12  # rules younger than the pairs
    assert all(wanted == {True, False} for wanted in covered.values())
    assert len({test.statement.text for test in tests}) == len(tests)


def test_the_codebook_keeps_what_it_reached() -> None:
    tests = list(read_behaviour(SHIPPED, STANCE))
    codebook = Codebook(STANCE)
    given = [codebook.labels_of(codebook.find(test.statement)) for test in tests]
    figures = evaluate_behaviour(tests, given).figures
    assert figures["all"].value >= 0.85 and figures["loses"].value >= 0.88 and figures["change: original"].value >= 0.98


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            '{"pair": "a", "label": "x", "rule": "r", "change": "c", "text": "t", "has": true}',
            "'x' is not in the scheme",
        ),
        ('{"pair": "a", "label": "denial", "rule": "r", "change": "c", "text": "t", "has": true}', "no rule 'r'"),
        (
            '{"pair": "a", "label": "denial", "rule": "denies", "change": "c", "text": "t", "has": 3}',
            "true or false, not 3",
        ),
        ('{"pair": "a", "label": "denial", "rule": "denies", "change": "c", "text": "t"}', "has"),
    ],
)
def test_a_row_that_is_no_test_is_named(tmp_path: Path, row: str, problem: str) -> None:
    path = tmp_path / "tests.jsonl"
    path.write_text(row + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=problem):
        list(read_behaviour(path, STANCE))
