"""Every command in the README is run, and the documentation shows every command."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from toolkit.cli.main import app
from toolkit.experiment import Outcome  # noqa: F401  (the README's Python example imports from here)

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
LINES = [line.strip() for block in BLOCKS for line in block.replace("\\\n", " ").splitlines() if line.strip()]
STANCE = [line for line in LINES if line.startswith("stance ")]
# Run elsewhere: the two commands of the first page by .ci/run, a training and servers by tests of their own.
ELSEWHERE = ("make ", "git ", "cd ", "stance train experiments/quickstart.yaml", "stance ui", "mlflow ", "curl ", "#")


def test_there_are_commands() -> None:
    assert len(STANCE) >= 8


def test_every_line_is_run_somewhere() -> None:
    for line in LINES:
        assert line.startswith("stance ") or line.startswith(ELSEWHERE), line


def test_the_documentation_shows_every_command() -> None:
    from typer.main import get_command

    pages = (Path(__file__).resolve().parents[1] / "docs").rglob("*.md")
    written = README + "".join(page.read_text(encoding="utf-8") for page in pages)
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        for below in getattr(command, "commands", {"": None}):
            assert re.search(rf"stance {name} ?{below}", written), f"{name} {below}"


def test_the_commands_of_the_readme_run_in_their_order(trained_copy: Path, run_stance) -> None:
    for line in STANCE:
        if not line.startswith(ELSEWHERE):
            # The quickstart takes minutes to train; a small experiment stands for it where its runs are asked for.
            words = ["tiny" if word == "quickstart" else word for word in shlex.split(line, comments=True)[1:]]
            done = run_stance(*words, cwd=trained_copy)
            assert done.returncode == 0, f"{line}\n{done.stderr}"


@pytest.mark.parametrize("line", [line for line in STANCE if line.startswith("stance train")])
def test_training_lines_name_configurations_that_are_valid(line: str) -> None:
    from toolkit.config import load_experiment

    _, _, path, *overrides = shlex.split(line, comments=True)
    load_experiment(Path(__file__).resolve().parents[1] / path, overrides)
