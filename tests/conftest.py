"""Shared fixtures: the repository, a project folder of its own for a test, one trained project for all."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import shutil
import site
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.program import stance, stance_process

if TYPE_CHECKING:
    from toolkit.tracking import Store

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
FOREIGN += ("TORCH_HOME", "XDG_", "MPL", "GIT_", "RAY_", "SPARK_", "PYSPARK_")
"""How the variables begin that lead to a store, a cache, settings, a repository or a cluster of whoever runs the tests."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tiny", action="append", default=[], help="a value of the small experiment to change: KEY=VALUE")


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
    environment.setenv("PYTHONPATH", str(REPOSITORY), prepend=os.pathsep)  # programs run what is tested here


def pytest_collection_finish() -> None:
    gc.set_threshold(20_000, 20, 10)
    set_aside()


def set_aside() -> None:
    """Spare the garbage collector a million objects of imported libraries, which it would look at every few tests.

    With this and seldomer looks a session takes half a minute less.
    """
    gc.collect()
    gc.freeze()


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


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a store in which nothing is yet; to make one takes MLflow two seconds, to copy it nothing."""
    from toolkit.tracking import open_store

    folder = tmp_path_factory.mktemp("empty")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        open_store(folder)
    set_aside()  # MLflow is large
    return folder / "mlflow.db"


@pytest.fixture(scope="session")
def new_store(empty_store: Path) -> Callable[[Path], Store]:
    """Open a new store in a folder."""
    from toolkit.tracking import open_store

    def opened(folder: Path) -> Store:
        copy_store(empty_store, folder)
        return open_store(folder)

    return opened


def copy_store(database: Path, folder: Path) -> None:
    """Copy a store's database into another folder and let everything in it lead there: its places are absolute."""
    with (
        contextlib.closing(sqlite3.connect(database)) as source,
        contextlib.closing(sqlite3.connect(folder / "mlflow.db")) as copy,
    ):
        source.backup(copy)
        for (table,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for _, column, kind, *_ in copy.execute(f"PRAGMA table_info({table})").fetchall():
                if kind.upper().startswith(("VARCHAR", "TEXT", "CHAR")):
                    change = f'UPDATE {table} SET "{column}" = replace("{column}", ?1, ?2) WHERE instr("{column}", ?1)'
                    copy.execute(change, (str(database.parent), str(folder)))
        copy.commit()


@pytest.fixture
def project(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh project folder with a store in which nothing is yet; it is also the working folder."""
    make_project(tmp_path)
    copy_store(empty_store, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def run_stance():
    """The program in this process: see tests/program.py."""
    return stance


@pytest.fixture(scope="session")
def start_stance():
    """The program in a process of its own."""
    return stance_process


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A project folder in which the small experiment has been run once; tests must not change it."""
    folder = make_project(tmp_path_factory.mktemp("trained"))
    done = stance_process("train", "experiments/tiny.yaml", *pytestconfig.getoption("tiny"), cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "stderr.txt").write_text(done.stderr, encoding="utf-8")
    return folder


@contextlib.contextmanager
def undrawing() -> Iterator[None]:
    """Plots are made and not painted, half a second a model, where a test does not ask for them.

    They are painted where the small experiment is trained, and looked at in tests/report.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matplotlib.figure.Figure.savefig", lambda figure, stream, **how: stream.write(b"\x89PNG"))
        yield


@pytest.fixture
def undrawn() -> Iterator[None]:
    with undrawing():
        yield


@pytest.fixture
def trained_copy(trained: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    folder = tmp_path / "project"
    shutil.copytree(trained, folder, ignore=shutil.ignore_patterns("mlflow.db*"))
    copy_store(trained / "mlflow.db", folder)
    return folder
