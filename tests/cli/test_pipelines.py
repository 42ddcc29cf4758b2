"""What a program that starts the program hears: one object on standard output, lines of JSON, silence; a hook; two engines."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from tests.conftest import REPOSITORY
from tests.test_documentation import blocks
from toolkit.cli.main import app

PAGE = REPOSITORY / "docs/how-to/pipelines.md"
ARTICLE = '"We will not wait," Ana Lund said. "The valves close on Friday."\n'
WITHOUT = {
    "annotate label": "a person labels in the terminal",
    "annotate adjudicate": "a person decides in the terminal",
    "config schema": "prints JSON anyway",
    "ui": "serves until it is ended",
}


def leaves(command, name: str = ""):
    for key, one in getattr(command, "commands", {}).items():
        yield from leaves(one, f"{name} {key}".strip())
    if not getattr(command, "commands", {}):
        yield name, command


COMMANDS = dict(leaves(get_command(app)))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_that_does_work_tells_it_as_json(name: str) -> None:
    there = any("--json" in option.opts for option in COMMANDS[name].params)
    assert there is not (name in WITHOUT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text(ARTICLE)
    return tmp_path


def summary(done: subprocess.CompletedProcess[str], code: int = 0) -> dict:
    """Return the one object on standard output, which holds what every summary does."""
    assert done.returncode == code, done.stderr
    told = json.loads(done.stdout)
    assert {"command", "counts", "outputs", "run_ids"} <= told.keys()
    assert all(isinstance(count, int | None) for count in told["counts"].values())
    return told


def test_from_articles_to_labels(folder: Path, run_stance) -> None:
    told = summary(run_stance("extract", "a.txt", "-o", "s.jsonl", "--json", cwd=folder))
    assert told["counts"]["articles"] == 1 and told["counts"]["statements"] == told["counts"]["direct"] == 1
    assert told["outputs"] == ["s.jsonl"]
    told = summary(run_stance("label", "s.jsonl", "--by", "codebook", "-o", "l.jsonl", "--json", cwd=folder))
    assert told["counts"] == {"written": 1, "set_aside": 0} and told["run_ids"] == []
    assert told["labels"] == {"conciliatory": 0, "threatening": 0, "denial": 0}
    told = summary(run_stance("predict", "s.jsonl", "-o", "p.jsonl", "--json", cwd=folder))
    assert told["counts"] == {"articles": None, "read": 1, "statements": 1, "set_aside": 0}
    assert all((folder / name).is_file() for name in told["outputs"]) and len(told["models"]) == 2
    told = summary(run_stance("annotate", "sample", "s.jsonl", "-n", "1", "-o", "b.csv", "--json", cwd=folder))
    assert told["counts"]["drawn"] == 1 and told["outputs"] == ["b.csv"]


def test_mistakes_of_data_stand_in_the_summary_too(folder: Path, run_stance) -> None:
    (folder / "a.jsonl").write_text('{"article_id": "1"}\n')
    told = summary(run_stance("data", "validate", "a.jsonl", "--json", cwd=folder), code=1)
    assert told["counts"]["problems"] == len(told["problems"]) == 1 and "a.jsonl:1" in told["problems"][0]
    told = summary(run_stance("data", "stats", "a.txt", "--json", cwd=folder))
    assert told["counts"]["articles"] == 1 and "words per article" in told["ranges"]


def test_a_training_names_its_run_and_what_it_registered(project: Path, undrawn, run_stance) -> None:
    done = run_stance("train", "experiments/tiny.yaml", "models=[majority]", "schemes=[stance]", "--json", cwd=project)
    told = summary(done)
    assert len(told["run_ids"]) == 1 and told["counts"]["trained"] > told["counts"]["held_out"] > 0
    assert [one["model"] for one in told["models"]] == ["majority"]
    assert told["registered"][0]["champion"] is True
    listed = summary(run_stance("models", "list", "--json", cwd=project))
    assert listed["versions"][0]["name"] == told["registered"][0]["name"] and listed["counts"] == {"versions": 1}
    history = summary(run_stance("models", "history", "stance", "--json", cwd=project))
    assert history["changes"][0]["version"] == "1"
    moved = summary(run_stance("models", "promote", "stance", "1", "--alias", "shown", "--json", cwd=project))
    assert (moved["alias"], moved["version"], moved["before"]) == ("shown", "1", None)
    page = summary(run_stance("report", "tiny", "-o", "tiny.html", "--no-log", "--json", cwd=project))
    assert page["outputs"] == ["tiny.html"] and page["counts"]["bytes"] == (project / "tiny.html").stat().st_size


def test_rows_and_summary_do_not_both_go_to_standard_output(folder: Path, run_stance) -> None:
    for command in ("extract", "predict"):
        done = run_stance(command, "a.txt", "-o", "-", "--json", cwd=folder)
        assert done.returncode == 2 and done.stdout == ""
        assert "standard output holds the rows already" in done.stderr


def test_quiet_says_errors_alone_wherever_it_stands(folder: Path, run_stance) -> None:
    done = run_stance("--quiet", "extract", "a.txt", "a.txt", "-o", "s.jsonl", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = run_stance("extract", "a.txt", "-o", "s.jsonl", "--quiet", cwd=folder)
    assert (
        done.returncode == 2
        and done.stderr.startswith("error: s.jsonl: exists already")
        and done.stderr.count("\n") == 1
    )
    assert run_stance("extract", "a.txt", "-o", "s2.jsonl", cwd=folder).stderr, "the next is as loud as ever"


@pytest.mark.parametrize("asked", ["option", "environment"])
def test_everything_said_is_a_line_of_json(folder: Path, run_stance, asked: str) -> None:
    option, environment = ([], {"STANCE_LOG": "json"}) if asked == "environment" else (["--log-json"], {})
    done = run_stance("extract", "a.txt", "a.txt", "-o", "s.jsonl", *option, cwd=folder, **environment)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {one["level"] for one in lines} == {"info", "warning"} and all(
        one.keys() == {"time", "level", "message"} for one in lines
    )
    assert [one["message"] for one in lines if one["level"] == "warning"] == ["a.txt: is named twice, and read once."]
    done = run_stance("extract", "a.txt", "-o", "s.jsonl", *option, cwd=folder, **environment)
    assert done.returncode == 2 and json.loads(done.stderr)["level"] == "error"
    table = run_stance("data", "stats", "a.txt", *option, cwd=folder, **environment)
    assert "articles" in json.loads(table.stderr)["message"]


def test_what_libraries_log_is_a_line_of_json(folder: Path, start_stance) -> None:
    code = "import logging, sys; from toolkit.cli import console, main; sys.argv = ['stance', '--log-json', '--help']"
    code += "\ntry: main()\nexcept SystemExit: logging.getLogger('mlflow').warning('odd: %s', 'this')"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert json.loads(done.stderr)["message"] == "mlflow: odd: this"


def test_another_format_of_logs_is_told(folder: Path, run_stance) -> None:
    done = run_stance("data", "stats", "a.txt", cwd=folder, STANCE_LOG="text")
    assert done.returncode == 2 and "STANCE_LOG: 'text' is no format of logs; allowed is json." in done.stderr


# ------------------------------------------------------------------------------------------------ configurations


def test_all_that_is_shipped_is_sound(run_stance) -> None:
    done = run_stance("config", "check", "experiments", "configs", "--json", cwd=REPOSITORY)
    assert summary(done)["counts"]["files"] > 50 and "checked, no mistake" in done.stderr


def test_every_mistake_of_every_file_is_told_with_its_line(project: Path, run_stance) -> None:
    put = {
        "experiments/first.yaml": "name: first\nseed: x\nmodels: [tfidf-nb]\n",
        "configs/labels/bad.yaml": "name: bad\nquestion: What?\nlabels: {yes: {defnition: It is so.}}\n",
        "configs/models/both.yaml": "kind: ensemble\nmembers: [tfidf-nb, tfidf-logrg, majority]\n",
        "configs/data/corpus.yaml": "name: corpus\n",
        "configs/behaviour/tests.yaml": "scheme: stanse\n",
    }
    for name, text in put.items():
        (project / name).write_text(text)
    done = run_stance("config", "check", *put, "--json", cwd=project)
    told = summary(done, code=2)["problems"]
    assert [f"error: {one}" for one in told] == done.stderr.splitlines()
    for name in put:
        assert any(one.startswith(f"{name}:") for one in told), name
    assert any("did you mean 'tfidf-logreg'?" in one for one in told)
    assert any("unknown key (did you mean 'definition'?)" in one for one in told)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["elsewhere.yaml"], "lies in none of a project's folders experiments, configs/labels"),
        (["elsewhere.yaml", "--kind", "model"], "elsewhere.yaml: there is no such file."),
        (["."], "no YAML file lies in it"),
    ],
)
def test_what_cannot_be_checked(tmp_path: Path, run_stance, arguments: list[str], said: str) -> None:
    done = run_stance("config", "check", *arguments, cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1


def test_the_hook_runs_a_command_that_there_is_on_the_files_that_it_reads(run_stance) -> None:
    (hook,) = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())
    reads = re.compile(hook["files"])
    shipped = [
        str(path.relative_to(REPOSITORY))
        for folder in ("experiments", "configs")
        for path in (REPOSITORY / folder).rglob("*.yaml")
    ]
    assert all(map(reads.search, shipped)) and not reads.search("mkdocs.yml") and not reads.search("data/real/a.yaml")
    program, *arguments = hook["entry"].split()
    assert program == "stance"
    assert run_stance(*arguments, "configs/labels/stance.yaml", cwd=REPOSITORY).stderr == ""


# -------------------------------------------------------------------------------------------------- the examples


def example(language: str, name: str) -> str:
    return next(code for kind, code, file in blocks(PAGE) if kind == language and file == name)


def test_examples_are_short() -> None:
    assert len(example("text", "Snakefile").splitlines()) <= 12 and len(example("yaml", "dvc.yaml").splitlines()) <= 11


def in_a_pipeline(project: Path, tmp_path: Path, *command: str) -> str:
    """Run an engine that finds the program that is tested here as ``stance``."""
    program = shutil.which(command[0])
    if program is None:
        pytest.skip(f"{command[0]} is not installed; it is no dependency of the toolkit")
    program_here = tmp_path / "bin" / "stance"
    program_here.parent.mkdir(exist_ok=True)
    program_here.write_text(f'#!/bin/sh\nPYTHONPATH="{REPOSITORY}" exec "{sys.executable}" -m toolkit "$@"\n')
    program_here.chmod(0o755)
    environment = {**os.environ, "PATH": f"{program_here.parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [program, *command[1:]], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_snakemake_runs_its_example(project: Path, tmp_path: Path) -> None:
    (project / "Snakefile").write_text(example("text", "Snakefile"))
    in_a_pipeline(project, tmp_path, "snakemake", "--cores", "1")
    assert json.loads((project / "extract.json").read_text())["counts"]["statements"] > 10
    assert (project / "answers.parquet").is_file()
    assert all(json.loads(line)["level"] == "info" for line in (project / "answers.log").read_text().splitlines())


@pytest.mark.slow
def test_dvc_runs_its_example(project: Path, tmp_path: Path) -> None:
    (project / "dvc.yaml").write_text(example("yaml", "dvc.yaml"))
    in_a_pipeline(project, tmp_path, "dvc", "init", "--no-scm", "--quiet")
    in_a_pipeline(project, tmp_path, "dvc", "repro")
    shown = json.loads(in_a_pipeline(project, tmp_path, "dvc", "metrics", "show", "--json"))
    counted = shown[""]["data"]["extract.json"]["data"]["counts"]
    assert counted["statements"] > 10 and (project / "answers.parquet").is_file()
