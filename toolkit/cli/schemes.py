"""Which label scheme a command means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.labels import LabelScheme

__all__ = ["scheme_of"]


def scheme_of(name: str, beside: Path) -> LabelScheme:
    """Return a label scheme of the project around a file, or around the working folder, or of the toolkit."""
    from toolkit.config import load_scheme, project_root

    there, here = project_root(beside), project_root(Path.cwd() / "-")
    own = (there / "configs" / "labels" / f"{name}.yaml").is_file() or name.endswith((".yaml", ".yml"))
    return load_scheme(name, there if own else here)
