"""Whether YAML files are sound, each read as what its folder says it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toolkit.config.behaviour import load_behaviour
from toolkit.config.blocks import project_root
from toolkit.config.corpora import load_corpus
from toolkit.config.document import content_of
from toolkit.config.load import load_experiment, load_model_file, load_scheme
from toolkit.errors import ConfigError, UsageError

__all__ = ["KINDS_OF_FILES", "check_files", "files_below", "kind_of"]

KINDS_OF_FILES = {
    "experiments": "experiment",
    "configs/labels": "labels",
    "configs/models": "model",
    "configs/data": "data",
    "configs/behaviour": "behaviour",
}
"""What the files of a project's folders are."""
_ENDINGS = (".yaml", ".yml")


def kind_of(path: Path) -> str | None:
    """Return what a file is by the folder of its project that it lies in; None where that tells nothing."""
    path = path.resolve()
    place = path.relative_to(project_root(path)).as_posix()
    if path.parent.name == "experiments":
        return KINDS_OF_FILES["experiments"]
    return next((kind for folder, kind in KINDS_OF_FILES.items() if place.startswith(f"{folder}/")), None)


def files_below(folder: Path) -> list[Path]:
    """Return the YAML files below a folder that lie in a folder of a project that tells what they are."""
    found = (path for path in sorted(folder.rglob("*")) if path.suffix in _ENDINGS and path.is_file())
    return [path for path in found if kind_of(path) is not None]


def check_files(paths: Sequence[Path], kind: str | None = None) -> tuple[str, ...]:
    """Return a sentence for every mistake of the files, each once, with file and line.

    ``kind`` says what all of them are; without it their folders do. Raises UsageError for a file whose folder does not.
    """
    kinds = [kind or kind_of(path) for path in paths]
    for path, one in zip(paths, kinds, strict=True):
        if one is None:
            told = ", ".join(KINDS_OF_FILES)
            raise UsageError(f"{path}: lies in none of a project's folders {told}; --kind says what it is.")
    problems: dict[str, None] = {}
    for path, one in zip(paths, kinds, strict=True):
        try:
            _read(path, one or "")
        except ConfigError as error:
            problems |= dict.fromkeys(error.problems)
    return tuple(problems)


def _read(path: Path, kind: str) -> None:
    """Read a file with everything that it names. Raises ConfigError with every mistake."""
    content_of(path)  # one that is not there is told as a file, not as an unknown name
    if kind == "experiment":
        load_experiment(path)
    elif kind == "labels":
        load_scheme(path, Path())  # as it was named: messages name it so
    elif kind == "model":
        load_model_file(path)
    elif kind == "data":
        load_corpus(str(path))
    else:
        load_behaviour(str(path))
