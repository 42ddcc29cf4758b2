"""The folder of a whole piece of work: one fingerprint, one process at a time, thrown away when the work is done."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import UsageError
from toolkit.storage import file_name, write_text
from toolkit.work.work import Work

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["Workplace", "alone"]

_TOLD = "work.json"


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where work is kept until it is done: a folder (None: nowhere), and whether to go on with what lies there."""

    root: Path | None = None
    resume: bool = False
    restart: bool = False
    single: bool = False
    """Whether the folder is for one piece of work alone, so that another one that was interrupted is in the way."""

    @contextmanager
    def open(self, name: str, fingerprint: Mapping[str, str]) -> Iterator[Work]:
        """Begin a piece of work, or with ``resume`` go on with the one of the same name and fingerprint.

        A fingerprint tells what goes in and what is asked for. What is kept is thrown away when the work is done, and
        stays where something went wrong. Raises UsageError where there is nothing to resume or only work with another
        fingerprint (each difference is named), where finished steps would be lost without ``restart``, and where
        another process is at it.
        """
        if self.root is None:
            yield Work()
            return
        told = json.dumps(dict(sorted(fingerprint.items())), indent=1, ensure_ascii=False)
        plain = file_name(name)
        folder = self.root / f"{plain}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
        others = [one for one in _interrupted(self.root, "") if self.single and one != folder]
        if others and not self.resume and not self.restart:
            raise UsageError(
                f"{self.root}: an interrupted run of {name!r} is there that was another one: "
                f"{_changed(others[-1], fingerprint)}; throw it away by --restart."
            )
        for other in others if self.restart else ():
            shutil.rmtree(other)
        lock = _locked(folder, f"the same run of {name!r} is going on in another process")
        try:
            self._prepare(folder, name, plain, fingerprint)
            write_text(folder / _TOLD, told)
            yield Work(folder)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            if folder.is_dir() and not _holds_work(folder):
                shutil.rmtree(folder, ignore_errors=True)
            _let_go(lock, folder)

    def _prepare(self, folder: Path, name: str, plain: str, fingerprint: Mapping[str, str]) -> None:
        kept = _holds_work(folder)
        if kept and not self.resume and not self.restart:
            raise UsageError(
                f"{folder}: an interrupted run of {name!r} is there; go on with it by --resume, or throw it away by "
                "--restart."
            )
        if self.resume and not kept:
            shutil.rmtree(folder)
            raise UsageError(_nothing_to_resume(folder.parent, plain, name, fingerprint))
        if self.restart:
            shutil.rmtree(folder)
            folder.mkdir()


@contextmanager
def alone(folder: Path, otherwise: str) -> Iterator[None]:
    """Keep other processes away from a folder, which is made and goes away again where it is empty.

    Raises UsageError with a reason where one is there.
    """
    lock = _locked(folder, otherwise)
    try:
        yield
    finally:
        lock.release()
        folder.with_suffix(".lock").unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _locked(folder: Path, otherwise: str) -> BaseFileLock:
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(f"{folder}: {otherwise}.") from None
    return lock


def _let_go(lock: BaseFileLock, folder: Path) -> None:
    """Let another process go on with what is kept; with nothing kept, leave nothing behind."""
    lock.release()
    if not folder.exists():
        folder.with_suffix(".lock").unlink(missing_ok=True)
        if folder.parent.is_dir() and not any(folder.parent.iterdir()):
            folder.parent.rmdir()


def _nothing_to_resume(root: Path, plain: str, name: str, fingerprint: Mapping[str, str]) -> str:
    """Say that there is nothing, or how the newest interrupted run of the same name differs."""
    others = _interrupted(root, f"{plain}-")
    if not others:
        return f"{root}: there is no interrupted run of {name!r} to resume."
    return (
        f"the interrupted run of {name!r} cannot be resumed, it was another one: {_changed(others[-1], fingerprint)}."
    )


def _holds_work(folder: Path) -> bool:
    """Say whether anything that was finished lies in a folder."""
    return any(path.is_dir() and any(path.iterdir()) for path in folder.iterdir())


def _interrupted(root: Path, begin: str) -> list[Path]:
    """Return the folders of interrupted runs, the newest last."""
    found = sorted(root.glob(f"{begin}*/{_TOLD}"), key=lambda path: path.stat().st_mtime)
    return [path.parent for path in found]


def _changed(folder: Path, fingerprint: Mapping[str, str]) -> str:
    """Say what differs between an interrupted run and this one."""
    before = json.loads((folder / _TOLD).read_text(encoding="utf-8"))
    keys = [key for key in sorted(before.keys() | fingerprint.keys()) if before.get(key) != fingerprint.get(key)]
    return "; ".join(f"{key} was {_short(before.get(key))}, is {_short(fingerprint.get(key))}" for key in keys)


def _short(value: str | None) -> str:
    return "absent" if value is None else value if len(value) <= 60 else f"{value[:60]}..."
