"""Inputs and outputs under URLs (``s3://``, ``gs://``, whatever fsspec knows), by way of this machine's disk.

Inputs are fetched, one after the other, before anything is read: a plan reads its files more than once. An output is
written here and then put there, under another name first, so that a whole object or none has its name.
"""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from toolkit.errors import DataError, ToolkitError, UsageError, first_line
from toolkit.prediction.parted import MARK, only_parts
from toolkit.storage import ARTICLE_FORMATS, SetAside, format_of

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

__all__ = ["Aside", "Far", "Names", "fetched", "is_url", "on_disk", "remote", "said"]


def is_url(name: str) -> bool:
    """Say whether a name is a URL and no path."""
    return "://" in name


def said(url: str) -> str:
    """Return a URL as it may be told: without a password and without a query, which may be a key."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}{parts.path}" if "?" in url or place != parts.netloc else url


@dataclass
class Names:
    """What files of this machine stand for, as messages say it."""

    of: dict[str, str] = field(default_factory=dict)

    def say(self, text: str) -> str:
        """Return a text in which the URL stands for every path that nobody knows of."""
        for path, name in self.of.items():
            text = text.replace(path, name)
        return text

    def say_json(self, text: str) -> str:
        """Return a text of JSON in which it does."""
        for path, name in self.of.items():
            text = text.replace(json.dumps(path, ensure_ascii=False)[1:-1], json.dumps(name, ensure_ascii=False)[1:-1])
        return text

    @contextmanager
    def told(self) -> Iterator[None]:
        """Let errors say it."""
        try:
            yield
        except ToolkitError as error:
            told = self.say(str(error))
            raise (error if told == str(error) else type(error)(told)) from None


class Aside(SetAside):
    """Rows that were set aside, at the places that the user knows."""

    def __init__(self, most: int | None, names: Names) -> None:
        super().__init__(most)
        self.names = names

    def __call__(self, where: str, reason: str, row: Any = None) -> None:
        """Set a row aside. Raises DataError where there are more than ``most``."""
        super().__call__(self.names.say(where), self.names.say(reason), row)


# -------------------------------------------------------------------------------------------------------- inputs


def on_disk(inputs: Sequence[str]) -> list[Path]:
    """Return those of the inputs that are files and folders of this machine."""
    from fsspec.implementations.local import LocalFileSystem

    local = tuple(f"{name}://" for name in LocalFileSystem.protocol)
    return [
        Path(str(LocalFileSystem._strip_protocol(name)) if name.startswith(local) else name)
        for name in inputs
        if name.startswith(local) or not is_url(name)
    ]


@contextmanager
def fetched(inputs: Sequence[str], names: Names, below: Path | None = None) -> Iterator[list[str]]:
    """Give the inputs with files in the place of URLs: those that a pattern fits, those of a folder, or one.

    They lie below a folder (None: the machine's own for such things) and go away again. Raises UsageError for what
    fsspec does not know or lacks a package for, DataError for what cannot be had.
    """
    if not any(map(is_url, inputs)):
        yield list(inputs)
        return
    with tempfile.TemporaryDirectory(prefix="stance-", dir=below) as folder:
        found: list[str] = []
        for name in inputs:
            found += _fetch(name, Path(folder), names) if is_url(name) else [name]
        yield found


def _fetch(url: str, folder: Path, names: Names) -> list[str]:
    fetched = []
    with _border(url, "read"):
        system, path = _open(url)
        for one in _expand(url, system, path):
            name = one.partition("?")[0].rstrip("/").rpartition("/")[2]
            local = folder / str(len(names.of)) / name
            local.parent.mkdir()
            names.of[str(local)] = said(url if one == path else str(system.unstrip_protocol(one)))
            system.get_file(one, str(local))
            fetched.append(str(local))
    return fetched


def _expand(url: str, system: AbstractFileSystem, path: str) -> list[str]:
    """Return the files that a URL means, in order. Raises FileNotFoundError where there is none."""
    page = "http" in url.partition("://")[0]  # of which a whole file would be read to see whether it is a folder
    named = format_of(path.partition("?")[0]) in ARTICLE_FORMATS
    if "*" in path or "[" in path:
        found = [one for one in system.glob(path) if format_of(one) in ARTICLE_FORMATS]
    elif not (page and named) and system.isdir(path):
        found = [one for one in system.ls(path, detail=False) if format_of(one) in ARTICLE_FORMATS]
    else:
        return [path]
    if not found:
        raise FileNotFoundError
    return sorted(found)


# ------------------------------------------------------------------------------------------------------- outputs


@dataclass(frozen=True)
class Far:
    """An output under a URL, and the file or folder of this machine in which it is made first."""

    url: str
    local: Path
    system: AbstractFileSystem
    path: str

    def check(self, force: bool, inputs: Sequence[str] = ()) -> None:
        """Raise UsageError where an output stands already (and ``force`` is off), or is an input of these names.

        Raises DataError where nothing can be written.
        """
        with _border(self.url, "read"):
            exists = self.system.exists(self.path)
            if exists and any(self._is(name) for name in inputs):
                raise UsageError(f"{self.url}: is read as an input, and so is never overwritten; name another.")
            parts = self._parts() if exists and self.system.isdir(self.path) else None
            if parts and not only_parts(parts):
                raise UsageError(f"{self.url}: holds other things than the parts of an output; name another folder.")
            if exists and not force and (parts is None or MARK in parts):
                raise UsageError(f"{self.url}: exists already; name another or allow overwriting with --force.")
        with _border(self.url, "written"):
            probe = _aside(self.path)
            self.system.pipe_file(probe, b"")
            self.system.rm_file(probe)

    def put(self, local: Path) -> None:
        """Put a file there, whole or not at all, or a folder's files one by one and a mark when all are there."""
        if not local.is_dir():
            self._put_file(local, self.path)
            return
        with _border(self.url, "written"):
            if self.system.exists(self.path):
                if MARK in self._parts():
                    self.system.rm_file(f"{self.path}/{MARK}")  # first: what is left without it is no output
                self.system.rm(self.path, recursive=True)
            self.system.makedirs(self.path, exist_ok=True)
            for part in sorted(local.iterdir()):
                self.system.put_file(str(part), f"{self.path}/{part.name}")
            self.system.pipe_file(f"{self.path}/{MARK}", b"")

    def put_beside(self, more: str) -> None:
        """Put the file there that lies beside the local one; where there is none, take that of an earlier run away."""
        local = self.local.with_name(self.local.name + more)
        if local.exists():
            self._put_file(local, self.path + more)
            return
        with _border(self.url + more, "written"):
            if self.system.exists(self.path + more):
                self.system.rm_file(self.path + more)

    def _put_file(self, local: Path, target: str) -> None:
        aside = _aside(target)
        with _border(self.url, "written"):
            try:
                self.system.put_file(str(local), aside)
                self.system.mv(aside, target)
            except BaseException:
                with suppress(Exception):
                    self.system.rm_file(aside)
                raise

    def _parts(self) -> list[str]:
        return [one.rstrip("/").rpartition("/")[2] for one in self.system.ls(self.path, detail=False)]

    def _is(self, name: str) -> bool:
        """Say whether an input is this output, holds it or lies in it."""
        system, path = _open(name if is_url(name) else str(Path(name).resolve()))
        inside = self.path.startswith(f"{path.rstrip('/')}/") or path.startswith(f"{self.path}/")
        return type(system) is type(self.system) and (inside or fnmatchcase(self.path, path))


@contextmanager
def remote(url: str, names: Names, below: Path | None = None) -> Iterator[Far]:
    """Give a place under a URL. Raises UsageError where fsspec does not know it or lacks a package for it."""
    with _border(url, "written"):
        system, path = _open(url)
    with tempfile.TemporaryDirectory(prefix="stance-", dir=below) as folder:
        local, called = Path(folder) / path.rstrip("/").rpartition("/")[2], said(url).rstrip("/")
        names.of[str(local)] = called
        yield Far(called, local, system, path.rstrip("/"))


def _aside(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/.{name}.{secrets.token_hex(4)}.part"


def _open(url: str) -> tuple[AbstractFileSystem, str]:
    from fsspec.core import url_to_fs

    system, path = url_to_fs(url)
    return system, str(path)


@contextmanager
def _border(url: str, done: str) -> Iterator[None]:
    """Turn what goes wrong with a URL, which every file system calls something else, into a sentence."""
    called = said(url)
    try:
        yield
    except ToolkitError:
        raise
    except ImportError as error:
        raise UsageError(f"{called}: needs {_package(url) or first_line(error)}.") from None
    except FileNotFoundError:
        raise DataError(f"{called}: there is no such file or folder.") from None
    except ValueError as error:
        if "rotocol not known" in str(error):
            raise UsageError(f"{called}: nothing is known of {urlsplit(url).scheme}://.") from None
        raise DataError(f"{called}: cannot be {done}: {first_line(error)}.") from None
    except Exception as error:  # of boto, aiohttp, paramiko
        raise DataError(f"{called}: cannot be {done}: {first_line(error)}.") from None


def _package(url: str) -> str | None:
    from fsspec.registry import known_implementations

    known = known_implementations.get(url.partition("://")[0].rpartition("::")[2], {})
    package = str(known.get("class", "")).partition(".")[0]
    return f"the package {package}: pip install {package}" if package not in ("", "fsspec") else known.get("err")
