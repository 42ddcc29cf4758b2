"""No password, token or key gets into a message, a run, an artifact, a prediction or a command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.test_tracking import a_record
from toolkit.errors import ModelError, ToolkitError, TrackingError, first_line, without_passwords
from toolkit.tracking import Store, experiment_run, fetch_model, model_run, open_store, provenance, server_command

SECRET = "s3cr3t-never-told"


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "uri",
    [
        f"http://user:{SECRET}@127.0.0.1:9",
        f"https://{SECRET}@127.0.0.1:9/path",
        f"http://user:p@ss{SECRET}@127.0.0.1:9",
        f"postgresql://user:{SECRET}@127.0.0.1:9/db",
        f"mysql+pymysql://user:{SECRET}@127.0.0.1:9/db",
        f"nonsense://user:{SECRET}@host",
        f"file://user:{SECRET}@host/mlruns",
    ],
)
def test_a_store_that_cannot_be_opened_is_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uri: str, run_stance
) -> None:
    for name, value in {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_TRACKING_URI": uri}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ToolkitError) as caught:
        open_store(tmp_path)
    assert SECRET not in str(caught.value) and "***@" in str(caught.value)
    done = run_stance("models", "list", cwd=tmp_path)
    assert done.returncode in (1, 2) and "***@" in done.stderr and "fault of the toolkit" not in done.stderr
    assert SECRET not in done.stderr + done.stdout


def test_a_model_that_cannot_be_had_is_named_without_its_password() -> None:
    for uri in (f"https://user:{SECRET}@127.0.0.1:9/x", f"file:///nothing/here?token={SECRET}"):
        with pytest.raises(ModelError) as caught:
            fetch_model(uri)
        assert SECRET not in str(caught.value) and "***" in str(caught.value)


def test_runs_and_artifacts_hold_no_secret(tmp_path: Path, new_store, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "MLFLOW_TRACKING_PASSWORD")
    for name in (*names, "MLFLOW_TRACKING_TOKEN", "DATABASE_URL", "STANCE_UNKNOWN_KEY"):
        monkeypatch.setenv(name, f"https://user:{SECRET}@host" if name == "DATABASE_URL" else SECRET)
    (tmp_path / "s").mkdir()
    store = new_store(tmp_path / "s")
    origin = provenance(tmp_path, [], threads=1)
    record = a_record(tmp_path)
    with pytest.raises(TrackingError), experiment_run(store, "unit", "", origin):
        with model_run("tone", record.name, origin, {}) as run:
            run.log(record)
            raise TrackingError(f"API request to https://user:{SECRET}@host/api failed.")
    failed = store.client().get_run(run.run_id)
    assert failed.data.tags["stance.error"] == "API request to https://***@host/api failed."
    files = [path for path in (tmp_path / "s").rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []


def test_a_command_line_holds_no_password() -> None:
    uri = f"postgresql://user:{SECRET}@host/db"
    command, environment = server_command(Store(uri, None), "127.0.0.1", 5001)
    assert SECRET not in " ".join(command) and environment["MLFLOW_BACKEND_STORE_URI"] == uri


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("http://u:p@h/x", "http://***@h/x"),
        ("http://:p@h/x", "http://***@h/x"),
        ("http://h:5000/models/stance@champion", "http://h:5000/models/stance@champion"),
        ("models:/stance@champion and runs:/1/m", "models:/stance@champion and runs:/1/m"),
        ("mail a@b.org", "mail a@b.org"),
        ("https://h/x?sig=abc&v=1&Token=t", "https://h/x?sig=***&v=1&Token=***"),
        ("postgresql://u@h/db?password=p", "postgresql://***@h/db?password=***"),
        ("sqlite:////home/a@b/mlflow.db", "sqlite:////home/a@b/mlflow.db"),
    ],
)
def test_only_passwords_are_hidden(text: str, told: str) -> None:
    assert without_passwords(text) == told == str(ToolkitError(text)) == first_line(ValueError(text))


@given(st.text(alphabet="ab:/@?&=. \n", max_size=200))
def test_hiding_twice_hides_nothing_more(text: str) -> None:
    assert without_passwords(without_passwords(text)) == without_passwords(text)
