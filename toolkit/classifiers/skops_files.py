"""skops files that hold scikit-learn estimators: written to equal bytes, loaded with a list of types of our own."""

from __future__ import annotations

import importlib
import io
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

from toolkit.errors import ModelError, first_line

__all__ = ["TRUSTED", "load_skops", "save_skops"]

TRUSTED = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
)
"""The only types beyond skops' own list that a model file may hold. A file's own claims are never asked."""

_MAX_BYTES = 2 * 2**30
"""Unpacked."""
_SCHEMA = "schema.json"
_ADDRESS = re.compile(r'("__id__": |"file": ")(\d+)')
_EPOCH = (1980, 1, 1, 0, 0, 0)


def _skops_io() -> Any:
    """Import skops.io. It walks through all of scikit-learn, where one module would load torch for seconds."""
    hidden = "torch" not in sys.modules
    if hidden:
        sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        return importlib.import_module("skops.io")
    finally:
        if hidden:
            del sys.modules["torch"]


def save_skops(estimator: Any, path: Path) -> None:
    """Write an estimator as a skops file, compressed; equal estimators give equal bytes.

    skops names the parts by their addresses in memory; they are numbered in the order in which they come instead.
    """
    skops_io = _skops_io()

    numbers: dict[str, str] = {}

    def numbered(match: re.Match[str]) -> str:
        return match[1] + numbers.setdefault(match[2], str(len(numbers)))

    with zipfile.ZipFile(io.BytesIO(skops_io.dumps(estimator))) as dumped:
        schema = _ADDRESS.sub(numbered, dumped.read(_SCHEMA).decode("utf-8"))
        parts = {_SCHEMA: schema.encode("utf-8")}
        for name in dumped.namelist():
            if name != _SCHEMA:
                stem, dot, ending = name.partition(".")
                parts[numbers.get(stem, stem) + dot + ending] = dumped.read(name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(parts):
            file.writestr(zipfile.ZipInfo(name, _EPOCH), parts[name], zipfile.ZIP_DEFLATED)


def load_skops(path: Path, kind: type) -> Any:
    """Load an estimator of a kind; types beyond skops' list and :data:`TRUSTED` are refused with ModelError."""
    skops_io = _skops_io()

    try:
        with zipfile.ZipFile(path) as file:
            size = sum(part.file_size for part in file.infolist())
        if size > _MAX_BYTES:
            raise ModelError(f"{path}: is larger than {_MAX_BYTES // 2**30} GiB.")
        estimator = skops_io.load(path, trusted=list(TRUSTED))
    except ModelError:
        raise
    except Exception as error:  # a hostile or damaged file can fail in any way
        raise ModelError(f"{path}: is not a model file that can be trusted: {first_line(error)}") from None
    if not isinstance(estimator, kind):
        raise ModelError(f"{path}: holds a {type(estimator).__name__}, not a {kind.__name__}.")
    return estimator
