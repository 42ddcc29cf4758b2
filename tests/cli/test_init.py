"""``stance init``: what it lays out works at once, by the commands that it names."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import toolkit
from tests.conftest import REPOSITORY, copy_store
from toolkit.config import SCHEMAS, json_schema, load_experiment, load_scheme
from toolkit.quotes import extract
from toolkit.storage import read_articles, read_labelled

TEMPLATE = Path(toolkit.__file__).parent / "config" / "template"
COMMANDS = re.findall(r"^stance .*$", (TEMPLATE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
SMALL = ("models=[cues]", "tuning.repeats=1", "evaluation.resamples=100")


@pytest.fixture
def made(tmp_path: Path, run_stance) -> Path:
    done = run_stance("init", "my project", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path / "my project"


def test_there_are_three_commands_to_go_on_with() -> None:
    assert [line.split()[1] for line in COMMANDS] == ["data", "train", "predict"]


def test_it_lays_out_what_it_says(tmp_path: Path, made: Path, run_stance) -> None:
    assert (made / "experiments/first.yaml").is_file() and (made / "README.md").is_file()
    assert len(list((made / "articles").glob("*.txt"))) == 20
    assert not list(tmp_path.glob(".*")), "nothing is left beside it"
    told = run_stance("init", "second", cwd=tmp_path).stderr
    assert "second: README.md, configs/labels/own.yaml, experiments/first.yaml, gold.csv, and 20 articles." in told
    assert "  cd second\n  stance train experiments/first.yaml" in told


def test_every_gold_statement_is_one_that_is_extracted(made: Path) -> None:
    scheme = load_scheme("own", made)
    texts = list(read_articles([made / "articles"]))
    gold = {s.statement_id: s.text for s, labels in read_labelled(made / "gold.csv", [scheme]) if labels.by_scheme}
    assert gold == {s.statement_id: s.text for article in texts for s in extract(article)} and len(gold) == 60


def test_editors_are_led_to_the_schemas_of_this_version(made: Path) -> None:
    for kind in SCHEMAS:
        assert json.loads((made / f"configs/schemas/{kind}.json").read_text(encoding="utf-8")) == json_schema(kind)
    for name in ("experiments/first.yaml", "configs/labels/own.yaml"):
        first = (made / name).read_text(encoding="utf-8").splitlines()[0]
        assert (made / name).parent.joinpath(first.partition("$schema=")[2]).resolve().is_file()


def test_its_experiment_is_valid_and_a_shipped_scheme_can_be_named(made: Path) -> None:
    assert [one.name for one in load_experiment(made / "experiments/first.yaml")[1]] == ["own"]
    config, schemes = load_experiment(made / "experiments/first.yaml", ["schemes=[stance]", "models=[masked-logreg]"])
    assert list(config.models) == ["masked-logreg"] and schemes[0].name == "stance"


def test_its_commands_run(made: Path, run_stance, undrawn, empty_store: Path) -> None:
    copy_store(empty_store, made)
    for line in COMMANDS:
        words = shlex.split(line, comments=True)[1:]
        done = run_stance(*words, *(SMALL if words[0] == "train" else ()), cwd=made)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    assert len((made / "labels.csv").read_text(encoding="utf-8").splitlines()) == 61


@pytest.mark.slow
def test_its_commands_run_as_they_stand(made: Path, start_stance) -> None:
    for line in COMMANDS:
        done = start_stance(*shlex.split(line, comments=True)[1:], cwd=made)
        assert done.returncode == 0, f"{line}\n{done.stderr}"


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path, run_stance) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    done = run_stance("init", ".", cwd=tmp_path)
    assert done.returncode == 2 and "error: .: is not empty; name a new or an empty folder." in done.stderr
    done = run_stance("init", "notes.txt", cwd=tmp_path)
    assert done.returncode == 2 and "error: notes.txt: is a file; name a new or an empty folder." in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_folder_is_taken(tmp_path: Path, run_stance) -> None:
    (tmp_path / "empty").mkdir()
    assert run_stance("init", ".", cwd=tmp_path / "empty").returncode == 0
    assert (tmp_path / "empty" / "gold.csv").is_file()


# ------------------------------------------------------------------------------------------------------- the wheel


@pytest.mark.slow
def test_a_wheel_can_do_what_the_clone_can(tmp_path: Path) -> None:
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), "."]
    subprocess.run(wheel, cwd=REPOSITORY, check=True)  # its build needs hatchling, which pip fetches
    (file,) = tmp_path.glob("*.whl")
    assert file.stat().st_size < 8 * 2**20
    zipfile.ZipFile(file).extractall(tmp_path / "installed")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}

    def run(*words: str, cwd: Path = tmp_path) -> str:
        command = [sys.executable, "-m", "toolkit", *words]
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{words}\n{done.stderr}"
        return done.stdout

    shown = run("config", "show", "quickstart")
    assert str(tmp_path / "installed/toolkit/shipped/experiments/quickstart.yaml") in shown
    run("init", "project")
    for line in COMMANDS:
        words = shlex.split(line, comments=True)[1:]
        run(*words, *(SMALL if words[0] == "train" else ()), cwd=tmp_path / "project")
    run("train", "quickstart", "schemes=[stance]", "models=[codebook]", "candidates=null", "tuning.folds=3", *SMALL[1:])
    sample = tmp_path / "installed/toolkit/shipped/data/sample"
    run("predict", str(sample / "fresh"), "-m", "models:/stance@champion", "-o", "labels.csv")
    run("label", str(sample / "gold.jsonl"), "--by", "codebook", "-o", "rules.jsonl")
    run("evaluate", "behaviour")
    assert json.loads(run("config", "schema", "labels")) == json_schema("labels")


def test_validate_goes_on_to_the_end_and_counts_rows_without_a_label(made: Path, run_stance) -> None:
    gold = (made / "gold.csv").read_text(encoding="utf-8").splitlines()
    gold[2] = gold[2].replace(",complaint,", ",,")
    gold[5] = gold[5].replace(",complaint,", ",complaynt,").replace(",pledge,", ",complaynt,").replace(",[],", ",x,")
    gold[9] = gold[9].replace(gold[9].split(",")[1], "nowhere", 2)
    (made / "gold.csv").write_text("\n".join(gold) + "\n", encoding="utf-8")
    (made / "articles" / "broken.txt").write_bytes(b"")
    done = run_stance("data", "validate", "articles", "--gold", "gold.csv", "--scheme", "own", cwd=made)
    assert done.returncode == 1
    assert "gold.csv: 1 of 59 rows have no label in 'own'; a training leaves them out." in done.stderr
    assert "gold.csv:6: " in done.stderr and "'nowhere" in done.stderr and "broken.txt" in done.stderr
    assert "20 articles, 59 gold statements read, 3 problems." in done.stderr
