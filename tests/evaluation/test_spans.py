"""Agreement on spans: a published example, one counted by hand, and what must hold of any."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import DataError
from toolkit.evaluation import Resampling, agreement_on_spans
from toolkit.records import Article, Statement

TEN = Article("a", "w0 w1 w2 w3 w4 w5 w6 w7 w8 w9")
FEW = Resampling(resamples=100)


def words(article: Article, *places: tuple[int, int], speaker: tuple[int, int] | None = None) -> list[Statement]:
    """Mark from one word to another, inclusive; every word of the articles here has two letters."""
    mention = (None, None) if speaker is None else (3 * speaker[0], 3 * speaker[1] + 2)
    return [
        Statement(f"{article.article_id}{a}", article.article_id, "t", ((3 * a, 3 * b + 2),), "direct", None, *mention)
        for a, b in places
    ]


def test_a_published_example() -> None:
    """Krippendorff (2011), Computing Krippendorff's alpha-reliability, example A: 0.0952."""
    meg, owen = words(TEN, (1, 1), (8, 8)), words(TEN, (0, 0), (1, 1), (2, 2), (5, 5))
    found = agreement_on_spans([TEN], {"meg": meg, "owen": owen}, FEW)
    assert found.words["statement"].value == pytest.approx(0.0952, abs=5e-5)
    assert (found.n, found.marked["statement"], found.alike["statement"]) == (10, 5, 1)
    assert found.words["speaker"].value is None and found.marked["speaker"] == 0
    assert found.shared["relaxed"].value == pytest.approx(2 / 6) and found.shared["relaxed"].support == 6


def test_counted_by_hand() -> None:
    """Words 0-4 and 0-2: of 20 codes 8 are 1, 2 words differ: 1 - 19 * 4 / (2 * 8 * 12); 3 of 5 words are shared."""
    found = agreement_on_spans([TEN], {"a": words(TEN, (0, 4), speaker=(6, 6)), "b": words(TEN, (0, 2))}, FEW)
    assert found.words["statement"].value == pytest.approx(1 - 19 * 4 / (2 * 8 * 12))
    assert found.shared["relaxed"].value == 1 and found.shared["strict"].value == 0
    assert (found.marked["speaker"], found.alike["speaker"]) == (1, 0)
    assert found.words["speaker"].value == pytest.approx(0)  # what chance would give of one mark among 20


ARTICLES = [Article(name, TEN.text) for name in "abc"]
SPANS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted), max_size=4, unique_by=lambda one: one[0])


@settings(max_examples=40)
@given(st.lists(SPANS, min_size=3, max_size=3), st.lists(SPANS, min_size=3, max_size=3))
def test_order_does_not_matter_and_equal_marks_agree(one: list, other: list) -> None:
    def marked(spans: list) -> list[Statement]:
        return [s for article, places in zip(ARTICLES, spans, strict=True) for s in words(article, *places)]

    def figures(a: list, b: list) -> list[float | None]:
        found = agreement_on_spans(ARTICLES, {"a": marked(a), "b": marked(b)}, Resampling(resamples=2))
        return [one.value for one in (*found.words.values(), *found.shared.values())]

    assert figures(one, other) == pytest.approx(figures(other, one), nan_ok=True)
    alpha, _, relaxed, strict = figures(one, one)
    assert alpha in (None, pytest.approx(1)) and relaxed == strict == (1 if any(one) else None)


def test_intervals_are_over_articles_and_who_marked_nothing_is_told() -> None:
    articles = [Article(f"a{k:02}", TEN.text) for k in range(12)]
    ann = [s for article in articles for s in words(article, (0, 4))]
    ben = [s for article in articles[:9] for s in words(article, (0, 4), (7, 7))]
    found = agreement_on_spans(articles, {"ann": ann, "ben": ben}, Resampling(resamples=200))
    alpha = found.words["statement"]
    assert alpha.low < alpha.value < alpha.high < 1 and found.empty == {"ann": 0, "ben": 3}
    assert found.statements == {"ann": 12, "ben": 18}


@pytest.mark.parametrize(
    "marked, told",
    [
        ({"a": words(TEN, (0, 1))}, "needs two annotators"),
        ({"a": words(TEN, (0, 1)), "b": words(Article("z", ""), (0, 1))}, "there is no article 'z' in --articles"),
        ({"a": words(TEN, (0, 1)), "b": words(TEN, (9, 12))}, "do not lie in the article's text"),
    ],
)
def test_what_cannot_be_compared_is_said(marked: dict, told: str) -> None:
    with pytest.raises(DataError, match=told):
        agreement_on_spans([TEN], marked, FEW)


def test_as_a_user(tmp_path: Path, run_stance) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"article_id": "a", "text": "“We deny it,” she said. It rained."}))
    rows = [{"article_id": "a", "spans": [[0, end]], "annotator": who} for who, end in (("ann", 13), ("ben", 8))]
    for row in rows:
        (tmp_path / f"{row['annotator']}.jsonl").write_text(json.dumps(row))
    asked = ("annotate", "agreement", "--spans", "ann.jsonl", "ben.jsonl", "-a", "a.jsonl")
    done = run_stance(*asked, "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert (told["statement"]["n"], told["statement"]["marked"], told["statement"]["alike"]) == (7, 3, 2)
    assert told["shared"]["relaxed"]["f1"] == 1 and told["shared"]["strict"]["f1"] == 0
    done = run_stance(*asked, cwd=tmp_path)
    assert "1 article of 7 words; marked: ann 1, ben 1." in done.stderr and "undefined" in done.stderr
    for wrong, said in (
        (("--spans", "ann.jsonl"), "--spans: --articles names the articles"),
        (("ann.jsonl", "-a", "a.jsonl"), "--articles belongs to --spans"),
        ((*asked[2:], "--scheme", "stance"), "--scheme: --spans compares spans"),
        (("--spans", "ann.jsonl", "-a", "a.jsonl"), "needs two annotators"),
    ):
        done = run_stance("annotate", "agreement", *wrong, cwd=tmp_path)
        assert done.returncode in (1, 2) and said in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
