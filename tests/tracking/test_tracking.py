"""Runs end as they should, carry what a reviewer needs, and the store survives a race."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from toolkit.classifiers import build
from toolkit.classifiers.baselines import MajorityModel
from toolkit.decisions import NO_CALIBRATION, Decision
from toolkit.errors import DataError, ModelError, TrackingError, UsageError
from toolkit.labels import LabelScheme
from toolkit.model import StanceModel
from toolkit.records import Statement, columns
from toolkit.storage import statement_table
from toolkit.tracking import (
    LoggedModel,
    ModelRun,
    Registered,
    Store,
    Table,
    champions,
    close_dead_runs,
    experiment_run,
    fetch_model,
    list_models,
    model_run,
    open_store,
    promote,
    provenance,
    register_candidate,
    requirements,
    server_command,
)
from toolkit.tracking.runs import HELD_OUT, _dataset, finite

SCHEME = LabelScheme.model_validate(
    {"name": "tone", "question": "?", "multi_label": False, "labels": {n: {"definition": n} for n in ("bad", "good")}}
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, new_store) -> Store:
    return new_store(tmp_path_factory.mktemp("store"))


def a_record(folder: Path, name: str = "majority") -> ModelRun:
    config = MajorityModel(kind="majority")
    classifier = build(config, SCHEME, 0)
    classifier.fit(["a", "b"], np.array([[1, 0], [0, 1]]), np.array([0, 1]))
    model = StanceModel(name, SCHEME, config, classifier, Decision(NO_CALIBRATION, None))
    model.save(folder / name)
    example = statement_table([Statement(name, name, name, (), "direct") for name in ("a", "b")])
    rows = [{"statement_id": str(i), "text": "t", "tone": "bad"} for i in range(3)]
    return ModelRun(
        name=name,
        scheme="tone",
        experiment="unit",
        parameters={"seed": 3, "head.C": 1.0, "long": "x" * 9000},
        training=Table("training", "gold.jsonl", "tone", rows),
        held_out=Table("held-out", "gold.jsonl", "tone", rows[:2]),
        training_metrics={"cv/macro_f1": 0.5},
        held_out_metrics={"f1/macro": 0.25, "undefined": math.nan, "infinite": math.inf},
        files={"notes/a.txt": "text", "b.png": b"bytes"},
        example=example,
        answer=model.answer(example),
        model_folder=folder / name,
        requirements=requirements(),
    )


@pytest.fixture(scope="module")
def logged(store: Store, tmp_path_factory: pytest.TempPathFactory):
    data = tmp_path_factory.mktemp("data") / "gold.jsonl"
    data.write_text("x\n")
    origin = provenance(data.parent, [data], threads=1)
    record = a_record(data.parent)
    with experiment_run(store, "unit", "", origin) as parent:
        started = time.perf_counter()
        with model_run("tone", record.name, origin, {}) as run:
            model = run.log(record)
        seconds = time.perf_counter() - started
    return parent, model, seconds


def test_a_child_run_carries_what_a_reviewer_needs(store: Store, logged) -> None:
    parent, model, seconds = logged
    client = store.client()
    run = client.get_run(model.run_id)
    assert run.info.status == "FINISHED" and client.get_run(parent).info.status == "FINISHED"
    assert run.data.tags["mlflow.parentRunId"] == parent
    assert run.info.experiment_id == client.get_run(parent).info.experiment_id != "0"
    assert run.info.artifact_uri.startswith(f"{store.artifacts}/unit/")
    for tag in ("git.commit", "git.dirty", "threads", "machine", "python", "version.scikit-learn", "sha256.gold.jsonl"):
        assert run.data.tags[tag]
    assert run.data.params["head.C"] == "1.0" and len(run.data.params["long"]) == 6000
    assert {d.tags[0].value for d in run.inputs.dataset_inputs} == {"training", "held-out"}
    digests = {d.dataset.name: d.dataset.digest for d in run.inputs.dataset_inputs}
    assert digests["training"] != digests["held-out"]
    assert {f.path for f in client.list_artifacts(model.run_id)} >= {"notes", "b.png"}
    # Promise 9: given, not inferred, which would take 8 s.
    assert seconds < 3


def test_metrics_belong_to_a_model_and_a_dataset_and_are_finite(store: Store, logged) -> None:
    import mlflow

    run = store.client().get_run(logged[1].run_id)
    assert run.data.metrics == {"cv/macro_f1": 0.5, "f1/macro": 0.25}
    model_id = run.outputs.model_outputs[0].model_id
    found = {m.key: (m.value, m.dataset_name) for m in mlflow.get_logged_model(model_id).metrics}
    assert found == {"cv/macro_f1": (0.5, "training"), "f1/macro": (0.25, "held-out")}
    assert finite({"a": math.nan, "b": -math.inf, "c": 1.0}) == {"c": 1.0}


def test_the_logged_model_has_signature_example_and_exact_requirements(logged) -> None:
    import mlflow

    info = mlflow.models.get_model_info(logged[1].uri)
    # A bare list of texts comes as the column 0; the model itself refuses a table without texts.
    assert [c.name for c in info.signature.inputs.inputs] == [0, *columns(Statement)]
    assert not info.signature.inputs.required_input_names()
    assert [c.name for c in info.signature.outputs.inputs] == ["tone", "tone_bad", "tone_good"]
    assert info.saved_input_example_info
    folder = fetch_model(logged[1].uri)
    lines = (folder / "requirements.txt").read_text().split()
    assert len(lines) >= 8 and all("==" in line for line in lines)
    assert not [p for p in folder.rglob("*") if p.suffix in (".pkl", ".pickle", ".bin", ".joblib")]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_rows_in_equal_rows_out_through_mlflow(logged, n: int) -> None:
    import mlflow

    model = mlflow.pyfunc.load_model(logged[1].uri)
    answer = model.predict(pd.DataFrame({"text": ["x", "y", "z"][:n]}))
    assert len(answer) == n
    assert list(answer.columns) == ["tone", "tone_bad", "tone_good"]


def test_a_null_text_is_named(logged) -> None:
    import mlflow

    model = mlflow.pyfunc.load_model(logged[1].uri)
    with pytest.raises(DataError, match="row 1: column 'text' is empty"):
        model.predict(pd.DataFrame({"text": ["x", None]}))


def register(store: Store, name: str, model: LoggedModel) -> Registered:
    return register_candidate(store, name, model, model="majority", experiment_run="0", criterion="f1/macro")


def test_registry_alias_and_promotion(store: Store, logged) -> None:
    first, second = register(store, "tone", logged[1]).version, register(store, "tone", logged[1]).version
    assert [(r.version, r.aliases) for r in list_models(store)] == [(second, ("candidate", "champion")), (first, ())]
    assert promote(store, "tone", first).before == second
    assert store.client().get_model_version("tone", first).tags["replaced"] == second
    assert promote(store, "tone", first).before == first
    assert store.client().get_model_version("tone", first).tags["replaced"] == second
    assert StanceModel.load(fetch_model("models:/tone@champion")).scheme.name == "tone"
    with pytest.raises(UsageError, match=r"'tune' is no registered model \(did you mean 'tone'\?\)\."):
        promote(store, "tune", "1")
    with pytest.raises(UsageError, match=r"'tone' has no version 9 \(known: 1, 2\)"):
        promote(store, "tone", "9")
    with pytest.raises(UsageError, match="'latest' cannot be an alias"):
        promote(store, "tone", "1", alias="latest")


ROWS = [{"statement_id": str(i), "text": "t", "tone": "bad"} for i in range(321)]
OTHER_GOLD = [{**row, "tone": "good"} if row["statement_id"] == "7" else row for row in ROWS]


def a_model(store: Store, folder: Path, figure: float | None, rows: list[dict[str, str]] = ROWS) -> LoggedModel:
    """A run as training logs it, as far as the registry reads it; the model itself is an empty folder."""
    import mlflow

    figures = finite({"f1/macro": math.nan if figure is None else figure, "statements": len(rows)})
    origin = provenance(folder, [], threads=1)
    with experiment_run(store, "registry", "", origin), model_run("tone", "majority", origin, {}) as run:
        mlflow.log_input(_dataset(mlflow, Table("held-out", "gold.jsonl", "tone", rows)), context=HELD_OUT)
        mlflow.log_metrics(figures)
    return LoggedModel(run.run_id, folder.as_uri())


def aliases(store: Store, name: str) -> dict[str, str]:
    return {alias: row.version for row in list_models(store) if row.name == name for alias in row.aliases}


@pytest.mark.parametrize(
    ("was", "comes", "rows", "moved", "decision"),
    [
        (0.45, 0.58, ROWS, True, "is the candidate and replaces version 1 as champion: macro F1 0.58 against 0.45 on the same 321 held-out statements"),
        (0.58, 0.45, ROWS, False, "is the candidate; champion stays version 1: macro F1 0.58 against 0.45 on the same 321 held-out statements"),
        (0.58, 0.58, ROWS, True, "is the candidate and replaces version 1 as champion: macro F1 0.58 against 0.58 on the same 321 held-out statements"),
        (0.58, 0.58 - 1e-12, ROWS, True, "is the candidate and replaces version 1 as champion: macro F1 0.58 against 0.58 on the same 321 held-out statements"),
        (0.5812, 0.5811, ROWS, False, "is the candidate; champion stays version 1: macro F1 0.5812 against 0.5811 on the same 321 held-out statements"),
        (0.45, 0.99, OTHER_GOLD, False, "is the candidate; champion stays version 1: the held-out statements or their gold labels are not the same, so macro F1 cannot be compared"),
        (0.45, 0.99, ROWS[1:], False, "is the candidate; champion stays version 1: the held-out statements or their gold labels are not the same, so macro F1 cannot be compared"),
        (0.45, None, ROWS, False, "is the candidate; champion stays version 1: the candidate's macro F1 is undefined"),
        (None, 0.45, ROWS, False, "is the candidate; champion stays version 1: no macro F1 of version 1 is known"),
    ],
)  # fmt: skip
def test_the_champion_gives_way_only_to_what_is_not_worse_on_the_same_statements(
    store: Store, tmp_path: Path, was: float | None, comes: float | None, rows: list, moved: bool, decision: str
) -> None:
    name = tmp_path.name
    first = register(store, name, a_model(store, tmp_path, was))
    assert first.moved and first.before is None
    assert first.decision == "is the candidate and champion (there was none)"
    second = register(store, name, a_model(store, tmp_path, comes, rows))
    assert (second.moved, second.decision) == (moved, decision)
    assert (second.judged.figure, second.judged.figure_before) == (comes, was)
    assert aliases(store, name) == {"candidate": "2", "champion": "2" if moved else "1"}
    tags = store.client().get_model_version(name, "2").tags
    kept = {"figure": comes, "champion_before": 1, "champion_before.figure": was, "replaced": 1 if moved else None}
    told = {"model": "majority", "experiment_run": "0", "criterion": "f1/macro", "decision": decision, **kept}
    assert tags == {key: str(value) for key, value in told.items() if value is not None}


def test_a_champion_whose_run_is_unknown_stays_until_a_person_decides(store: Store, tmp_path: Path) -> None:
    client, name = store.client(), "foreign"
    client.create_registered_model(name)
    client.create_model_version(name, source=tmp_path.as_uri())
    client.set_registered_model_alias(name, "champion", "1")
    registered = register(store, name, a_model(store, tmp_path, 0.9))
    assert not registered.moved and registered.judged.reason == "no macro F1 of version 1 is known"
    with pytest.raises(TrackingError, match="foreign: the champion stays version 1: no macro F1 of version 1 is known"):
        promote(store, name, "2")
    assert promote(store, name, "2", overruling="the first was another program's").before == "1"
    assert aliases(store, name) == {"candidate": "2", "champion": "2"}
    tags = client.get_model_version(name, "2").tags
    assert (tags["replaced"], tags["overruling"]) == ("1", "the first was another program's")
    (only,) = champions(store, name)
    assert (only.version, only.before, only.by, only.figure) == ("2", "1", "person", 0.9)
    assert only.overruled == "the first was another program's" and only.reason == "no macro F1 of version 1 is known"


def test_trainings_that_end_at_once_replace_each_other_one_by_one(store: Store, tmp_path: Path) -> None:
    models = [a_model(store, tmp_path, 0.5) for _ in range(4)]
    with ThreadPoolExecutor(len(models)) as pool:
        done = sorted(pool.map(lambda model: register(store, "busy", model), models), key=lambda r: int(r.version))
    assert [(r.version, r.before) for r in done] == [("1", None), ("2", "1"), ("3", "2"), ("4", "3")]
    assert aliases(store, "busy") == {"candidate": "4", "champion": "4"}


def test_a_store_that_another_process_keeps_locked_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.tracking.store._LOCK_SECONDS", 0)
    store = Store(f"sqlite:///{tmp_path / 'mlflow.db'}", None)
    with store.locked(), pytest.raises(TrackingError, match="another process has held the lock for 0 s"):
        with store.locked():
            pass


def test_a_registered_name_alone_is_not_enough(store: Store) -> None:
    with pytest.raises(UsageError, match="models:/tone: say which version: models:/tone@champion, or models:/tone/1"):
        fetch_model("models:/tone")


@pytest.mark.parametrize("uri", ["models:/nobody@champion", "models:/tone/99", "runs:/abc/model", "no/such/folder"])
def test_a_model_that_cannot_be_had_is_one_sentence(store: Store, uri: str) -> None:
    with pytest.raises(ModelError) as caught:
        fetch_model(uri)
    assert str(caught.value).startswith(f"{uri}: ") and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "status"), [(ValueError("x"), "FAILED"), (KeyboardInterrupt(), "KILLED"), (SystemExit(143), "KILLED")]
)
def test_a_run_that_breaks_off_never_stays_running(
    store: Store, tmp_path: Path, error: BaseException, status: str
) -> None:
    origin = provenance(tmp_path, [], threads=1)
    with pytest.raises(type(error)):
        with experiment_run(store, "broken", "", origin) as run_id:
            raise error
    assert store.client().get_run(run_id).info.status == status


def test_runs_whose_process_is_gone_are_closed(store: Store, tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from toolkit.tracking import experiment_run, open_store, provenance
store = open_store(Path({str(store.database.parent if store.database else "")!r}))
with experiment_run(store, "killed", "", provenance(Path({str(tmp_path)!r}), [], 1)) as run_id:
    print(run_id, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL
    run_id = done.stdout.strip()
    client = store.client()
    assert client.get_run(run_id).info.status == "RUNNING"
    origin = provenance(tmp_path, [], threads=1)
    with experiment_run(store, "alive", "", origin) as alive:
        assert close_dead_runs(store) == [run_id]
        assert client.get_run(alive).info.status == "RUNNING"
    assert client.get_run(run_id).info.status == "KILLED"


OPEN = "import sys; from pathlib import Path; from toolkit.tracking import open_store; open_store(Path(sys.argv[1]))"
FORK = """
import os, sys
from pathlib import Path
import mlflow.store.tracking.sqlalchemy_store, mlflow.store.model_registry.sqlalchemy_store
from toolkit.tracking import list_models, open_store
many = int(sys.argv[2])
ready, go = os.pipe()
children = []
for _ in range(many):
    child = os.fork()
    if child == 0:
        os.close(go)
        os.read(ready, 1)  # until all are there
        assert list_models(open_store(Path(sys.argv[1]))) == []
        os._exit(0)
    children.append(child)
