"""Building blocks by name: those of a project first, those that come with the toolkit after them."""

from __future__ import annotations

from pathlib import Path

from toolkit.errors import UsageError, nearest
from toolkit.version import PACKAGE

__all__ = ["block_names", "experiment_path", "find_block", "in_project", "project_root", "shipped"]


def shipped() -> Path:
    """Return the folder of what comes with the toolkit (``configs``, ``data``, ``experiments``).

    An installed package has it inside; a clone is that folder itself.
    """
    inside = PACKAGE / "shipped"
    return inside if inside.is_dir() else inside.parents[1]


def project_root(config: Path) -> Path:
    """Return the nearest folder above a file that holds a ``configs`` folder, else the file's own folder.

    A folder ``experiments`` lies in a project, whether or not that has building blocks of its own.
    """
    config = config.resolve()
    own = config.parent.parent if config.parent.name == "experiments" else config.parent
    return next((folder for folder in config.parents if (folder / "configs").is_dir()), own)


def find_block(root: Path, folder: str, name: str) -> Path | None:
    """Return the file of a building block: ``configs/FOLDER/NAME.yaml``, or a path below ``root`` that ends in .yaml.

    None where neither the project nor the toolkit has it.
    """
    if name.endswith((".yaml", ".yml")):
        places = [root / name]
    else:
        places = [place / "configs" / folder / f"{name}.yaml" for place in (root, shipped())]
    return next((place for place in places if _is_file(place)), None)


def block_names(root: Path, folder: str) -> list[str]:
    """Return the names of all building blocks of a folder of ``configs`` that :func:`find_block` finds."""
    return sorted({path.stem for place in (root, shipped()) for path in (place / "configs" / folder).glob("*.yaml")})


def in_project(root: Path, name: str) -> Path:
    """Return a file of a project, or where it has none the one of that name that comes with the toolkit."""
    return shipped() / name if not _is_file(root / name) and _is_file(shipped() / name) else root / name


def experiment_path(named: Path) -> Path:
    """Return the file of an experiment: a path, or the name of one in ``experiments`` (of the project around the
    working folder, else of the toolkit). Raises UsageError for an unknown name.
    """
    if named.suffix in (".yaml", ".yml") or len(named.parts) != 1 or _is_file(named):
        return named
    folders = [place / "experiments" for place in (project_root(Path.cwd() / "-"), shipped())]
    found = next((path for folder in folders if _is_file(path := folder / f"{named}.yaml")), None)
    if found is None:
        known = sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})
        hint = nearest(str(named), known)
        raise UsageError(f"{str(named)!r} is no experiment{hint}; known: {', '.join(known)}, or a YAML file.")
    return found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False
