"""What a shell is told: completions, and colours only where they are wanted."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import copy_store
from toolkit.tracking import open_store


def completed(line: str, cwd: Path, shell: str = "bash") -> list[str]:
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)} if shell == "bash" else {}
    asked |= {"_STANCE_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": line}
    environment = {**os.environ, **asked, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    done = subprocess.run(
        [sys.executable, "-m", "toolkit"], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return [name for name in done.stdout.splitlines() if name]


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("stance mod", {"models"}),
        ("stance label s.jsonl --scheme se", {"sentiment"}),
        ("stance data import plo", {"plover"}),
        ("stance train exp", {"experiments/"}),
        ("stance train experiments/", {"experiments/mine.yaml"}),
        ("stance label s.jsonl --by c", {"codebook"}),
        ("stance predict a.jsonl -m ", {"experiments/"}),
    ],
)
def test_names_are_completed(tmp_path: Path, line: str, some: set[str]) -> None:
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "mine.yaml").write_text("", encoding="utf-8")
    assert some <= set(completed(line, tmp_path))


def test_registered_models_are_completed(tmp_path: Path, empty_store: Path) -> None:
    copy_store(empty_store, tmp_path)
    client = open_store(tmp_path).client()
    client.create_registered_model("tone")
    client.create_model_version("tone", source=tmp_path.as_uri())
    client.set_registered_model_alias("tone", "champion", "1")
    assert "models:/tone@champion" in completed("stance predict a.jsonl -m ", tmp_path)
    assert completed("stance models promote t", tmp_path) == ["tone"]


def test_a_broken_store_completes_nothing_and_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("no database", encoding="utf-8")
    assert completed("stance models promote t", tmp_path) == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_too(tmp_path: Path, shell: str) -> None:
    assert "quickstart" in "".join(completed("stance train q", tmp_path, shell))


def on_a_terminal(cwd: Path, **environment: str) -> str:
    """Return what a call that is wrong prints where standard error is a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "toolkit", "data", "validate", "no.jsonl"]
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    subprocess.run(command, cwd=cwd, env={**plain, "TERM": "xterm", **environment}, stderr=theirs, check=False)
    os.close(theirs)
    told = os.read(ours, 10_000).decode()
    os.close(ours)
    return told


def test_colours_are_for_terminals_and_not_where_no_color_says_so(tmp_path: Path, start_stance) -> None:
    assert "\x1b[1;31m" in on_a_terminal(tmp_path)
    told = on_a_terminal(tmp_path, NO_COLOR="1")
    assert "error:" in told and "31m" not in told
    assert "\x1b" not in start_stance("data", "validate", "no.jsonl", cwd=tmp_path).stderr
