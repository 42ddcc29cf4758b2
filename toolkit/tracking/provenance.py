"""Where a run comes from: code, data, packages, machine."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from toolkit.storage import file_sha256
from toolkit.version import __version__

__all__ = ["SERVED_WITH", "Provenance", "provenance", "requirements"]

_REPORTED = ("mlflow", "numpy", "pandas", "pyarrow", "pydantic", "safetensors", "scikit-learn", "scipy", "trafilatura")
_OPTIONAL = ("torch", "transformers", "accelerate", "sentence-transformers", "setfit", "peft", "model2vec", "optuna")
SERVED_WITH = ("mlflow", "numpy", "pandas", "pyahocorasick", "pyarrow", "pydantic", "safetensors", "scipy")
"""What a logged model needs to be loaded by MLflow without this toolkit installed; the toolkit's code goes with it."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a reviewer needs to run the same again."""

    commit: str | None
    dirty: bool | None
    """Whether tracked files differ from the commit; None outside git."""
    files: Mapping[str, str]
    """SHA-256 of every data file, whole."""
    versions: Mapping[str, str]
    python: str
    machine: str
    threads: int

    def tags(self) -> dict[str, str]:
        """Return it as MLflow tags; MLflow's own commit tag is absent when it is started from a console script."""
        return {
            "mlflow.source.git.commit": self.commit or "unknown",
            "git.commit": self.commit or "unknown",
            "git.dirty": "unknown" if self.dirty is None else str(self.dirty).lower(),
            "python": self.python,
            "machine": self.machine,
            "threads": str(self.threads),
            **{f"version.{name}": version for name, version in self.versions.items()},
            **{f"sha256.{_tag(name)}": digest for name, digest in self.files.items()},
        }


def _tag(name: str) -> str:
    """Return the path of a data file as the end of a tag's name, in which MLflow allows neither ``..`` nor signs."""
    plain = re.sub(r"[^\w./ -]", "_", name.replace("..", "up"))
    return (
        plain if plain == name else f"{plain} {hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"
    )


def provenance(root: Path, files: Sequence[Path], threads: int) -> Provenance:
    """Collect it; ``root`` is the project's folder, ``files`` are the data files of the run."""
    commit, status = _git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain", "--untracked-files=no")
    return Provenance(
        commit=commit or None,
        dirty=bool(status) if status is not None else None,
        files={os.path.relpath(path, root): file_sha256(path) for path in files},
        versions={"stance-toolkit": __version__, **_versions()},
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}, {_cpu()}, {os.cpu_count()} CPUs",
        threads=threads,
    )


def _versions() -> dict[str, str]:
    found = {}
    for name in (*_REPORTED, *_OPTIONAL):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def requirements(packages: Sequence[str] = ()) -> list[str]:
    """Return the exact versions that a logged model is served with; ``packages`` are those of its own kind."""
    return [f"{name}=={metadata.version(name)}" for name in (*SERVED_WITH, *packages)]


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown CPU"
