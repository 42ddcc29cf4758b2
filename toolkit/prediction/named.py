"""Models by what people call them."""

from __future__ import annotations

from pathlib import Path

from toolkit.errors import without_passwords
from toolkit.model import find_model_folder, own_models
from toolkit.storage import file_sha256
from toolkit.version import __version__

__all__ = ["named_model"]


def named_model(uri: str) -> tuple[str, Path]:
    """Return what the column ``model`` says of a model (a folder or a URI), never an alias, and its folder.

    Raises ModelError where it cannot be had, TrackingError where it is in a store and there is none.
    """
    from toolkit.tracking import fetch_model, model_name, open_store

    if Path(uri).is_dir():
        if (scheme := next((name for name, folder in own_models().items() if Path(uri) == folder), None)) is not None:
            return f"toolkit:{scheme} {__version__}", Path(uri)
        digest = file_sha256(find_model_folder(Path(uri)) / "model.json")
        return f"{uri} (sha256 {digest[:16]})", Path(uri)
    open_store(must_exist=True)
    name = model_name(uri)
    return without_passwords(name), fetch_model(name.partition(" (run ")[0])
