"""``--track``: what labelling leaves in the store, and what it does not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.chats import chats
from toolkit.tracking import open_store

SECRET = "s3cr3t-never-told"
CODED = """\
statement_id,text,annotator,stance
s1,We deny it,ann,denial
s1,We deny it,bob,denial
s2,We will strike back,ann,threatening
s2,We will strike back,bob,[]
"""


def runs_of(folder: Path) -> list[Any]:
    client = open_store(folder).client()
    found = client.get_experiment_by_name("labelling")
    return [] if found is None else list(client.search_runs([found.experiment_id]))


def test_agreement_and_combining_are_runs_with_tables_and_annotators(project: Path, run_stance) -> None:
    (project / "coded.csv").write_text(CODED)
    assert runs_of(project) == []
    done = run_stance("annotate", "agreement", "coded.csv", "--scheme", "stance", "--track", "--json", cwd=project)
    assert done.returncode == 0 and "Logged as the run" in done.stderr, done.stderr
    alpha = json.loads(done.stdout)["pooled"]["alpha"]
    (run,) = runs_of(project)
    assert run.info.status == "FINISHED" and run.data.tags["stance.level"] == "labels"
    assert run.data.metrics["stance/pooled/alpha"] == pytest.approx(alpha)
    assert "stance/conciliatory/alpha" not in run.data.metrics  # undefined is not 0
    assert run.data.params["annotators"] == "ann, bob" and len(run.data.params["codebook.stance"]) == 16
    (used,) = run.inputs.dataset_inputs
    digest = hashlib.sha256((project / "coded.csv").read_bytes()).hexdigest()
    assert used.dataset.name == "coded.csv" and used.dataset.digest == digest[:32]
    assert run.data.tags["sha256.coded.csv"] == digest
    done = run_stance("annotate", "combine", "coded.csv", "-o", "one.jsonl", "--track", cwd=project)
    assert done.returncode == 0, done.stderr
    run = runs_of(project)[0]
    assert run.data.tags["mlflow.runName"] == "combine by majority" and run.data.params["method"] == "majority"
    assert run.data.metrics["labels/denial"] == 1 and run.data.metrics["differ"] == 1
    assert {used.dataset.name for used in run.inputs.dataset_inputs} == {"one.jsonl"}


@pytest.mark.enable_socket
def test_a_language_model_is_tracked_with_prompt_and_cost_and_without_its_key(
    project: Path, run_stance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("STANCE_CACHE", str(project / "cache"))
    (project / "s.csv").write_text("statement_id,text\ns1,We deny it\n")
    with chats() as server:
        config = f"base_url: {server.url}\nmodel: small\nprices: {{input: 1000000, output: 1000000, currency: EUR}}\n"
        (project / "llm.yaml").write_text(config)
        command = ["label", "s.csv", "--by", "llm", "--config", "llm.yaml", "-o", "out.jsonl", "--track"]
        done = run_stance(*command, cwd=project)
    assert done.returncode == 0, done.stderr
    (run,) = runs_of(project)
    assert run.data.params["annotators"] == "llm:small" and run.data.metrics["written"] == 1
    assert run.data.metrics["cost"] == 110  # 100 tokens in and 10 out
    artifacts = Path(run.info.artifact_uri.removeprefix("file://"))
    assert "conciliatory" in (artifacts / "prompt.txt").read_text()
    files = [path for path in project.rglob("*") if path.is_file()]
    assert len(files) > 5 and [path for path in files if SECRET.encode() in path.read_bytes()] == []


def test_without_the_option_there_is_no_store(tmp_path: Path, run_stance) -> None:
    (tmp_path / "coded.csv").write_text(CODED)
    done = run_stance("annotate", "agreement", "coded.csv", "--scheme", "stance", cwd=tmp_path)
    assert done.returncode == 0 and [path.name for path in tmp_path.iterdir()] == ["coded.csv"]
