"""What was computed once for a text, kept on disk for every later run."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

__all__ = ["Cache", "cache_folder"]

_CHUNK = 500
_TABLE = "CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, value BLOB NOT NULL)"


def cache_folder() -> Path:
    """Return where computed things are kept: ``STANCE_CACHE``, else ``~/.cache/stance-toolkit``."""
    given = os.environ.get("STANCE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(given).expanduser() if given else Path(base).expanduser() / "stance-toolkit"


class Cache:
    """Bytes by the SHA-256 of a text, in one SQLite file per way of computing them; safe for several processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def get(self, text: str) -> bytes | None:
        """Return what is kept for a text; safe for several threads."""
        with self._lock:
            row = self._database().execute("SELECT value FROM kept WHERE key = ?", [_key(text)]).fetchone()
        return None if row is None else bytes(row[0])

    def put(self, text: str, value: bytes) -> None:
        """Keep something for a text in the place of what was kept; once it returns, a kill does not take it away."""
        with self._lock, self._database() as database:
            database.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", [_key(text), value])

    def _database(self) -> sqlite3.Connection:
        if self._open is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._open = sqlite3.connect(self.path, timeout=60, check_same_thread=False)
            weakref.finalize(self, self._open.close)
            self._open.execute("PRAGMA journal_mode=WAL")  # a write does not wait for the disk to turn
            self._open.execute("PRAGMA synchronous=NORMAL")
            self._open.execute(_TABLE)
        return self._open

    def through(self, texts: Sequence[str], compute: Callable[[list[str]], Sequence[bytes]]) -> list[bytes]:
        """Return what belongs to each text, computing and keeping what is not there yet, each text once."""
        keys = [_key(text) for text in texts]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=60)) as database:
            database.execute(_TABLE)
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


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
