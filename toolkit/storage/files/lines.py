"""Text files line by line: plain, ``.gz`` or ``.zst``, in the encoding that they are in.

Which encoding that is, is decided so that a UTF-8 file with a broken line stays a UTF-8 file:

- A byte order mark decides (UTF-8, UTF-16, UTF-32).
- Otherwise a file is UTF-8 until a line is not. If a line before it holds a character beyond ASCII that is UTF-8, the
  file is UTF-8 and the line is broken. If not, all before it reads the same either way, and the lines that follow (at
  most 2,000 of them, 1 MiB) are looked at together with it: the file is Windows-1252 where at least three of these
  lines are no UTF-8, where nine of ten such lines read as Western text in Windows-1252 (every byte is a character in
  it, none is FF, and there are never three beyond ASCII in a row, as there are in Cyrillic or Chinese), and where lines
  with characters in UTF-8 are at most a twentieth as frequent. Otherwise it is UTF-8.
- What is decided holds for the rest of the file, and is said. A line that does not decode in it is set aside.

Latin-1 is read as Windows-1252, which has its printable characters. No library that guesses among many encodings is
asked: on a few lines they name a different one from sample to sample, and a wrong guess is text that nobody wrote.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import re
import warnings
from collections import deque
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, cast

from toolkit.errors import DataError, Remark, first_line
from toolkit.storage.files.aside import Reject

__all__ = ["MAX_LINE", "must_have_content", "read_lines"]

MAX_LINE = 64 * 2**20
_CHUNK = 2**16
_AHEAD_LINES, _AHEAD_BYTES = 2000, 2**20
_MANY = 3
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_NOT_WESTERN = re.compile(rb"[\x80-\xff]{3}|\xff")
# What is broken in UTF-16 becomes half a surrogate pair, which is no UTF-8: so its line is set aside, and no other.
codecs.register_error("stance-broken", lambda error: ("\udcff", cast(UnicodeDecodeError, error).end))


def must_have_content(path: Path) -> None:
    """Raise DataError where a file is not there, is a folder or is empty."""
    if not path.exists():
        raise DataError(f"{path}: there is no such file.")
    if path.is_dir():
        raise DataError(f"{path}: is a folder, a file is expected.")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty.")


@contextlib.contextmanager
def _open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a plain, ``.gz`` or ``.zst`` file for reading bytes."""
    ending = path.suffix.lower()
    try:
        if ending == ".gz":
            with gzip.open(path, "rb") as stream:
                yield cast(IO[bytes], stream)
        elif ending == ".zst":
            import pyarrow as pa

            # Of the libraries that read it, this one says where a file is cut off.
            with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as unpacked:
                yield cast(IO[bytes], unpacked)
        else:
            with path.open("rb") as stream:
                yield stream
    except PermissionError:
        raise DataError(f"{path}: may not be read (permission denied).") from None


def read_lines(path: Path, reject: Reject, whole: bool = False) -> Iterator[tuple[int, str]]:
    """Yield (line number, line), line ends kept; lone carriage returns end lines where a file has no other line ends.

    Set aside are a line of more than 64 MiB, one that does not decode, and the rest of a file whose compression is
    broken. ``whole``: the file is one text, so that three broken bytes tell as much of its encoding as three lines.
    """
    source = _raw_lines(path, reject)
    ahead = deque[tuple[int, bytes]]()
    encoding, decided = "utf-8", False
    while numbered := ahead.popleft() if ahead else next(source, None):
        number, line = numbered
        if number == 1 and line.startswith(codecs.BOM_UTF8):
            line, decided = line[3:], True
        text, at = _decode(line, encoding)
        if text is None and not decided:
            decided = True
            ahead.extend(_some(source))
            if _is_western([line, *(one for _, one in ahead)], whole):
                encoding = "cp1252"
                text, at = _decode(line, encoding)
                told = f"{path}: read as Windows-1252, not UTF-8; save it as UTF-8 to be sure."
                warnings.warn(told, Remark, stacklevel=2)
        if text is None:
            where, name = f"{path}:{number}", "UTF-8" if encoding == "utf-8" else "Windows-1252"
            found = line.decode(encoding, "backslashreplace").rstrip("\r\n")
            reject(where, f"{where}: is not {name} (byte {at + 1} of the line).", found)
            continue
        decided = decided or len(text) != len(line)
        yield number, text


