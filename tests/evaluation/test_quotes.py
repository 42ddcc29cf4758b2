"""Extraction is scored as the benchmark's own script scores it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.corpora.polnear import read_polnear
from toolkit.errors import DataError
from toolkit.evaluation import Resampling, evaluate_quotes
from toolkit.quotes import extract
from toolkit.records import Article, Statement, statement_id
from toolkit.storage import read_annotations, read_articles, record_row

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


def told(start: int, end: int, kind: str = "indirect", **more: str | None) -> Statement:
    span = ((start, end),)
    return Statement(statement_id("a", span), "a", TEXT[start:end], span, kind, **more)  # type: ignore[arg-type]


def test_figures_over_all_statements_of_gold() -> None:
    # What is indirect without a verb of saying is asked for among all only.
    gold = [told(0, 32, "direct"), told(73, 95, "mixed", cue="knew"), told(48, 60, cue="knew")]
    found = evaluate_quotes([ARTICLE], gold, [told(1, 31, "indirect"), told(73, 95)])
    figures = {
        name: (found.figures[f"all/{name}"].value, found.figures[f"all/{name}"].support)
        for name in ("precision", "recall", "f1")
    }
    assert figures == {"precision": (1, 3), "recall": (pytest.approx(2 / 3), 3), "f1": (pytest.approx(4 / 5), 3)}
    assert {name: (f.value, f.support) for name, f in found.by_kind_of_all.items()} == {
        "direct": (1, 1),
        "mixed": (1, 1),
        "indirect": (0, 1),
    }
    assert {name: f.value for name, f in found.by_kind.items()} == {"direct": 1, "mixed": 1}


def test_where_nothing_matches_the_f1_of_all_is_zero() -> None:
    found = evaluate_quotes([ARTICLE], [told(0, 32, "direct")], [told(73, 95)])
    assert found.figures["all/f1"].value == 0
    assert evaluate_quotes([ARTICLE], [], []).figures["all/f1"].value is None


def test_names_of_speakers_and_addressees() -> None:
    gold = [
        told(0, 32, "direct", speaker="Ana Lund", addressee="Iran"),
        told(48, 60, speaker="the ministry", addressee="France"),
        told(73, 95, addressee=None),
        told(33, 46, speaker="missed", addressee="missed"),
    ]
    extracted = [
        told(0, 32, "direct", speaker="Lund", addressee="Iran's government"),
        told(48, 60, speaker="Berg"),
        told(73, 95, speaker="nobody asked", addressee="France"),
    ]
    figures = evaluate_quotes([ARTICLE], gold, extracted).figures
    assert (figures["speaker_name/accuracy"].value, figures["speaker_name/accuracy"].support) == (0.5, 2)
    assert (figures["addressee/precision"].value, figures["addressee/precision"].support) == (0.5, 2)
    assert (figures["addressee/recall"].value, figures["addressee/recall"].support) == (0.5, 2)
    assert not [name for name in evaluate_quotes([ARTICLE], GOLD, extracted).figures if name.startswith("addressee")]


def test_what_of_each_act_is_in_gold() -> None:
    gold = [told(0, 32, "direct"), told(73, 95)]
    extracted = [told(0, 32, "direct", act="said"), told(73, 95, act="performed"), told(33, 46, act="performed")]
    found = evaluate_quotes([ARTICLE], gold, [*extracted, told(48, 60)])
    assert {name: (f.value, f.support) for name, f in found.by_act.items()} == {"performed": (0.5, 2), "said": (1, 1)}
    assert evaluate_quotes([ARTICLE], gold, [told(73, 95)]).by_act == {}


def test_acts_that_are_not_asked_for_are_left_out_and_told() -> None:
    extracted = [
        told(0, 32, "direct", act="said"),
        told(33, 46, act="performed"),
        told(48, 60, act="named"),
        told(73, 95),
    ]
    every = evaluate_quotes([ARTICLE], GOLD, extracted)
    assert every.scored == {"said": 1, "performed": 1, "named": 1, None: 1} and every.left_out == {}
    assert every.figures["all/precision"].value == 0.5
    some = evaluate_quotes([ARTICLE], GOLD, extracted, include=["said"])
    assert some.scored == {"said": 1, None: 1} and some.left_out == {"performed": 1, "named": 1}
    assert some.figures["all/precision"].value == 1 and list(some.by_act) == ["said"]


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
    ours = evaluate_quotes(
        [a for a, _ in read], [s for _, gold in read for s in gold], extracted, resampling=Resampling(resamples=100)
    )
    for name, value in theirs.items():
        if isinstance(value, dict):
            for part, number in value.items():
                # Their F1 is that of a rounded precision and recall.
                within = 1e-4 if part == "f1" else 5.1e-5
                assert ours.figures[f"{name}/{part}"].value == pytest.approx(number, abs=within), (name, part)
        elif name.endswith("accuracy"):
            assert ours.figures[f"{name}/accuracy"].value == pytest.approx(value, abs=5.1e-5), name


CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the annotated news lie beside the repository, not in it")
def test_the_figures_agree_with_those_of_the_annotated_news(tmp_path: Path) -> None:
    news = CORPORA / "news_dev"
    articles = list(read_articles([news / "articles.jsonl"]))
    gold = list(read_annotations(news / "gold.jsonl", {article.article_id: article.text for article in articles}))
    extracted = [statement for article in articles for statement in extract(article)]
    predictions = tmp_path / "p.jsonl"
    predictions.write_text("\n".join(json.dumps(record_row(s)) for s in extracted), encoding="utf-8")
    files = [str(news / "articles.jsonl"), str(news / "gold.jsonl"), str(predictions)]
    command = [sys.executable, str(CORPORA / "score_news.py"), *files]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    ours = evaluate_quotes(articles, gold, extracted, resampling=Resampling(resamples=100))
    expected = {
        r"P (\S+)": ours.figures["all/precision"],
        r"R (\S+)": ours.figures["all/recall"],
        r"F1 (\S+)": ours.figures["all/f1"],
        r"resolved speaker right (\S+)": ours.figures["speaker_name/accuracy"],
    } | {rf"{kind} recall (\S+)": ours.by_kind_of_all[kind] for kind in ("direct", "mixed", "indirect")}
    for pattern, figure in expected.items():
        theirs = re.search(pattern, printed)
        assert theirs is not None and figure.value == pytest.approx(float(theirs[1]), abs=5.1e-4), pattern
