"""Every count and every weight is that of scikit-learn, whatever stands in the texts."""

from __future__ import annotations

import json
import string
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils import murmurhash3_32

from tests.conftest import REPOSITORY
from toolkit.classifiers import build, ngrams
from toolkit.classifiers.columns import Columns, Hashing, Vocabulary, murmur3
from toolkit.classifiers.heads import LogisticRegression
from toolkit.classifiers.linear import LinearModel
from toolkit.classifiers.ngrams import WORD, NGrams, pieces, weigh
from toolkit.errors import ModelError
from toolkit.inputs import text_array
from toolkit.labels import LabelScheme

AWKWARD = [
    *" aAbB_'’-.,0ıİIiΣσςßẞéÉ\u0301\u200b\u200d\ufeff\u00ad·:ŉǅﬁ日本語ไทยक्ष😀🏳️‍🌈\ud83d\ude00\udc00\ufffd\U0010ffff",
    *"\t\n\v\f\r\0\x1b\x1c\x1d\x1e\x1f\x7f\x85\xa0\u1680\u2000\u2007\u2028\u2029\u202f\u205f\u3000\u180e",
]
PIECES = st.sampled_from([*AWKWARD, "the", "The", "won't", "ΟΔΟΣ", "ΣΑΣ.", "talks", "  ", " — ", "İstanbul", "x" * 17])
TEXTS = st.lists(st.lists(PIECES, max_size=14).map("".join), min_size=1, max_size=7)
RANGES = [(1, 1), (1, 2), (2, 2), (2, 4), (3, 3), (1, 5), (4, 6)]


def vectorizer(kind: str, span: tuple[int, int], bits: int | None):
    cut = {"token_pattern": WORD} if kind == "words" else {"analyzer": "char_wb"}
    if bits is None:
        return CountVectorizer(ngram_range=span, **cut)
    return HashingVectorizer(n_features=2**bits, alternate_sign=False, norm=None, ngram_range=span, **cut)


def columns(kind: str, span: tuple[int, int], bits: int | None, fitted) -> Columns:
    if bits is not None:
        return Hashing(bits, span, kind == "characters")
    return Vocabulary(sorted(fitted.vocabulary_, key=fitted.vocabulary_.get), span, kind == "characters")


def assert_equal(ours: csr_matrix, theirs: csr_matrix, within: float = 0.0) -> None:
    assert ours.shape == theirs.shape
    assert abs(ours - theirs).max() <= within


def assert_counts(kind: str, span: tuple[int, int], bits: int | None, learnt: Sequence[str], read: list[str]) -> None:
    theirs = vectorizer(kind, span, bits)
    try:
        theirs.fit(learnt)
    except ValueError:
        return  # an empty vocabulary
    counter = NGrams({kind: columns(kind, span, bits, theirs)})
    (counts,) = counter.count(pa.array(read, pa.large_string()))
    assert_equal(counts, theirs.transform(read))
    again = vstack([counter.count(pa.array([text]))[0] for text in read])
    assert_equal(again, counts)


@settings(max_examples=250, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(["words", "characters"]), st.sampled_from(RANGES), st.sampled_from([None, 6, 18]))
@example(["a ΑΣ b"], ["ΑΣ", "ΑΣ ΑΣ", "ΑΣ\xa0Α", "ΑΣ\x1cΑ", "", " ", "\0"], "words", (1, 2), None)
@example(["a"], ["", "..", " \n"], "words", (1, 2), 10)
@example(["a"], ["", "..", " \n"], "characters", (4, 6), 10)
def test_counts_are_those_of_scikit_learn(
    learnt: list[str], read: list[str], kind: str, span: tuple[int, int], bits: int | None
) -> None:
    learnt, read = text_array(learnt).to_pylist(), text_array([*read, *learnt]).to_pylist()
    assert_counts(kind, span, bits, learnt, read)


def test_half_a_surrogate_pair_is_written_as_it_is_in_files() -> None:
    assert text_array(["a\ud800b", "c"]).to_pylist() == ["a?b", "c"]


def test_no_word_of_scikit_learn_crosses_what_texts_are_cut_at() -> None:
    cut = [c for c in map(chr, range(0x110000)) if not 0xD800 <= ord(c) < 0xE000]
    found = pc.list_value_length(pc.ascii_split_whitespace(pa.array([f"a{c}b" for c in cut]))).to_pylist()
    assert {c for c, n in zip(cut, found, strict=True) if n > 1} == set(string.whitespace)
    for space in string.whitespace:
        assert (f"AΣ{space}Σa").lower() == f"aς{space}σa" and space.split() == []


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_hashes_are_those_of_scikit_learn(pieces_of_bytes: list[bytes]) -> None:
    stops = np.cumsum([len(piece) for piece in pieces_of_bytes], dtype=np.int64)
    starts = stops - np.array([len(piece) for piece in pieces_of_bytes], dtype=np.int64)
    found = murmur3(np.frombuffer(b"".join(pieces_of_bytes), dtype=np.uint8), starts, stops)
    assert found.tolist() == [murmurhash3_32(piece, seed=0) for piece in pieces_of_bytes]


def test_the_hash_without_a_positive_twin_has_the_column_of_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    from toolkit.classifiers import columns

    monkeypatch.setattr(columns, "murmur3", lambda data, starts, stops: np.full(len(starts), -(2**31), dtype=np.int32))
    cells = Hashing(10, (1, 1), False).cells(np.frombuffer(b"a ", dtype=np.uint8), np.array([1]))
    assert cells.tolist() == [[(2**31 - 1 - (2**10 - 1)) % 2**10]]


