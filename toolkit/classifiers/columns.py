"""Which column of a feature matrix an n-gram has: by its place in a vocabulary, or by its hash.

The n-grams are those of words (``ngram_range`` of scikit-learn's vectorisers) or of the characters of a word with a
space on either side (their ``char_wb``). They are looked up for many sequences at once: symbols stand end to end, word
by word or character by character, and an n-gram never leaves its sequence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import ModelError

__all__ = ["Columns", "Hashing", "Vocabulary", "murmur3"]

Whole = NDArray[np.int64]
Cells = NDArray[np.int32]
_AT_ONCE = 2**15
"""So many pieces are hashed at once that the work stays in the processor's cache."""


class Vocabulary:
    """The columns of n-grams that stand in a list; others have none.

    The list is kept as a tree, floor by floor: an n-gram is the number of what it begins with and its last symbol.
    """

    def __init__(self, terms: Sequence[str], ngrams: Sequence[int], characters: bool) -> None:
        """Take the n-grams, column by column; those of words have one space between two words.

        Raises ModelError where one is empty, stands twice or is longer than the longest n-gram.
        """
        self.terms = terms
        self.shortest, self.longest = ngrams
        self.words: dict[str, int] = {}
        """The number of every word; empty for characters, whose numbers are their code points."""
        if not terms or "" in terms or len(set(terms)) != len(terms):
            raise ModelError("the vocabulary is empty, or a term of it is empty or stands twice.")
        if characters:
            lengths = np.array([len(term) for term in terms], dtype=np.int64)
            symbols = code_points("".join(terms))
        else:
            lengths = np.array([term.count(" ") + 1 for term in terms], dtype=np.int64)
            words = " ".join(terms).split(" ")
            self.words = {word: number for number, word in enumerate(dict.fromkeys(words))}
            symbols = np.fromiter(map(self.words.__getitem__, words), dtype=np.int64, count=len(words))
        if lengths.max() > self.longest or "" in self.words:
            raise ModelError("the vocabulary holds an empty word, or a longer n-gram than the settings allow.")
        self._size = int(symbols.max()) + 1
        self._floors = self._grow(symbols, lengths)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.terms)

    def _grow(self, symbols: Whole, lengths: Whole) -> list[tuple[_Places, Cells]]:
        """Return, floor by floor, where the key of each node stands, and its column: -1 for what only begins a term."""
        starts = np.cumsum(lengths) - lengths
        terms, node, floors = np.arange(len(lengths)), np.zeros(len(lengths), dtype=np.int64), []
        for n in range(1, int(lengths.max()) + 1):
            alive = lengths[terms] >= n
            terms, node = terms[alive], node[alive]
            keys, node = np.unique(node * self._size + symbols[starts[terms] + n - 1], return_inverse=True)
            columns = np.full(len(keys), -1, dtype=np.int32)
            end = lengths[terms] == n
            columns[node[end]] = terms[end]
            floors.append((_Places(keys), columns))
        return floors

    def cells(self, symbols: Whole, lengths: Whole) -> Cells:
        """Return the columns of the n-grams that begin at each symbol, (symbols, lengths of n-grams), -1 for none.

        ``symbols`` holds the numbers of words, -1 for one that is not known, or code points; ``lengths`` (sequences,)
        says how many belong to each sequence.
        """
        cells = np.full((len(symbols), self.longest - self.shortest + 1), -1, dtype=np.int32)
        known = np.where(symbols < self._size, symbols, -1)
        at = np.flatnonzero(known >= 0)
        left = (np.repeat(np.cumsum(lengths), lengths) - np.arange(len(symbols)))[at]
        node = np.zeros(len(at), dtype=np.int64)
        for n, (places, columns) in enumerate(self._floors, start=1):
            # Whatever begins here goes on: the sequence does, with a word that is known, and so does the tree.
            goes_on = (left >= n) & (known[np.minimum(at + n - 1, len(known) - 1)] >= 0)
            at, left, node = at[goes_on], left[goes_on], node[goes_on]
            node = places.of(node * self._size + known[at + n - 1])
            found = node >= 0
            at, left, node = at[found], left[found], node[found]
            column = columns[node]
            # Fewer symbols than the shortest n-gram has only a word that is shorter, whole.
            here = column >= 0
            cells[at[here], max(n - self.shortest, 0)] = column[here]
        return cells


