"""Ids over a whole input: each only once, and made from the content where there are none."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

__all__ = ["Ids"]


class Ids:
    """The ids that have come so far."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._made: Counter[bytes] = Counter()

    def new(self, ids: Sequence[str]) -> list[bool]:
        """Note ids, and say of each whether it has not come before."""
        fresh = set(ids)
        if len(fresh) == len(ids) and self._seen.isdisjoint(fresh):
            self._seen |= fresh
            return [True] * len(ids)
        found = []
        for one in ids:
            found.append(one not in self._seen)
            self._seen.add(one)
        return found

    def made(self, text: str | None) -> str:
        """Return an id for a text: 16 hexadecimal digits of its SHA-256, with a number from its second time on."""
        key = hashlib.sha256((text or "").encode("utf-8", "surrogatepass")).digest()[:8]
        self._made[key] += 1
        again = self._made[key]
        return key.hex() if again == 1 else f"{key.hex()}-{again}"
