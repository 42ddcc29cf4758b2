"""States, what their people are called, and the capitals that stand for their governments."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["demonyms", "states"]


@cache
def states() -> dict[tuple[str, ...], str]:
    """Map every name of a state, of its people and of its capital (lower case, without dots, by words) to the state."""
    found = {}
    for line in (Path(__file__).parent / "states.txt").read_text(encoding="utf-8").splitlines():
        names = [name.strip().lower() for name in line.split(",") if name.strip() and not line.startswith("#")]
        for name in names:
            found[tuple(name.replace(".", "").split())] = names[0]
    return found


@cache
def demonyms() -> dict[str, str]:
    """Map adjectives such as ``samoan`` to the name of their state, in lower case."""
    return {words[0]: state for words, state in states().items() if len(words) == 1 and words[0] != state}
