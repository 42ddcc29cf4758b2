"""JSON files that tell whether they were changed: a digest over all the rest of the object, kept in the object itself.

The digest is that of the values as they were read, in their order: the order of labels and of an ensemble's members
means something, white space does not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["is_whole", "read_object", "sealed"]

_KEY = "digest"
_MAX_BYTES = 64 * 2**20
_MAX_DEPTH = 64


def sealed(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with the digest of what it tells beside it."""
    return {**told, _KEY: _digest(told)}


def is_whole(told: Mapping[str, Any]) -> bool:
    """Say whether an object is as it was sealed."""
    return told.get(_KEY) == _digest({key: value for key, value in told.items() if key != _KEY})


def _digest(told: Mapping[str, Any]) -> str:
    canonical = json.dumps(told, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object of a file of at most 64 MiB and 64 levels, without NaN and without a key twice.

    Raises OSError, and ValueError that says what is wrong without the file's name.
    """
    with path.open("rb") as stream:
        content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise ValueError(f"it is larger than {_MAX_BYTES // 2**20} MiB")
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError(f"it is nested deeper than {_MAX_DEPTH} levels") from None
    except MemoryError:
        raise ValueError("it is too large for the memory") from None
    if not isinstance(value, dict):
        raise ValueError(f"it holds a {type(value).__name__}, not an object")
    if _is_deep(value):
        raise ValueError(f"it is nested deeper than {_MAX_DEPTH} levels")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice")
    return built


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON value")


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_MAX_DEPTH):
        holders = [one for one in level if isinstance(one, dict | list)]
        level = [below for one in holders for below in (one.values() if isinstance(one, dict) else one)]
        if not level:
            return False
    return True
