"""Shared fixtures: the repository, a project folder of its own for a test, one trained project for all."""

from __future__ import annotations

import os
import re
import shutil
import site
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
_PLAIN = re.compile(r'"article_id": "(?:agency|bulletin|tribune|ordinary)-')
TINY = """
name: tiny
seed: 7
data: {articles: [data/sample/articles.jsonl], gold: data/sample/gold.jsonl}
schemes: [stance, sentiment]
models: [majority, tfidf-nb]
tuning: {folds: 3, repeats: 1}
evaluation: {resamples: 200}
"""


FOREIGN = ("MLFLOW_", "DATABRICKS_", "STANCE_", "HF_", "HUGGINGFACE_", "TRANSFORMERS_", "SENTENCE_TRANSFORMERS_")
FOREIGN += ("TORCH_HOME", "XDG_", "MPL", "GIT_")
"""How the variables begin that lead to a store, a cache, settings or a repository of whoever runs the tests."""


def pytest_configure(config: pytest.Config) -> None:
    """Give the session a home of its own and no store, before any test, fixture or program can see another.

    A fixture would come too late: those of the session run before those of a function.
    """
    home = tempfile.TemporaryDirectory(prefix="stance-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(home.cleanup)
    environment = pytest.MonkeyPatch()
    config.add_cleanup(environment.undo)
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        environment.delenv(name)
    environment.setenv("PYTHONUSERBASE", site.getuserbase())  # packages are found as before
    environment.setenv("HOME", home.name)
    environment.setenv("COLUMNS", "200")


@pytest.fixture(autouse=True)
def _no_store_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    # MLflow writes the store that a test has opened into the environment.
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("MLFLOW_REGISTRY_URI", raising=False)


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


def make_project(folder: Path) -> Path:
    """Lay out a project folder: the shipped building blocks, the sample data, and a small experiment."""
    shutil.copytree(REPOSITORY / "configs", folder / "configs")
    shutil.copytree(REPOSITORY / "data" / "sample", folder / "data" / "sample")
    shutil.copytree(REPOSITORY / "data" / "behaviour", folder / "data" / "behaviour")
    for name in ("articles.jsonl", "gold.jsonl"):
        # The first half of the outlets: enough for every path, and half the time.
        path = folder / "data" / "sample" / name
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not _PLAIN.search(line[:200])), encoding="utf-8")
    (folder / "experiments").mkdir()
    (folder / "experiments" / "tiny.yaml").write_text(TINY, encoding="utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh project folder, which is also the working folder."""
    make_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stance(*arguments: str, cwd: Path, timeout: float = 240, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "toolkit", *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@pytest.fixture(scope="session")
def run_stance():
    return stance


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder in which the small experiment has been run once; tests must not change it."""
    folder = make_project(tmp_path_factory.mktemp("trained"))
    done = stance("train", "experiments/tiny.yaml", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "stderr.txt").write_text(done.stderr, encoding="utf-8")
    return folder
