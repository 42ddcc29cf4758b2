"""What was computed once for a text, kept on disk for every later run."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

__all__ = ["Cache", "cache_folder"]

_CHUNK = 500


def cache_folder() -> Path:
    """Return where computed things are kept: ``STANCE_CACHE``, else ``~/.cache/stance-toolkit``."""
    given = os.environ.get("STANCE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(given).expanduser() if given else Path(base).expanduser() / "stance-toolkit"


class Cache:
    """Bytes by the SHA-256 of a text, in one SQLite file per way of computing them; safe for several processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def through(self, texts: Sequence[str], compute: Callable[[list[str]], Sequence[bytes]]) -> list[bytes]:
        """Return what belongs to each text, computing and keeping what is not there yet, each text once."""
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=60)) as database:
            database.execute("CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, value BLOB NOT NULL)")
            found: dict[bytes, bytes] = {}
            for start in range(0, len(keys), _CHUNK):
                chunk = keys[start : start + _CHUNK]
                marks = ",".join("?" * len(chunk))
                found |= dict(database.execute(f"SELECT key, value FROM kept WHERE key IN ({marks})", chunk))
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
            if missing:
                new = dict(zip(missing, compute(list(missing.values())), strict=True))
                found |= new
                with database:
                    database.executemany("INSERT OR IGNORE INTO kept VALUES (?, ?)", new.items())
        return [found[key] for key in keys]