def sample_texts() -> list[str]:
    lines = (REPOSITORY / "data/sample/gold.jsonl").read_text(encoding="utf-8").splitlines()
    articles = (REPOSITORY / "data/sample/articles.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line).get("text") or "" for line in lines]
    return [text for text in texts if text] + [p for a in articles for p in json.loads(a)["text"].split("\n")]


SCHEME = LabelScheme.model_validate(
    {"name": "tone", "question": "?", "multi_label": False, "labels": {n: {"definition": n} for n in ("bad", "good")}}
)


@pytest.mark.parametrize("hash_bits", [None, 12])
@pytest.mark.parametrize("sublinear", [True, False])
@pytest.mark.parametrize(
    ("words", "characters"), [([1, 1], None), ([1, 3], None), (None, [2, 5]), ([1, 2], [4, 6]), ([2, 2], [1, 1])]
)
def test_weights_are_those_of_scikit_learn(
    words: list[int] | None, characters: list[int] | None, sublinear: bool, hash_bits: int | None
) -> None:
    texts = sample_texts()[::3]
    half = len(texts) // 2
    config = LinearModel(
        kind="linear",
        head=LogisticRegression(kind="logistic_regression", solver="lbfgs"),
        word_ngrams=words,
        char_ngrams=characters,
        sublinear_tf=sublinear,
        hash_bits=hash_bits,
        min_df=1 if hash_bits else 2,
    )
    parts = []
    for kind, span in (("words", words), ("characters", characters)):
        if span and hash_bits is None:
            cut = {"token_pattern": WORD} if kind == "words" else {"analyzer": "char_wb"}
            parts.append((kind, TfidfVectorizer(ngram_range=tuple(span), min_df=2, sublinear_tf=sublinear, **cut)))
        elif span:
            tfidf = TfidfTransformer(sublinear_tf=sublinear)
            parts.append((kind, Pipeline([("h", vectorizer(kind, tuple(span), hash_bits)), ("t", tfidf)])))
    theirs = FeatureUnion(parts).fit(texts[:half])
    ours = build(config, SCHEME, 0)
    ours.fit(texts[:half], np.eye(2)[np.arange(half) % 2], np.arange(half) % 3)
    assert_equal(ours._weighed(text_array(texts)), csr_matrix(theirs.transform(texts)), 1e-15)


def test_texts_without_an_ngram_have_no_weights() -> None:
    counter = NGrams({"words": Hashing(10, (1, 2), False)})
    (counts,) = counter.count(pa.array(["", "a", "..", "a a"]))
    weights = weigh(counts, np.full(2**10, 2.0), True).toarray()
    assert weights.sum(axis=1)[[0, 2]].tolist() == [0, 0]
    assert np.linalg.norm(weights, axis=1)[[1, 3]] == pytest.approx(1)
    assert weigh(counter.count(pa.array([], pa.string()))[0], np.ones(2**10), True).shape == (0, 2**10)


def test_what_is_remembered_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = sample_texts()[::20]
    made = {
        "words": columns("words", (1, 2), None, CountVectorizer(ngram_range=(1, 2), token_pattern=WORD).fit(texts)),
        "characters": Hashing(12, (2, 4), True),
    }
    expected = hstack(NGrams(made).count(pa.array(texts)))
    monkeypatch.setattr(ngrams, "_MOST_CHUNKS", 50)
    counter = NGrams(made)
    found = []
    for text in texts:
        found.append(hstack(counter.count(pa.array([text]))))
        assert len(counter._places) <= 51 + len(text.split())
    assert_equal(vstack(found).tocsr(), expected.tocsr())


def test_several_threads_may_ask_at_once() -> None:
    texts = sample_texts()
    counter = NGrams({"words": Hashing(14, (1, 2), False), "characters": Hashing(14, (2, 4), True)})
    expected = [hstack(NGrams(counter._columns).count(pa.array(texts[i::8]))) for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda i: hstack(counter.count(pa.array(texts[i::8]))), range(8)))
    for one, other in zip(found, expected, strict=True):
        assert_equal(one.tocsr(), other.tocsr())


@given(st.lists(st.integers(0, 30), max_size=20), st.integers(1, 40))
def test_pieces_cover_all_texts_in_order_and_stay_small(lengths: list[int], most: int) -> None:
    bounds = list(pieces(pa.array(["x" * n for n in lengths], pa.string()), most))
    assert [i for start, stop in bounds for i in range(start, stop)] == list(range(len(lengths)))
    assert all(stop - start == 1 or sum(lengths[start:stop]) <= most for start, stop in bounds)


@pytest.mark.parametrize("terms", [[], [""], ["a", "a"], ["a  b"], ["a b c"], [" a"]])
def test_a_vocabulary_that_cannot_be_one_is_refused(terms: list[str]) -> None:
    with pytest.raises(ModelError, match="vocabulary"):
        Vocabulary(terms, (1, 2), False)
    with pytest.raises(ModelError, match="vocabulary"):
        Vocabulary([*terms, "abc", "abc"], (1, 2), True)


def test_an_interrupt_while_new_words_are_looked_at_leaves_nothing_half_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = {"words": Hashing(10, (1, 1), False), "characters": Hashing(10, (2, 3), True)}
    counter = NGrams(made)
    texts = pa.array(["a b", "b c"])
    with monkeypatch.context() as patch:
        patch.setattr(ngrams, "_character_grams", lambda *given: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            counter.count(texts)
    for one, other in zip(counter.count(texts), NGrams(made).count(texts), strict=True):
        assert_equal(one, other)