os.close(go)
assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * many
"""


def test_several_processes_make_one_store(tmp_path: Path) -> None:
    """They begin in the same instant, as MLflow is loaded before."""
    command = [sys.executable, "-c", FORK, str(tmp_path), "4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert list_models(open_store(tmp_path, must_exist=True)) == []


@pytest.mark.slow
def test_eight_processes_make_one_store(tmp_path: Path) -> None:
    """Each of them loads MLflow itself."""
    command = [sys.executable, "-c", OPEN, str(tmp_path)]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(8)]
    for process in started:
        _, errors = process.communicate(timeout=240)
        assert process.returncode == 0, errors.decode()


def test_an_old_file_store_gets_a_helpful_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mlruns" / "0").mkdir(parents=True)
    (tmp_path / "mlruns" / "0" / "meta.yaml").write_text("x: 1")
    with pytest.raises(UsageError, match="mlflow migrate-filestore --source"):
        open_store(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "file:///somewhere/mlruns")
    with pytest.raises(UsageError, match="MLFLOW_TRACKING_URI=file:///somewhere/mlruns: is a file store"):
        open_store(tmp_path)


def test_the_environment_names_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///elsewhere.db")
    store = open_store(must_exist=False)
    assert store.database == tmp_path / "elsewhere.db"
    assert (tmp_path / "elsewhere.db").is_file() and not (tmp_path / "mlflow.db").exists()
    assert store.artifacts == (tmp_path / "mlartifacts").as_uri()


def test_a_store_that_must_exist_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match="there is no tracking store yet"):
        open_store(tmp_path, must_exist=True)
    assert os.listdir(tmp_path) == []


def test_a_broken_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"this is no database, but it is long enough to look at" * 30)
    with pytest.raises(TrackingError, match="the tracking store cannot be opened"):
        open_store(tmp_path)


def test_the_server_is_private(tmp_path: Path) -> None:
    command, environment = server_command(Store("sqlite:////x/mlflow.db", "file:///x/mlartifacts"), "127.0.0.1", 5001)
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert environment["MLFLOW_BACKEND_STORE_URI"] == "sqlite:////x/mlflow.db" not in command
    assert environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert environment["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_provenance_knows_commit_and_dirt(tmp_path: Path) -> None:
    assert provenance(tmp_path, [], 1).commit is None
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    (tmp_path / "f").write_text("1")
    for arguments in (["init", "-q"], ["add", "f"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *arguments], check=True)
    clean = provenance(tmp_path, [tmp_path / "f"], 1)
    assert clean.commit is not None and len(clean.commit) == 40 and clean.dirty is False
    (tmp_path / "f").write_text("2")
    dirty = provenance(tmp_path, [tmp_path / "f"], 1)
    assert dirty.dirty is True and dirty.files != clean.files


# ------------------------------------------------------------------------------ models that are not to be trusted


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    a_record(tmp_path)
    return tmp_path / "majority"


def test_a_changed_or_unexpected_file_is_refused(tmp_path: Path) -> None:
    from toolkit.classifiers.heads import LogisticRegression
    from toolkit.classifiers.linear import LinearModel

    config = LinearModel(kind="linear", head=LogisticRegression(kind="logistic_regression"))
    classifier = build(config, SCHEME, 0)
    classifier.fit(["a b", "b c"], np.array([[1, 0], [0, 1]]), np.array([0, 1]))
    folder = tmp_path / "m"
    StanceModel("linear", SCHEME, config, classifier, Decision(NO_CALIBRATION, None)).save(folder)
    assert len(StanceModel.load(folder).predict(["a"])) == 1
    content = (folder / "linear.safetensors").read_bytes()
    (folder / "linear.safetensors").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ModelError, match=r"linear\.safetensors: has been changed since the model was saved"):
        StanceModel.load(folder)
    (folder / "linear.safetensors").unlink()
    with pytest.raises(ModelError, match=r"linear\.safetensors: is missing"):
        StanceModel.load(folder)
    (folder / "linear.safetensors").write_bytes(content)
    (folder / "extra.py").write_text("x")
    with pytest.raises(ModelError, match=r"extra\.py: does not belong to the model"):
        StanceModel.load(folder)


def test_a_model_from_a_newer_toolkit_and_a_folder_that_is_none(saved: Path, tmp_path: Path) -> None:
    told = json.loads((saved / "model.json").read_text())
    (saved / "model.json").write_text(json.dumps({**told, "format": 99}))
    with pytest.raises(ModelError, match="has the format 99, this toolkit reads 3; use a newer version of it"):
        StanceModel.load(saved)
    (saved / "model.json").write_text("{")
    with pytest.raises(ModelError, match=r"model\.json cannot be read"):
        StanceModel.load(saved)
    with pytest.raises(ModelError, match="is not a model of this toolkit"):
        StanceModel.load(tmp_path)