def _decode(line: bytes, encoding: str) -> tuple[str | None, int]:
    """Return a line as text; where it does not decode, None and where its first broken byte stands."""
    try:
        return line.decode(encoding), 0
    except UnicodeDecodeError as error:
        return None, error.start


def _some(lines: Iterator[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Take the next lines, as many as are looked at to decide an encoding."""
    taken, size = list[tuple[int, bytes]](), 0
    for number, line in lines:
        taken.append((number, line))
        size += len(line)
        if len(taken) == _AHEAD_LINES or size > _AHEAD_BYTES:
            break
    return taken


def _is_western(lines: list[bytes], whole: bool) -> bool:
    """Say whether lines are Windows-1252 and not UTF-8 with broken lines (see the top of this file)."""
    broken, western, utf8 = 0, 0, 0
    for line in lines:
        text, _ = _decode(line, "utf-8")
        if text is None:
            weight = sum(byte > 127 for byte in line) if whole else 1
            broken += weight
            if _decode(line, "cp1252")[0] is not None and not _NOT_WESTERN.search(line):
                western += weight
        utf8 += not (line.decode("utf-8", "ignore") if text is None else text).isascii()
    return broken >= _MANY and western >= 0.9 * broken and utf8 <= western / 20


# ------------------------------------------------------------------------------------------------- bytes to lines


def _raw_lines(path: Path, reject: Reject) -> Iterator[tuple[int, bytes]]:
    number = 0
    packed = path.suffix.lower() in (".gz", ".zst")
    lines = _split(_as_utf8(_pieces(path), path))
    while True:
        where = f"{path}:{number + 1}"
        try:
            line = next(lines, None)
        except (DataError, Warning):
            raise
        except Exception as error:  # zlib raises types of its own
            what = "the compressed data is damaged or cut off" if packed else "the file cannot be read further"
            reject(where, f"{where}: {what}: {first_line(error)}.")
            return
        if line is None:
            return
        number += 1
        if len(line) > MAX_LINE:
            told = line[: 2**16].decode("utf-8", "backslashreplace")
            reject(where, f"{where}: the line is longer than {MAX_LINE // 2**20} MiB.", told)
        else:
            yield number, line


def _pieces(path: Path) -> Iterator[bytes]:
    """Yield what a file holds, unpacked; of a damaged one all that stands before the damage, which is then raised."""
    done = 0
    with _open_bytes(path) as stream:
        read = stream.read1 if isinstance(stream, io.BufferedIOBase) else stream.read
        try:
            while piece := read(_CHUNK):
                done += len(piece)
                yield piece
        except OSError:
            if path.suffix.lower() == ".zst":
                yield _before_damage(path, done)
            raise


def _before_damage(path: Path, start: int) -> bytes:
    """Return what a damaged ``.zst`` holds from ``start`` on: larger reads lose what stands before the damage."""
    found = bytearray()
    with contextlib.suppress(OSError), _open_bytes(path) as stream:
        while start:
            start -= len(stream.read(min(start, _CHUNK)))
        while byte := stream.read(1):
            found += byte
    return bytes(found)


def _as_utf8(pieces: Iterator[bytes], path: Path) -> Iterator[bytes]:
    """Turn UTF-16 and UTF-32 into UTF-8, and lone carriage returns into line ends where there are no others."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= _CHUNK or b"\n" in head:
            break
    pieces = chain([head], pieces)
    name = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if name is not None:
        warnings.warn(f"{path}: read as {name}, as its first bytes say.", Remark, stacklevel=2)
        pieces = _recoded(pieces, name)
        head = next(pieces, b"")
        pieces = chain([head], pieces)
    if b"\r" in head[:-1] and b"\n" not in head:
        pieces = (piece.replace(b"\r", b"\n") for piece in pieces)
    yield from pieces


def _recoded(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(name)("stance-broken")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")


def _split(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines with their ends. One of more than 64 MiB comes as its first 64 MiB and a byte, without its end."""
    begun: list[bytes] = []
    size = 0
    for piece in pieces:
        lines = io.BytesIO(piece).readlines()
        if begun and lines:
            begun.append(lines[0][: max(MAX_LINE + 1 - size, 0)])
            size += len(lines[0])
            if not lines[0].endswith(b"\n"):
                continue
            yield b"".join(begun)
            begun, lines = [], lines[1:]
        if lines and not lines[-1].endswith(b"\n"):
            begun = [lines.pop()]
            size = len(begun[0])
        yield from lines
    if begun:
        yield b"".join(begun)
