"""Ray and Spark do what one process does: the same bytes, the same rows set aside, the same sentences, nothing left."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from tests.predict.test_interrupted import ends, statements, until
from toolkit.errors import UsageError
from toolkit.model import own_models
from toolkit.prediction import Inputs, Job, Plan, ray, spark, work_folder
from toolkit.prediction.engines.cluster import Task, do
from toolkit.prediction.engines.kept import Kept

PACKAGES = {"ray": "ray", "spark": "pyspark"}
ENGINES = [
    pytest.param(
        name,
        marks=[
            pytest.mark.slow,
            pytest.mark.skipif(not find_spec(package), reason=f"{package} is not installed (extra {name!r})"),
        ],
    )
    for name, package in PACKAGES.items()
]
MODELS = [argument for folder in own_models().values() for argument in ("-m", str(folder))]
SMALL = (
    "import sys; from toolkit.prediction import plan; plan._STATEMENTS, plan._ARTICLES = 500, 5\n"
    "from toolkit.cli import main; sys.argv[0] = 'stance'; main()"
)
"""The program, with partitions so small that there are some."""


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SMALL, "predict", *arguments, "--processes", "2"]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True)


def run(folder: Path, *arguments: str) -> str:
    code, told = ends(start(folder, *arguments))
    assert code == 0, told
    return told


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("what", ["statements", "articles"])
def test_a_cluster_gives_the_bytes_of_one_process(tmp_path: Path, repository: Path, engine: str, what: str) -> None:
    source = tmp_path / "in.jsonl"
    if what == "statements":
        statements(source, 2_300)
    else:
        lines = (repository / "data/sample/articles.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        source.write_text("".join(lines[:40]), encoding="utf-8")
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    source.write_text("".join([*lines[:7], "{\n", *lines[7:20], '{"text": ""}\n', *lines[20:]]), encoding="utf-8")
    told = run(tmp_path, "in.jsonl", *MODELS, "-o", "one.parquet", "--evidence")
    other = run(tmp_path, "in.jsonl", *MODELS, "-o", "many.parquet", "--evidence", "--engine", engine)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "many.parquet").read_bytes()
    rejected = [(tmp_path / f"{name}.parquet.rejected.jsonl").read_bytes() for name in ("one", "many")]
    assert rejected[0] == rejected[1] and rejected[0].count(b"\n") == 2
    assert other.replace("many.parquet", "one.parquet") == told  # nothing of the cluster's own is printed
    beside = [f"{name}.parquet{more}" for name in ("many", "one") for more in ("", ".rejected.jsonl", ".run.json")]
    assert files(tmp_path) == ["in.jsonl", *beside]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_kill_leaves_no_process_and_another_engine_goes_on(tmp_path: Path, engine: str) -> None:
    statements(tmp_path / "s.jsonl", 20_000)
    run(tmp_path, "s.jsonl", *MODELS, "-o", "whole.parquet")
    process = start(tmp_path, "s.jsonl", *MODELS, "-o", "p.parquet", "--engine", engine)
    parts = work_folder(tmp_path / "p.parquet")
    until(lambda: len(list(parts.glob("*/*/*.arrow"))) > 1, 180)
    others = psutil.Process(process.pid).children(recursive=True)
    assert len(others) >= 2
    process.send_signal(signal.SIGKILL)
    ends(process)
    assert not psutil.wait_procs(others, timeout=100)[1]  # Ray's agents look for the dead one for a minute
    code, told = ends(start(tmp_path, "s.jsonl", *MODELS, "-o", "p.parquet", "--engine", engine))
    assert code == 2 and "an interrupted run of 'p.parquet' is there; go on with it by --resume" in told
    told = run(tmp_path, "s.jsonl", *MODELS, "-o", "p.parquet", "--resume")
    assert "parts had been done before." in told
    assert (tmp_path / "p.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert not parts.exists()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_cluster_and_the_cluster_goes_on(tmp_path: Path, engine: str, number: int, code: int) -> None:
    statements(tmp_path / "s.jsonl", 20_000)
    process = start(tmp_path, "s.jsonl", *MODELS, "-o", "p.jsonl", "--engine", engine)
    until(lambda: len(list(work_folder(tmp_path / "p.jsonl").glob("*/*/*.arrow"))) > 1, 180)
    others = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    found, told = ends(process)
    assert found == code, told
    assert "What is done is kept in .p.jsonl.work: --resume goes on, --restart begins anew." in told
    assert "Traceback" not in told
    assert not psutil.wait_procs(others, timeout=100)[1]
    run(tmp_path, "s.jsonl", *MODELS, "-o", "p.jsonl", "--engine", engine, "--resume")
    assert len((tmp_path / "p.jsonl").read_text().splitlines()) == 20_000
    assert files(tmp_path) == ["p.jsonl", "p.jsonl.run.json", "s.jsonl"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_that_was_changed_is_told_as_it_is_by_one_process(tmp_path: Path, engine: str) -> None:
    statements(tmp_path / "s.jsonl", 1_200)
    shutil.copytree(own_models()["sentiment"], tmp_path / "model")
    changed = next(path for path in (tmp_path / "model").iterdir() if path.suffix == ".skops")
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    arguments = ["s.jsonl", "-m", "model", "-o", "p.jsonl"]
    code, told = ends(start(tmp_path, *arguments))
    assert code == 1 and f"error: model/{changed.name}: has been changed since the model was saved" in told
    assert ends(start(tmp_path, *arguments, "--engine", engine)) == (code, told)
    assert files(tmp_path) == ["model", "s.jsonl"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_process_that_is_lost_is_replaced(tmp_path: Path, engine: str) -> None:
    statements(tmp_path / "s.jsonl", 30_000)
    process = start(tmp_path, "s.jsonl", *MODELS, "-o", "p.jsonl", "--engine", engine)
    until(lambda: list(work_folder(tmp_path / "p.jsonl").glob("*/*/*.arrow")), 180)
    victims = list(workers(process))
    assert victims
    victims[0].kill()
    code, told = ends(process)
    assert code == 0 and "30000 statements labelled" in told, told


def workers(process: subprocess.Popen[str]) -> Iterator[psutil.Process]:
    """Yield the processes of a cluster that work on partitions."""
    for one in psutil.Process(process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it has ended meanwhile
            command, above = " ".join(one.cmdline()), one.parent()
            if "MapWorker" in command or ("pyspark.daemon" in command and above and above.name() != "java"):
                yield one


# ------------------------------------------------------------------------------------------- without a cluster


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """A task whose one partition is there."""
    (tmp_path / "kept" / "in").mkdir(parents=True)
    [partition] = Plan(Inputs((statements(tmp_path / "s.jsonl", 3),))).partitions()
    Kept(tmp_path / "kept" / "in").put(0, partition.table)
    return Task(Job((("own", own_models()["sentiment"]),)), tmp_path / "kept" / "in", tmp_path / "kept")


def test_a_task_that_is_done_is_not_done_again(task: Task) -> None:
    assert do(task, 0) == ""
    before = Kept(task.kept).path(0).stat().st_mtime_ns
    assert do(task, 0) == "" and Kept(task.kept).path(0).stat().st_mtime_ns == before


def test_rows_that_end_every_process_end_the_work(task: Task) -> None:
    (task.given / "00000000.begun").write_text("....")
    code, told, _ = json.loads(do(task, 0))
    assert code == 1 and told.startswith("a process that labels was ended from outside 4 times at the same rows, ")
    assert "--resume goes on" in told


def test_a_folder_that_is_not_shared_is_told(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.prediction.engines.cluster._SECONDS", 0.1)
    code, told, _ = json.loads(do(task, 1))
    assert code == 2 and told.endswith("; --work must name a folder that all machines of the cluster share.")


@pytest.mark.parametrize(("begin", "name"), [(ray, "ray"), (spark, "spark")])
def test_a_missing_package_is_told(begin: Callable, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda package: None)
    told = f"--engine {name} needs the package {PACKAGES[name]}: pip install 'stance-toolkit\\[{name}\\]'."
    with pytest.raises(UsageError, match=told):
        begin(2)


def test_a_master_without_a_cluster_is_a_wrong_call(tmp_path: Path, run_stance) -> None:
    statements(tmp_path / "s.jsonl", 3)
    done = run_stance("predict", "s.jsonl", "-o", "p.jsonl", "--master", "local[2]", cwd=tmp_path)
    assert done.returncode == 2 and "--master names a cluster; say by --engine ray or --engine spark" in done.stderr


def test_the_next_partitions_are_written_while_some_are_worked_on_and_then_no_more(tmp_path: Path) -> None:
    """A million articles never lie in the folder at once."""
    from toolkit.prediction.engines import cluster

    made: list[int] = []

    def many() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    class Given:
        def put(self, number: int, table: object) -> None:
            time.sleep(0)

    class One:
        def __init__(self, number: int) -> None:
            self.number, self.table = number, None

    waves = cluster._waves(map(One, many()), Given(), 10)  # type: ignore[arg-type]
    assert next(waves) == list(range(10))
    time.sleep(0.2)
    assert len(made) == 20
    waves.close()  # type: ignore[attr-defined]
    assert len(made) == 20