class _Places:
    """Where a number stands in a list: a hash table with open addressing, asked for many numbers at once."""

    def __init__(self, keys: Whole) -> None:
        self._keys = keys
        self._bits = max(int(2.5 * len(keys)).bit_length(), 1)
        self._slots = np.full(2**self._bits, -1, dtype=np.int32)
        left, slot = np.arange(len(keys)), self._first(keys)
        while len(left):
            free = self._slots[slot] < 0
            self._slots[slot[free]] = left[free]
            again = self._slots[slot] != left
            left, slot = left[again], (slot[again] + 1) & (len(self._slots) - 1)

    def of(self, keys: Whole) -> Whole:
        """Return the place of every number, -1 for one that is not in the list."""
        slot = self._first(keys)
        place = self._slots[slot].astype(np.int64)
        wrong = np.flatnonzero((place >= 0) & (self._keys[place] != keys))
        slot = slot[wrong]
        while len(wrong):
            slot = (slot + 1) & (len(self._slots) - 1)
            place[wrong] = self._slots[slot]
            again = (place[wrong] >= 0) & (self._keys[place[wrong]] != keys[wrong])
            wrong, slot = wrong[again], slot[again]
        return place

    def _first(self, keys: Whole) -> Whole:
        spread = keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)  # Knuth's multiplicative hashing
        return (spread >> np.uint64(64 - self._bits)).astype(np.int64)


class Hashing:
    """Columns by hash: the MurmurHash3 of the n-gram's UTF-8, without its sign, modulo a power of 2."""

    def __init__(self, bits: int, ngrams: Sequence[int], characters: bool) -> None:
        self.width: int = 2**bits
        self.shortest, self.longest = ngrams
        self._characters = characters

    def cells(self, data: NDArray[np.uint8], lengths: Whole) -> Cells:
        """Return the columns of the n-grams that begin at each symbol, (symbols, lengths of n-grams), -1 for none.

        ``data`` is UTF-8: characters, or words with one space after each; ``lengths`` (sequences,) says how many
        symbols belong to each sequence.
        """
        if self._characters:
            starts = np.flatnonzero((data & 0xC0) != 0x80)
            stops = np.append(starts[1:], len(data))
        else:
            stops = np.flatnonzero(data == ord(" "))
            starts = np.append(0, stops[:-1] + 1)[: len(stops)]
        cells = np.full((len(starts), self.longest - self.shortest + 1), -1, dtype=np.int32)
        left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(starts))
        for n in range(self.shortest, self.longest + 1):
            at = np.flatnonzero(left >= n)
            cells[at, n - self.shortest] = self._columns(data, starts[at], stops[at + n - 1])
        if self._characters:
            # A word that is shorter than the shortest n-gram counts as a whole.
            ends = np.cumsum(lengths)
            short = (lengths < self.shortest) & (lengths > 0)
            first = (ends - lengths)[short]
            cells[first, 0] = self._columns(data, starts[first], stops[ends[short] - 1])
        return cells

    def _columns(self, data: NDArray[np.uint8], starts: Whole, stops: Whole) -> Whole:
        return np.abs(murmur3(data, starts, stops).astype(np.int64)) & (self.width - 1)


Columns: TypeAlias = Vocabulary | Hashing


def code_points(text: str) -> Whole:
    """Return the code points of a text, which holds no half of a surrogate pair."""
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.int64)


def murmur3(data: NDArray[np.uint8], starts: Whole, stops: Whole) -> NDArray[np.int32]:
    """Return the MurmurHash3 (x86, 32 bits, seed 0; Appleby 2011) of pieces of bytes, one number for each piece."""
    padded = np.concatenate([data, np.zeros(4, dtype=np.uint8)])
    fours = np.ascontiguousarray(np.ndarray(len(padded) - 3, "<u4", padded, strides=(1,)))  # from every byte on
    hashed = np.empty(len(starts), dtype=np.uint32)
    for at in range(0, len(starts), _AT_ONCE):
        these = slice(at, at + _AT_ONCE)
        hashed[these] = _hashed(fours, starts[these], stops[these] - starts[these])
    return hashed.view(np.int32)


def _hashed(fours: NDArray[np.uint32], starts: Whole, lengths: Whole) -> NDArray[np.uint32]:
    hashed = np.zeros(len(starts), dtype=np.uint32)
    for block in range(int(lengths.max(initial=0)) // 4):
        on = np.flatnonzero(lengths >= 4 * block + 4)
        state = _rotated(hashed[on] ^ _scrambled(fours[starts[on] + 4 * block]), 13)
        hashed[on] = state * np.uint32(5) + np.uint32(0xE6546B64)
    rest = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF], dtype=np.uint32)[lengths & 3]
    hashed ^= _scrambled(fours[starts + (lengths & ~3)] & rest)
    hashed ^= lengths.astype(np.uint32)
    hashed ^= hashed >> np.uint32(16)
    hashed *= np.uint32(0x85EBCA6B)
    hashed ^= hashed >> np.uint32(13)
    hashed *= np.uint32(0xC2B2AE35)
    hashed ^= hashed >> np.uint32(16)
    return hashed


def _scrambled(fours: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return _rotated(fours * np.uint32(0xCC9E2D51), 15) * np.uint32(0x1B873593)


def _rotated(fours: NDArray[np.uint32], bits: int) -> NDArray[np.uint32]:
    return (fours << np.uint32(bits)) | (fours >> np.uint32(32 - bits))
