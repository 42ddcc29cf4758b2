"""Gold statements find the extracted statements that stand for them, once each, best first."""

from __future__ import annotations

import pytest

from toolkit.errors import DataError
from toolkit.gold import align
from toolkit.records import Article, Statement, statement_id

TEXT = '"We will talk," Ana Lund said. "Tomorrow, even." The ministry denied it.'


def statement(*spans: tuple[int, int], speaker: str | None = "Ana Lund", article: str = "a") -> Statement:
    text = " ".join(TEXT[a:b] for a, b in spans)
    return Statement(statement_id(article, spans), article, text, spans, "direct", speaker)


ARTICLE = Article("a", TEXT)


def test_the_best_pair_is_matched_and_the_rest_is_told() -> None:
    gold = [statement((1, 14), (32, 47)), statement((69, 71))]
    extracted = [
        statement((1, 14), speaker="the Ana Lund"),
        statement((1, 14), (32, 47), speaker="Lund"),
        statement((50, 62)),
    ]
    found = align([ARTICLE], gold, extracted, 0.3)
    assert [(m.gold, m.extracted, m.overlap) for m in found.matches] == [(gold[0], extracted[1], 1.0)]
    assert found.missed == (gold[1],) and found.spurious == (extracted[0], extracted[2])
    assert found.precision == pytest.approx(1 / 3) and found.recall == 0.5 and found.speaker_accuracy == 0


def test_speakers_agree_whatever_the_case_and_the_article_before_them() -> None:
    found = align(
        [ARTICLE],
        [statement((1, 14), speaker="Foreign Ministry")],
        [statement((1, 14), speaker="the foreign ministry")],
        0.5,
    )
    assert found.speaker_accuracy == 1
    found = align([ARTICLE], [statement((1, 14), speaker=None)], [statement((1, 14))], 0.5)
    assert found.speaker_accuracy is None


def test_the_overlap_must_be_reached() -> None:
    gold, extracted = [statement((1, 47))], [statement((1, 14))]
    assert align([ARTICLE], gold, extracted, 0.2).matches and not align([ARTICLE], gold, extracted, 0.5).matches


def test_nothing_to_compare_is_undefined() -> None:
    found = align([ARTICLE], [], [], 0.5)
    assert (found.precision, found.recall, found.speaker_accuracy) == (None, None, None)


def test_gold_that_does_not_fit_its_article_is_named() -> None:
    with pytest.raises(DataError, match="there is no article 'b'"):
        align([ARTICLE], [statement((1, 14), article="b")], [], 0.5)
    with pytest.raises(DataError, match=r"its spans do not give its text .* is this the text that was annotated\?"):
        align([Article("a", TEXT.upper())], [statement((1, 14))], [], 0.5)
