"""Files of arrays: what was learnt, as numbers and nothing else (safetensors); equal arrays give equal bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ModelError, first_line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["load_arrays", "save_arrays"]

_MAX_BYTES = 2 * 2**30
_LARGEST = 1e30
"""Sums of products of such numbers are finite, in single precision too."""


def save_arrays(arrays: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Write arrays by their names."""
    import numpy as np
    from safetensors.numpy import save

    path.write_bytes(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}))


def load_arrays(path: Path, kinds: Mapping[str, tuple[str, int]]) -> dict[str, NDArray[Any]]:
    """Read arrays; ``kinds`` gives each name with its type ("f", "u") and number of dimensions.

    Raises ModelError where the file is none, is too large, or holds other arrays than these, or a number that is not
    finite or too large for any fit.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if path.stat().st_size > _MAX_BYTES:
        raise ModelError(f"{path}: is larger than {_MAX_BYTES // 2**30} GiB.")
    try:
        arrays: dict[str, NDArray[Any]] = load(path.read_bytes())
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(f"{path}: is no file of arrays (safetensors): {first_line(error)}.") from None
    if arrays.keys() != kinds.keys():
        raise ModelError(f"{path}: holds {', '.join(sorted(arrays))}, not {', '.join(sorted(kinds))}.")
    for name, array in arrays.items():
        if (array.dtype.kind, array.ndim) != kinds[name] or not _is_sane(array):
            raise ModelError(f"{path}: {name} is not what a model of these settings holds, or not finite.")
    return arrays


def _is_sane(array: NDArray[np.float64]) -> bool:
    return bool((abs(array) < _LARGEST).all())
