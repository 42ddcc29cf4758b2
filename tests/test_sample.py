"""The sample corpus is what its datasheet says: size, labels, hand-written, sound."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path

import pytest

from toolkit.config import load_scheme
from toolkit.gold import align, check
from toolkit.quotes import extract
from toolkit.splits import near_duplicates
from toolkit.storage import read_articles, read_labelled

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
SCHEMES = [load_scheme(name, ROOT) for name in ("stance", "sentiment")]


@pytest.fixture(scope="module")
def articles():
    return list(read_articles([SAMPLE / "articles.jsonl"]))


@pytest.fixture(scope="module")
def gold():
    return list(read_labelled(SAMPLE / "gold.jsonl", SCHEMES))


@pytest.fixture(scope="module")
def extracted(articles):
    return [extract(article) for article in articles]


def test_it_is_sound() -> None:
    assert check([SAMPLE / "articles.jsonl"], SAMPLE / "gold.jsonl", SCHEMES).problems == ()


def test_articles(articles) -> None:
    assert len(articles) >= 60
    words = [len(article.text.split()) for article in articles]
    assert 150 <= min(words) and max(words) <= 400
    assert len({article.source for article in articles}) >= 4
    dates = sorted(article.published for article in articles)
    assert dates[0][:4] != dates[-1][:4]
    assert int(dates[-1][:4]) * 12 + int(dates[-1][5:7]) - int(dates[0][:4]) * 12 - int(dates[0][5:7]) >= 22


def test_labels(gold) -> None:
    assert len(gold) >= 400
    stances = [labels.by_scheme["stance"] for _, labels in gold]
    counts = Counter(itertools.chain.from_iterable(stances))
    assert all(counts[name] >= 70 for name in SCHEMES[0].labels), counts
    assert sum(len(one) >= 2 for one in stances) >= 25
    assert sum(not one for one in stances) >= 0.65 * len(stances)
    kinds = Counter(statement.kind for statement, _ in gold)
    assert all(kinds[kind] >= 60 for kind in ("direct", "mixed", "indirect")), kinds
    tones = Counter(labels.by_scheme["sentiment"][0] for _, labels in gold)
    assert all(tones[name] >= 50 for name in SCHEMES[1].labels), tones


def test_the_ordinary_part_was_labelled_twice(gold) -> None:
    import json

    second = [json.loads(line) for line in (SAMPLE / "second.jsonl").read_text(encoding="utf-8").splitlines()]
    first = {statement.statement_id: labels.by_scheme for statement, labels in gold}
    assert {row["statement_id"] for row in second} == {name for name in first if name.startswith("ordinary-")}
    same = sum(set(first[row["statement_id"]]["stance"]) == set(row["stance"]) for row in second)
    assert len(second) - 10 < same < len(second)


def test_nothing_is_written_twice(articles, gold) -> None:
    statements = [statement.text for statement, _ in gold if len(statement.text.split()) >= 5]
    assert len(near_duplicates(statements, 0.5)) / len(statements) <= 0.005
    sentences = [s for article in articles for s in re.split(r"(?<=[.!?])\s+", article.text) if len(s.split()) >= 8]
    assert len(near_duplicates(sentences, 0.6)) / len(sentences) <= 0.005
    assert near_duplicates([article.text for article in articles], 0.1) == []


def test_word_lists_do_not_give_the_labels_away(gold) -> None:
    """Of each label's statements, at least a third holds none of the codebook's own cue patterns for it."""
    for k, name in enumerate(SCHEMES[0].labels):
        ours = [s for s, labels in gold if name in labels.by_scheme["stance"]]
        hit = sum(SCHEMES[0].match_cues(f"{s.cue or ''} {s.text}")[k] for s in ours)
        assert hit / len(ours) <= 2 / 3, name


def test_extraction_finds_most_of_it(articles, gold, extracted) -> None:
    found = align(articles, [s for s, _ in gold], list(itertools.chain.from_iterable(extracted)), 0.5)
    assert found.recall > 0.8 and found.precision > 0.85 and found.speaker_accuracy > 0.7


def test_lines_that_are_no_running_text_give_no_statement(articles, extracted) -> None:
    for article, statements in zip(articles, extracted, strict=True):
        for statement in statements:
            line = article.text[article.text.rfind("\n", 0, statement.spans[0][0]) + 1 :].split("\n")[0]
            assert not re.match(r"(?i)(also read|follow us|sign up|by [a-z]+ [a-z]+$|photo:|\(reporting by)", line), (
                line
            )


def test_the_fresh_articles_give_statements() -> None:
    fresh = list(read_articles([SAMPLE / "fresh"]))
    assert len(fresh) >= 4 and all(extract(article) for article in fresh)
