"""Promise 22: tests never touch the store, the registry, the caches, the home of whoever runs them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from toolkit.tracking import Store, open_store

INNER = (
    "tests/experiment/test_experiment.py::test_the_terminal_shows_the_comparison_and_the_next_commands",  # trained
    "tests/tracking/test_tracking.py::test_provenance_knows_commit_and_dirt",  # git init, add, commit
)
SMALLER = ("schemes=[stance]", "models={plain: {kind: majority}}", "evaluation.resamples=100")


def a_champion(folder: Path) -> Store:
    """Make the store of a user who has a champion."""
    store = open_store(folder)
    client = store.client()
    client.create_registered_model("stance")
    version = client.create_model_version("stance", source=folder.as_uri()).version
    client.set_registered_model_alias("stance", "champion", version)
    return store


def contents(folder: Path) -> dict[str, str]:
    """Return every file and folder with a digest of what is in it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in folder.rglob("*")
    }


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user's home: a marker, settings, a cache, a repository, and work with a tracking store."""
    home = tmp_path / "home"
    for name in ("marker", ".config/matplotlib/marker", ".cache/huggingface/marker", ".cache/stance-toolkit/marker"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("mine")
    (home / "work").mkdir()
    subprocess.run(["git", "init", "-q", str(home / "work")], check=True)
    return home


def test_a_session_leaves_store_registry_caches_and_home_of_the_user_alone(home: Path, tmp_path: Path) -> None:
    store = a_champion(home / "work")
    mine = {
        "HOME": home,
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_CONFIG_HOME": home / ".config",
        "HF_HOME": home / ".cache/huggingface",
        "STANCE_CACHE": home / ".cache/stance-toolkit",
        "GIT_DIR": home / "work/.git",
        "MLFLOW_TRACKING_URI": store.uri,
        "MLFLOW_REGISTRY_URI": store.uri,
        "PYTHONPATH": REPOSITORY,
    }
    options = ["-c", str(REPOSITORY / "pyproject.toml"), "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'inner'}"]
    options += [f"--tiny={change}" for change in SMALLER]
    before = contents(home)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *(str(REPOSITORY / test) for test in INNER)],
        cwd=home / "work",
        env={**os.environ, **{name: str(value) for name, value in mine.items()}},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    after = contents(home)
    changed = sorted(name for name in before | after if before.get(name) != after.get(name))
    assert not changed, f"{len(changed)} files of the user were changed: {changed[:10]}"
    assert done.returncode == 0 and f"{len(INNER)} passed" in done.stdout, done.stdout
