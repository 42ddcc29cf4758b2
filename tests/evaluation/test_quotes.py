"""Extraction is scored as the benchmark's own script scores it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.corpora.polnear import read_polnear
from toolkit.errors import DataError
from toolkit.evaluation import evaluate_quotes
from toolkit.quotes import extract
from toolkit.records import Article, Statement, statement_id
from toolkit.storage import record_row

TEXT = '"We will talk to them tomorrow," Ana Lund said. The ministry denied that it had sent the letter.'
ARTICLE = Article("a", TEXT)


def statement(start: int, end: int, kind: str, mention: tuple[int, int] | None, cue: str = "said") -> Statement:
    span = ((start, end),)
    low, high = mention or (None, None)
    return Statement(statement_id("a", span), "a", TEXT[start:end], span, kind, "x", low, high, cue)  # type: ignore[arg-type]


GOLD = [statement(0, 32, "direct", (33, 41)), statement(73, 95, "indirect", (48, 60), "denied")]


def test_a_perfect_extraction() -> None:
    found = evaluate_quotes(
        [ARTICLE], GOLD, [statement(1, 31, "direct", (33, 41)), statement(73, 95, "indirect", (48, 60))]
    )
    assert {figure.value for figure in found.figures.values()} == {1.0}
    assert found.errors == () and {name: f.value for name, f in found.by_kind.items()} == {"direct": 1, "indirect": 1}


def test_errors_are_told_one_by_one() -> None:
    found = evaluate_quotes(
        [ARTICLE], GOLD, [statement(1, 31, "direct", (48, 60)), statement(33, 46, "indirect", None)]
    )
    assert [(e.problem, e.gold is None, e.extracted is None) for e in found.errors] == [
        ("other speaker", False, False),
        ("missed", False, True),
        ("not in gold", True, False),
    ]
    assert found.figures["quoted_speaker_accuracy/accuracy"].value == 0
    assert found.figures["indirect/recall"].value == 0 and found.figures["indirect/precision"].value == 0
    assert found.figures["indirect_speaker_accuracy/accuracy"].value is None
    assert {name: (f.value, f.support) for name, f in found.by_cue.items()} == {"denied": (0, 1), "said": (1, 1)}


def test_nothing_extracted_has_no_precision() -> None:
    found = evaluate_quotes([ARTICLE], GOLD, [])
    assert found.figures["quoted_relaxed/precision"].value is None
    assert found.figures["quoted_relaxed/recall"].value == 0


def test_without_gold_there_is_no_recall() -> None:
    found = evaluate_quotes([ARTICLE], [], GOLD)
    assert found.figures["quoted_relaxed/recall"].value is None
    assert found.figures["quoted_relaxed/precision"].value == 0
    assert found.by_kind == {} and [error.problem for error in found.errors] == ["not in gold"] * 2


def test_statements_of_other_texts_are_refused() -> None:
    with pytest.raises(DataError, match="there is no article 'a'"):
        evaluate_quotes([Article("b", TEXT)], GOLD, [])
    with pytest.raises(DataError, match="its spans do not lie in the article's text"):
        evaluate_quotes([Article("a", "short")], GOLD, [])


BENCHMARK = Path(__file__).resolve().parents[3] / "shared" / "benchmarks" / "quotes"


@pytest.mark.skipif(not BENCHMARK.is_dir(), reason="the PolNeAR benchmark data lie beside the repository, not in it")
def test_the_figures_agree_with_the_benchmarks_own_script(tmp_path: Path) -> None:
    read = list(read_polnear(BENCHMARK / "polnear" / "dev"))
    extracted = [s for article, _ in read for s in extract(article)]
    (tmp_path / "p.jsonl").write_text("\n".join(json.dumps(record_row(s)) for s in extracted), encoding="utf-8")
    command = [
        sys.executable,
        str(BENCHMARK / "score_quotes.py"),
        str(BENCHMARK / "polnear" / "dev"),
        str(tmp_path / "p.jsonl"),
    ]
    theirs = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    ours = evaluate_quotes([a for a, _ in read], [s for _, gold in read for s in gold], extracted, resamples=100)
    for name, value in theirs.items():
        if isinstance(value, dict):
            for part, number in value.items():
                # Their F1 is that of a rounded precision and recall.
                within = 1e-4 if part == "f1" else 5.1e-5
                assert ours.figures[f"{name}/{part}"].value == pytest.approx(number, abs=within), (name, part)
        elif name.endswith("accuracy"):
            assert ours.figures[f"{name}/accuracy"].value == pytest.approx(value, abs=5.1e-5), name
