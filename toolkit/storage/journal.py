"""What a long piece of work has done so far, kept so that a killed one can go on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from toolkit.errors import UsageError
from toolkit.storage.writing import write_text, written_aside

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Journal"]

_TOLD = "work.json"


class Journal:
    """Results of finished steps by key, and a folder for each unfinished one.

    A journal belongs to one fingerprint: what went in, and what was asked for. Without a folder it forgets everything.
    """

    def __init__(self, folder: Path | None = None, lock: FileLock | None = None) -> None:
        self.folder = folder
        self._lock = lock

    @classmethod
    def open(cls, root: Path, name: str, fingerprint: Mapping[str, str], *, resume: bool, restart: bool) -> Journal:
        """Begin a journal below ``root``, or with ``resume`` go on with the one of the same name and fingerprint.

        Raises UsageError where there is nothing to resume or only work with another fingerprint (each difference is
        named), where finished steps would be lost without ``restart``, and where another process is at it.
        """
        told = json.dumps(dict(sorted(fingerprint.items())), indent=1, ensure_ascii=False)
        plain = "".join(c if c.isalnum() or c in "-_." else "_" for c in name)
        folder = root / f"{plain}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder.with_suffix(".lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise UsageError(f"{folder}: the same run of {name!r} is going on in another process.") from None
        kept = any(path.is_dir() and any(path.iterdir()) for path in folder.iterdir())
        if kept and not resume and not restart:
            lock.release()
            raise UsageError(
                f"{folder}: an interrupted run of {name!r} is there; go on with it by --resume, or throw it away by "
                "--restart."
            )
        if resume and not kept:
            cls(folder, lock).close()
            raise UsageError(_nothing_to_resume(root, plain, name, fingerprint))
        if restart:
            shutil.rmtree(folder)
            folder.mkdir()
        write_text(folder / _TOLD, told)
        return cls(folder, lock)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Throw the journal away where the work is done; keep it where something went wrong."""
        if kind is None:
            self.close()
        else:
            self.release()

    def place(self, key: str) -> Path | None:
        """Return the folder of one step; None where nothing is kept."""
        if self.folder is None:
            return None
        place = self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}"
        place.mkdir(parents=True, exist_ok=True)
        return place

    def recall(self, key: str) -> dict[str, NDArray[Any]] | None:
        """Return the arrays of a finished step, or None."""
        import numpy as np

        place = self.place(key)
        if place is None or not (place / "done.npz").is_file():
            return None
        with np.load(place / "done.npz", allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}

    def keep(self, key: str, **arrays: NDArray[np.float64]) -> None:
        """Write the arrays of a finished step, and throw away whatever else its folder holds."""
        import numpy as np

        place = self.place(key)
        if place is None:
            return
        with written_aside(place / "done.npz") as aside, aside.open("wb") as stream:
            np.savez(stream, **arrays)  # type: ignore[arg-type]
        for path in place.iterdir():
            if path.name != "done.npz":
                shutil.rmtree(path) if path.is_dir() else os.unlink(path)

    def close(self) -> None:
        """Throw the journal away: the work is done."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.release()

    def release(self) -> None:
        """Let another process go on with what is kept."""
        if self._lock is None or self.folder is None:
            return
        self._lock.release()
        if not self.folder.exists():
            self.folder.with_suffix(".lock").unlink(missing_ok=True)
            if self.folder.parent.is_dir() and not any(self.folder.parent.iterdir()):
                self.folder.parent.rmdir()


def _nothing_to_resume(root: Path, plain: str, name: str, fingerprint: Mapping[str, str]) -> str:
    """Say that there is nothing, or how the newest interrupted run of the same name differs."""
    others = sorted(root.glob(f"{plain}-*/{_TOLD}"), key=lambda path: path.stat().st_mtime)
    if not others:
        return f"{root}: there is no interrupted run of {name!r} to resume."
    before = json.loads(others[-1].read_text(encoding="utf-8"))
    keys = [key for key in sorted(before.keys() | fingerprint.keys()) if before.get(key) != fingerprint.get(key)]
    changed = "; ".join(f"{key} was {_short(before.get(key))}, is {_short(fingerprint.get(key))}" for key in keys)
    return f"the interrupted run of {name!r} cannot be resumed, it was another one: {changed}."


def _short(value: str | None) -> str:
    return "absent" if value is None else value if len(value) <= 60 else f"{value[:60]}..."
