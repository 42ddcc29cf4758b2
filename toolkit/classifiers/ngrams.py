"""N-grams of words and characters in many texts at once; every count and weight equals scikit-learn's.

Texts are cut at ASCII white space, which no n-gram crosses but as the space between two words. What stands between is
looked at once in Python, lower-cased and cut into words, and remembered; a text is then put together in numpy.
(``to_numpy`` and ``pyarrow.array`` would import pandas, a third of a second for one text.)
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.classifiers.columns import Cells, Columns, Vocabulary, Whole, code_points

if TYPE_CHECKING:
    import pyarrow as pa
    from scipy.sparse import csr_matrix

__all__ = ["WORD", "NGrams", "pieces", "weigh"]

WORD = r"(?u)\b\w[\w'’]*"
"""A word, in lower case. Keeps one-letter words and apostrophes: "I", "won't"."""
_WORD = re.compile(WORD)
_MOST_CHUNKS = 1_000_000
_MOST_NUMBERS = 50_000_000
_CELLS = 2_000_000


class NGrams:
    """Counts the n-grams of words, of characters, or both.

    What it remembers of the pieces between white space grows to some 400 MB and then starts anew. Several threads may
    ask at once.
    """

    def __init__(self, columns: Mapping[str, Columns]) -> None:
        """Count ``words``, ``characters`` or both, each in columns of its own."""
        self._columns = columns
        self._words, self._characters = columns.get("words"), columns.get("characters")
        self._lock = threading.Lock()
        self._forget()

    @property
    def widths(self) -> list[int]:
        """How many columns each kind has, words first."""
        return [columns.width for columns in self._columns.values()]

    @property
    def terms(self) -> dict[str, Sequence[str]]:
        """The vocabulary of each kind that has one, column by column."""
        return {kind: one.terms for kind, one in self._columns.items() if isinstance(one, Vocabulary)}

    @property
    def bytes_at_once(self) -> int:
        """How many bytes of text should be counted at once at most, so that matrices stay below some 100 MB."""
        share = {"words": 0.5, "characters": 1.0}
        per_byte = sum(share[kind] * (one.longest - one.shortest + 1) for kind, one in self._columns.items())
        return int(_CELLS / per_byte)

    def count(self, texts: pa.Array) -> list[csr_matrix]:
        """Return the counts of words and of characters, (texts, columns) each, as far as they are counted."""
        import pyarrow.compute as pc

        chunks = pc.ascii_split_whitespace(texts)
        offsets = np.from_dlpack(chunks.offsets).astype(np.int64)
        codes = chunks.flatten().dictionary_encode()
        numbers = np.from_dlpack(codes.indices)
        words, characters = self._known(codes.dictionary.to_pylist())
        counts = []
        if self._words is not None:
            counts.append(_count_words(self._words, words.take(numbers), offsets))
        if self._characters is not None:
            counts.append(_count_characters(self._characters.width, characters, numbers, offsets))
        return counts

    def _known(self, chunks: list[str]) -> tuple[_Rows, _Rows]:
        """Return the words and the n-grams of characters of every chunk; what is new is looked at and remembered."""
        with self._lock:
            if len(self._places) > _MOST_CHUNKS or self._spelt.size + self._grams.size > _MOST_NUMBERS:
                self._forget()
            try:
                at = self._at(chunks)
            except BaseException:  # half of what is new may be remembered
                self._forget()
                raise
            return self._spelt.take(at), self._grams.take(at)

    def _at(self, chunks: list[str]) -> Whole:
        """Return where every chunk is remembered."""
        places = self._places
        at = np.fromiter(map(places.get, chunks, itertools.repeat(-1)), dtype=np.int64, count=len(chunks))
        fresh = np.flatnonzero(at < 0)
        if len(fresh):
            new = [chunks[i] for i in fresh]
            at[fresh] = np.arange(len(places), len(places) + len(new))
            places.update(zip(new, at[fresh].tolist(), strict=True))
            lowered = "\n".join(new).lower().split("\n")
            if self._words is not None:
                self._spelt.add(*_words(self._words, lowered))
            if self._characters is not None:
                self._grams.add(*_character_grams(self._characters, lowered))
        return at

    def _forget(self) -> None:
        self._places: dict[str, int] = {}
        self._spelt = _Rows(np.int32 if isinstance(self._words, Vocabulary) else np.uint8)
        self._grams = _Rows(np.int32)


class _Rows:
    """Rows of numbers of any length, end to end; more can be added, and rows taken in any order."""

    def __init__(self, dtype: Any) -> None:
        self.numbers = np.zeros(0, dtype=dtype)
        self.ends = np.zeros(1, dtype=np.int64)
        """Where each row ends, in bytes, after a 0. Both arrays have room behind what counts."""
        self.rows, self.size = 0, 0

    def add(self, lengths: Whole, numbers: NDArray[Any]) -> None:
        """Add rows of so many numbers each."""
        rows, size = self.rows + len(lengths), self.size + len(numbers)
        self.ends, self.numbers = _with_room(self.ends, rows + 1), _with_room(self.numbers, size)
        self.ends[self.rows + 1 : rows + 1] = (self.size + np.cumsum(lengths)) * self.numbers.itemsize
        self.numbers[self.size : size] = numbers
        self.rows, self.size = rows, size

    def take(self, at: NDArray[Any]) -> _Rows:
        """Return the rows at these places."""
        import pyarrow as pa

        taken = _Rows(self.numbers.dtype)
        if self.rows:
            buffers = [None, pa.py_buffer(self.ends), pa.py_buffer(self.numbers)]
            rows = pa.Array.from_buffers(pa.large_binary(), self.rows, buffers)
            found = rows.take(pa.Array.from_buffers(pa.int64(), len(at), [None, pa.py_buffer(at.astype(np.int64))]))
            _, ends, numbers = found.buffers()
            taken.ends = np.frombuffer(ends, dtype=np.int64)[: len(at) + 1]
            taken.rows, taken.size = len(at), int(taken.ends[-1]) // self.numbers.itemsize
            taken.numbers = np.frombuffer(numbers, dtype=self.numbers.dtype)[: taken.size]
        return taken

    @property
    def bounds(self) -> Whole:
        """Where each row ends, in numbers, after a 0."""
        return self.ends[: self.rows + 1] // self.numbers.itemsize


def _with_room(array: NDArray[Any], size: int) -> NDArray[Any]:
    if size <= len(array):
        return array
    larger = np.zeros(max(size, 2 * len(array)), dtype=array.dtype)
    larger[: len(array)] = array
    return larger


def _words(columns: Columns, chunks: list[str]) -> tuple[Whole, NDArray[Any]]:
    """Return how many numbers stand for each chunk, and these: of its words, or their bytes with a space after each."""
    found = [_WORD.findall(chunk) for chunk in chunks]
    if isinstance(columns, Vocabulary):
        lengths = np.array([len(words) for words in found], dtype=np.int64)
        number = columns.words.get
        return lengths, np.array([number(word, -1) for words in found for word in words], dtype=np.int32)
    spelt = [("".join([word + " " for word in words])).encode() for words in found]
    return np.array([len(one) for one in spelt], dtype=np.int64), np.frombuffer(b"".join(spelt), dtype=np.uint8)


def _character_grams(columns: Columns, chunks: list[str]) -> tuple[Whole, Cells]:
    """Return how many n-grams of characters each chunk has, and their columns."""
    split = [chunk.split() for chunk in chunks]  # at white space that is not ASCII
    lengths = np.array([len(word) + 2 for words in split for word in words], dtype=np.int64)
    joined = "".join([f" {word} " for words in split for word in words])
    if isinstance(columns, Vocabulary):
        cells = columns.cells(code_points(joined), lengths)
    else:
        cells = columns.cells(np.frombuffer(joined.encode(), dtype=np.uint8), lengths)
    words_before = np.cumsum([0, *map(len, split)])
    symbols_before = np.append(0, np.cumsum(lengths))[words_before]
    return _flat(cells, symbols_before)


def _flat(cells: Cells, bounds: Whole) -> tuple[Whole, Cells]:
    """Return how many cells there are between two bounds, in rows, and all of them in order, without the empty ones."""
    there = cells >= 0
    before = np.append(0, np.cumsum(np.count_nonzero(there, axis=1)))
    return np.diff(before[bounds]), cells[there]


def _count_words(columns: Columns, chunks: _Rows, offsets: Whole) -> csr_matrix:
    """Count the n-grams of words; ``chunks`` are all chunks of all texts, ``offsets`` the bounds of the texts."""
    from scipy.sparse import csr_matrix

    before = chunks.bounds if chunks.rows else np.zeros(offsets[-1] + 1, dtype=np.int64)
    if isinstance(columns, Vocabulary):
        bounds = before[offsets]
        cells = columns.cells(chunks.numbers[: chunks.size].astype(np.int64), np.diff(bounds))
    else:
        spaces = np.append(0, np.cumsum(chunks.numbers[: chunks.size] == ord(" ")))
        bounds = spaces[before[offsets]]
        cells = columns.cells(chunks.numbers[: chunks.size], np.diff(bounds))
    counts, found = _flat(cells, bounds)
    ends = np.append(0, np.cumsum(counts)).astype(np.int32)
    matrix = csr_matrix((np.ones(len(found)), found, ends), shape=(len(offsets) - 1, columns.width))
    matrix.sum_duplicates()
    return matrix


def _count_characters(width: int, grams: _Rows, numbers: NDArray[Any], offsets: Whole) -> csr_matrix:
    """Count the n-grams of characters: how often each text has each chunk times what each chunk has."""
    from scipy.sparse import csr_matrix

    bounds = grams.bounds.astype(np.int32)
    each = csr_matrix((np.ones(grams.size), grams.numbers[: grams.size], bounds), shape=(grams.rows, width))
    shape = (len(offsets) - 1, grams.rows)
    return csr_matrix((np.ones(len(numbers)), numbers.astype(np.int32), offsets.astype(np.int32)), shape=shape) @ each


def weigh(counts: csr_matrix, idf: NDArray[np.float64], sublinear: bool) -> csr_matrix:
    """Turn counts into TF-IDF of length 1 (L2), in place; ``sublinear`` takes 1 + log of a count."""
    if not counts.nnz:
        return counts
    values = counts.data
    if sublinear:
        values = (np.log(np.arange(1, int(values.max()) + 1)) + 1)[values.astype(np.int64) - 1]
    values = values * idf[counts.indices]
    starts, lengths = counts.indptr[:-1], np.diff(counts.indptr)
    filled = np.flatnonzero(lengths)
    norms = np.sqrt(np.add.reduceat(values * values, starts[filled]))
    counts.data = values / np.repeat(norms, lengths[filled])
    return counts


def pieces(texts: pa.Array, most_bytes: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of runs of texts of so many bytes at most, one text at least."""
    import pyarrow.compute as pc

    ends = np.cumsum(np.from_dlpack(pc.binary_length(texts)), dtype=np.int64)
    start = 0
    while start < len(texts):
        before = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, before + most_bytes, side="right")), start + 1)
        yield start, stop
        start = stop
