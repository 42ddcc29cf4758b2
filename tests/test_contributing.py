"""The diffs of CONTRIBUTING apply to this commit, and what they add works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

TEXT = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
DIFFS = re.findall(r"^```diff\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
PATHS = [
    path
    for path in re.findall(r"`((?:toolkit|tests|configs|data|experiments|\.ci)/[\w./-]+)`", TEXT)
    if "NAME" not in path
]


def test_there_is_a_diff_for_each_thing_that_is_often_added() -> None:
    assert len(DIFFS) == 5 and all(len(diff.splitlines()) < 80 for diff in DIFFS)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository to which all of them are applied."""
    folder = tmp_path_factory.mktemp("changed")
    for name in ("toolkit", "configs", "tests", "experiments", "data/sample"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    for diff in DIFFS:
        done = subprocess.run(
            ["git", "apply", "-"], cwd=folder, input=diff, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{done.stderr}\n{diff}"
    return folder


@pytest.mark.parametrize("path", sorted({path for path in PATHS if not path.startswith("tests/evaluation/test_f2")}))
def test_the_files_that_it_names_are_there(path: str, changed: Path) -> None:
    assert (REPOSITORY / path).exists() or (changed / path).exists()


def run(changed: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(changed)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=changed, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_corpus_and_the_model_are_sound(changed: Path) -> None:
    told = run(
        changed, "-m", "toolkit", "config", "check", "configs/data/mine.yaml", "configs/models/length.yaml", "--json"
    )
    assert json.loads(told)["counts"] == {"files": 2, "problems": 0}


def test_the_corpus_is_imported(changed: Path) -> None:
    rows = ["1,a,We offer talks.,Lund,offer", "2,a,We will strike.,Lund,threat", "3,b,It rains.,Moss,neither"]
    (changed / "annotated.csv").write_text("id,article,sentence,who,code\n" + "\n".join(rows) + "\n")
    told = run(changed, "-m", "toolkit", "data", "import", "mine", "annotated.csv", "-o", "mine", "--json")
    assert json.loads(told)["counts"] == {"articles": 2, "statements": 3, "set_aside": 0}


def test_the_labeler_labels(changed: Path) -> None:
    told = run(
        changed, "-m", "toolkit", "label", "data/sample/gold.jsonl", "--by", "nobody", "-o", "nobody.jsonl", "--json"
    )
    assert json.loads(told)["labels"] == {"conciliatory": 0, "threatening": 0, "denial": 0}
    assert json.loads(told)["counts"]["written"] > 100


def test_the_test_passes(changed: Path) -> None:
    run(changed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/evaluation/test_f2.py")


@pytest.mark.slow
def test_the_model_is_trained_saved_and_asked_and_the_figure_is_there(changed: Path) -> None:
    overrides = ["models=[length, codebook]", "candidates=[length]", "schemes=[stance]", "tuning.repeats=1"]
    train = ("train", "experiments/quickstart.yaml", *overrides, "evaluation.resamples=100", "--json")
    told = json.loads(run(changed, "-m", "toolkit", *train))
    assert [one["model"] for one in told["registered"]] == ["length"]
    found = run(
        changed, "-m", "toolkit", "evaluate", "model", "models:/stance@candidate", "data/sample/gold.jsonl", "--json"
    )
    assert "f2/macro" in found and "f2/denial" in found
