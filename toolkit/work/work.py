"""A piece of work: a folder of its own (or none), whom it tells, and its threads."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from toolkit.storage import written_aside

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

__all__ = ["NOWHERE", "Listener", "Silent", "Work"]

_DONE = "done.npz"


class Listener(Protocol):
    """Who wants to be told how a piece of work gets on."""

    def start(self, what: str, steps: int | None) -> None:
        """A long part of so many steps begins; None where nobody knows how many."""

    def step(self) -> None:
        """One of its steps is done."""

    def tell(self, name: str, value: float, at: int) -> None:
        """A figure has reached a value at a step of the training."""

    def tried(self, number: int, values: Mapping[str, Any], figure: float | None) -> None:
        """A point of a search has reached a figure; None: it was given up."""


class Silent:
    """Tells nobody; listeners that hear some of it only begin here."""

    def start(self, what: str, steps: int | None) -> None:
        """Do nothing."""

    def step(self) -> None:
        """Do nothing."""

    def tell(self, name: str, value: float, at: int) -> None:
        """Do nothing."""

    def tried(self, number: int, values: Mapping[str, Any], figure: float | None) -> None:
        """Do nothing."""


_SILENT = Silent()


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work; its parts are pieces of their own, in folders below its own."""

    path: Path | None = None
    """A folder of this piece alone; None: nothing is kept."""
    listener: Listener = _SILENT
    threads: int | None = None
    """Threads of the libraries that threadpoolctl does not reach; None leaves them alone."""

    @property
    def folder(self) -> Path | None:
        """The folder of this piece, made where it is not there yet; None where nothing is kept."""
        if self.path is not None:
            self.path.mkdir(parents=True, exist_ok=True)
        return self.path

    def below(self, name: str) -> Work:
        """Return a part of this piece."""
        if self.path is None:
            return self
        return dataclasses.replace(
            self, path=self.path / hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        )

    def heard_by(self, listener: Listener) -> Work:
        """Return this piece with somebody else who listens."""
        return dataclasses.replace(self, listener=listener)

    def once(self, name: str, compute: Callable[[Work], Arrays]) -> Arrays:
        """Return the arrays of a part: as they were kept, else computed and kept in its folder alone."""
        part = self.below(name)
        if part.path is None:
            return compute(part)
        found = _recall(part.path)
        if found is None:
            found = compute(part)
            _keep(part.path, found)
        return found


NOWHERE = Work()
"""Keeps nothing, tells nobody."""


def _recall(folder: Path) -> Arrays | None:
    import numpy as np

    if not (folder / _DONE).is_file():
        return None
    with np.load(folder / _DONE, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _keep(folder: Path, arrays: Arrays) -> None:
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    with written_aside(folder / _DONE) as aside, aside.open("wb") as stream:
        np.savez(stream, **arrays)  # type: ignore[arg-type]
    for path in folder.iterdir():
        if path.name != _DONE:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
