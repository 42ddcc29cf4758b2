"""The program in this process is the program: what it prints, how it ends, and that it leaves nothing behind."""

from __future__ import annotations

import logging
import os
import signal
import sys
import warnings
from pathlib import Path

import pytest

from tests.program import TimedOut, stance, stance_process
from toolkit.cli import console

ARTICLE = '"We will not wait," Ana Lund said.\n\nThe ministry denied “having sent” the letter.\n'


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--version"], 0),
        (["evaluate", "--help"], 0),
        ([], 2),
        (["extract", "a.txt", "-o", "-"], 0),
        (["extract", "a.txt", "-o", "s.csv"], 0),
        (["extract", "no.txt", "-o", "s.csv"], 1),
        (["extract", "a.txt", "--outptu", "s.csv"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_it_prints_and_ends_as_in_a_process_of_its_own(tmp_path: Path, arguments: list[str], code: int) -> None:
    done = []
    for name, run in (("here", stance), ("apart", stance_process)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(ARTICLE, encoding="utf-8")
        ended = run(*arguments, cwd=tmp_path / name, COLUMNS="70")
        left = {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        done.append((ended.returncode, ended.stdout, ended.stderr, left))
    assert done[0] == done[1] and done[0][0] == code and done[0][1] + done[0][2] + str(done[0][3])


def state() -> dict[str, object]:
    root = logging.getLogger()
    return {
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "arguments": sys.argv,
        "streams": (sys.stdout, sys.stderr, os.fstat(1).st_ino, os.fstat(2).st_ino),
        "warnings": (list(warnings.filters), warnings.showwarning),
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)],
        "alarm": signal.getitimer(signal.ITIMER_REAL),
        "logs": (list(root.handlers), root.level, logging.getLogger("mlflow").level),
        "debug": console.debug,
        "open files": len(os.listdir("/dev/fd")),
    }


@pytest.mark.parametrize("arguments", [["models", "list"], ["models", "promote", "stance", "7", "--debug"]])
def test_it_leaves_nothing_behind(trained: Path, arguments: list[str]) -> None:
    stance(*arguments, cwd=trained, STANCE_ANYTHING="1")  # modules are loaded, the database is open
    before = state()
    done = stance(*arguments, cwd=trained, STANCE_ANYTHING="1")
    assert state() == before
    assert (done.returncode, "Traceback" in done.stderr) == ((0, False) if arguments[1] == "list" else (1, True))


def test_a_store_of_before_is_not_seen_and_still_there_after(trained: Path, tmp_path: Path, new_store) -> None:
    import mlflow

    store = new_store(tmp_path)
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    (tmp_path / "elsewhere").mkdir()
    done = stance("models", "list", cwd=tmp_path / "elsewhere")
    assert done.returncode == 1 and "there is no tracking store yet" in done.stderr
    assert "champion" in stance("models", "list", cwd=trained).stderr
    assert mlflow.get_tracking_uri() == mlflow.get_registry_uri() == store.uri


def test_what_libraries_say_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Warnings are printed and no errors, logs go where Python puts them, and so does what other programs print."""

    def main() -> None:
        warnings.warn("look out", UserWarning, stacklevel=1)
        warnings.warn("outdated", DeprecationWarning, stacklevel=1)
        logging.getLogger("some.library").warning("careful")
        os.system("echo from outside")
        sys.exit("the end")

    monkeypatch.setattr("toolkit.cli.main", main)
    done = stance(cwd=tmp_path)
    assert "UserWarning: look out" in done.stderr and "outdated" not in done.stderr
    assert "careful\n" in done.stderr and done.stderr.endswith("the end\n")
    assert done.stdout == "from outside\n" and done.returncode == 1


def test_it_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.cli.main", signal.pause)
    with pytest.raises(TimedOut):
        stance(cwd=tmp_path, timeout=0.1)
    assert Path.cwd() != tmp_path
