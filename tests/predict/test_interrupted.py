"""A prediction that is killed, and gone on with: the bytes of one that was not (promises 15 and 16)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from toolkit.errors import UsageError
from toolkit.model import own_models
from toolkit.prediction import Inputs, Job, Output, Plan, engines, local, predict, work_folder
from toolkit.storage import read_rows

STANCE = ("toolkit:stance", own_models()["stance"])
MODEL = ["-m", str(own_models()["stance"])]
WORDS = "we they will not deny offer talks strike back the border if our side hopes a threat it was never said".split()


def statements(path: Path, many: int, seed: int = 1) -> Path:
    draw = random.Random(seed)
    rows = ({"statement_id": f"s{i}", "text": " ".join(draw.choices(WORDS, k=20))} for i in range(many))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


class Stops(Exception):
    pass


def stopping(after: int) -> engines.Engine:
    def run(job: Job, partitions, kept) -> Iterator[int]:  # type: ignore[no-untyped-def]
        for done, number in enumerate(local(1)(job, partitions, kept), 1):
            yield number
            if done == after:
                raise Stops

    return run


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.prediction.plan._STATEMENTS", 10)


def go(folder: Path, name: str, engine: engines.Engine | None = None, **options: bool):  # type: ignore[no-untyped-def]
    plan = Plan(Inputs((folder / "s.jsonl",)))
    return predict(plan, Job((STANCE,)), Output(folder / name, **options), engine or local(1))


@pytest.mark.parametrize("ending", ["jsonl", "csv", "csv.gz", "jsonl.zst", "parquet"])
def test_going_on_does_what_is_left_and_gives_the_same_bytes(tmp_path: Path, small_parts: None, ending: str) -> None:
    statements(tmp_path / "s.jsonl", 95)
    go(tmp_path, f"whole.{ending}")
    with pytest.raises(Stops):
        go(tmp_path, f"p.{ending}", stopping(4))
    assert not (tmp_path / f"p.{ending}").exists()
    done = go(tmp_path, f"p.{ending}", resume=True)
    assert (done.resumed, done.parts, done.statements) == (4, 10, 95)
    assert (tmp_path / f"p.{ending}").read_bytes() == (tmp_path / f"whole.{ending}").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["s.jsonl", f"p.{ending}", f"whole.{ending}"])


def test_two_processes_give_the_bytes_of_one(tmp_path: Path, small_parts: None) -> None:
    statements(tmp_path / "s.jsonl", 95)
    go(tmp_path, "one.parquet")
    go(tmp_path, "two.parquet", local(2))
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_an_interrupted_run_is_neither_forgotten_nor_mixed_with_another(tmp_path: Path, small_parts: None) -> None:
    statements(tmp_path / "s.jsonl", 50)
    with pytest.raises(Stops):
        go(tmp_path, "p.jsonl", stopping(2))
    with pytest.raises(UsageError, match=r"an interrupted run of 'p.jsonl' is there; go on with it by --resume, or"):
        go(tmp_path, "p.jsonl")
    statements(tmp_path / "s.jsonl", 50, seed=2)
    with pytest.raises(UsageError, match=r"was another one: input was \w+\.*, is \w+\.*; throw it away by --restart"):
        go(tmp_path, "p.jsonl")
    with pytest.raises(UsageError, match="cannot be resumed, it was another one: input was"):
        go(tmp_path, "p.jsonl", resume=True)
    assert go(tmp_path, "p.jsonl", restart=True).resumed == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.jsonl", "s.jsonl"]


def test_options_and_models_belong_to_the_fingerprint(tmp_path: Path, small_parts: None) -> None:
    statements(tmp_path / "s.jsonl", 50)
    with pytest.raises(Stops):
        go(tmp_path, "p.jsonl", stopping(2))
    plan, output = Plan(Inputs((tmp_path / "s.jsonl",))), Output(tmp_path / "p.jsonl", resume=True)
    for job, told in (
        (Job((STANCE,), evidence=True), "options was"),
        (Job((("other", STANCE[1]),)), "models was toolkit:stance"),
    ):
        with pytest.raises(UsageError, match=f"it was another one: {told}"):
            predict(plan, job, output)


def test_what_a_killed_process_left_is_taken_away(tmp_path: Path) -> None:
    statements(tmp_path / "s.jsonl", 3)
    (tmp_path / ".p.jsonl.abc123.part").write_text("half")
    go(tmp_path, "p.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.jsonl", "s.jsonl"]


def start(folder: Path, *arguments: str, **options: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "import sys; from toolkit.prediction import plan; plan._STATEMENTS = 1_000\n"
               "from toolkit.cli import main; sys.argv[0] = 'stance'; main()", "predict", "s.jsonl", *MODEL]  # fmt: skip
    return subprocess.Popen(
        [*command, "-o", "p.parquet", *arguments], cwd=folder, stderr=subprocess.PIPE, text=True, **options
    )


def ends(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, told = process.communicate(timeout=120)
    return process.returncode, told


def until(condition, seconds: float = 60) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited for too long"
        time.sleep(0.01)


def test_a_kill_leaves_no_process_and_a_second_job_is_refused(tmp_path: Path) -> None:
    """With two processes: the first is killed, the others see it and end."""
    statements(tmp_path / "s.jsonl", 20_000)
    process = start(tmp_path, "--processes", "2")
    parts = work_folder(tmp_path / "p.parquet")
    until(lambda: list(parts.glob("*/*/*.arrow")))
    code, told = ends(start(tmp_path))
    assert code == 2 and "another process is writing p.parquet" in told
    others = psutil.Process(process.pid).children(recursive=True)
    assert len(others) >= 2
    process.send_signal(signal.SIGKILL)
    ends(process)
    _, alive = psutil.wait_procs(others, timeout=20)
    assert not alive
    assert not (tmp_path / "p.parquet").exists() and parts.is_dir()
    code, told = ends(start(tmp_path))
    assert code == 2 and "an interrupted run of 'p.parquet' is there; go on with it by --resume" in told
    assert ends(start(tmp_path, "--resume"))[0] == 0
    whole = tmp_path / "p.parquet"
    killed = whole.read_bytes()
    whole.unlink()
    assert ends(start(tmp_path, "--processes", "1"))[0] == 0
    assert whole.read_bytes() == killed


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_all_processes_and_says_how_to_go_on(tmp_path: Path, number: int, code: int) -> None:
    statements(tmp_path / "s.jsonl", 20_000)
    process = start(tmp_path, "--processes", "2", start_new_session=True)  # type: ignore[arg-type]
    until(lambda: list(work_folder(tmp_path / "p.parquet").glob("*/*/*.arrow")))
    others = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    found, told = ends(process)
    assert found == code and "What is done is kept in .p.parquet.work: --resume goes on, --restart begins anew." in told
    assert not psutil.wait_procs(others, timeout=20)[1]
    assert "Traceback" not in told


@pytest.mark.slow
def test_two_hundred_kills_at_random_moments_change_no_byte(tmp_path: Path) -> None:
    statements(tmp_path / "s.jsonl", 12_000)
    begun = time.monotonic()
    assert ends(start(tmp_path, "--processes", "2"))[0] == 0
    took, whole = time.monotonic() - begun, tmp_path / "p.parquet"
    expected = whole.read_bytes()
    whole.unlink()
    draw, kills, finished = random.Random(12), 0, 0
    while kills < 200:
        resume = list(work_folder(whole).glob("*/*/*.arrow"))
        process = start(tmp_path, "--processes", str(draw.choice((1, 2))), *(["--resume"] if resume else []))
        try:
            process.communicate(timeout=draw.uniform(0, took))
        except subprocess.TimeoutExpired:
            process.send_signal(draw.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGINT)))
            ends(process)
            kills += 1
        if whole.exists():
            assert whole.read_bytes() == expected
            assert {path.name for path in tmp_path.iterdir()} <= {
                "s.jsonl",
                "p.parquet",
                "p.parquet.run.json",
                ".p.parquet.lock",
            }
            whole.unlink()
            finished += 1
        elif process.returncode == 0:
            raise AssertionError("success without a file")
    assert finished > 5


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl.gz"])
def test_a_full_disk_is_told_and_gone_on_with_when_there_is_room(tmp_path: Path, ending: str) -> None:
    """On a disk of 3 MB in memory, with a file in the way that leaves room for some of the parts."""
    statements(tmp_path / "s.jsonl", 12_000)
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(small)], check=False).returncode:
        pytest.skip("mounting a small disk is not permitted here")
    try:
        (small / "ballast").write_bytes(bytes(4 * 2**20 + 2**19))
        command = [sys.executable, "-m", "toolkit", "predict", "s.jsonl", *MODEL, "-o", f"small/p.{ending}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 1 and "no space left on device." in done.stderr and "Traceback" not in done.stderr
        assert "fault of the toolkit" not in done.stderr and not (small / f"p.{ending}").exists()
        assert not list(small.rglob("*.part"))
        (small / "ballast").unlink()
        again = ["--resume"] if list(work_folder(small / f"p.{ending}").glob("*/*/*.arrow")) else []
        done = subprocess.run([*command, *again], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert len(list(read_rows(small / f"p.{ending}"))) == 12_000
    finally:
        subprocess.run(["umount", str(small)], check=True)
