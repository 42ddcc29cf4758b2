"""MLflow's own commands answer with the logged model: rows in equal rows out, a list of texts is enough."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

TEXTS = [
    "We are ready to sit down with them again.",
    "If they cross the river we will answer.",
    "Nobody here gave that order.",
]


def mlflow(folder: Path, *arguments: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "mlflow",
        "models",
        *arguments,
        "-m",
        "models:/stance@champion",
        "--env-manager",
        "local",
    ]


def environment(folder: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {
        **os.environ,
        "PATH": path,
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
        "DO_NOT_TRACK": "true",
    }


@pytest.mark.parametrize("n", [1, 3])
def test_rows_through_the_registered_alias(trained: Path, n: int) -> None:
    import mlflow as library
    import pandas as pd

    from toolkit.tracking import open_store

    open_store(trained, must_exist=True)
    answer = library.pyfunc.load_model("models:/stance@champion").predict(pd.DataFrame({"text": TEXTS[:n]}))
    assert len(answer) == n


def test_mlflow_models_predict_takes_a_list_of_texts(trained: Path, tmp_path: Path) -> None:
    """What ``mlflow models predict`` runs; the command itself is run in test_answers.py, with tables."""
    from mlflow.pyfunc.scoring_server import _predict

    from toolkit.tracking import open_store

    open_store(trained, must_exist=True)
    (tmp_path / "in.json").write_text(json.dumps({"inputs": TEXTS}))
    _predict("models:/stance@champion", str(tmp_path / "in.json"), str(tmp_path / "out.json"), "json")
    answer = json.loads((tmp_path / "out.json").read_text())["predictions"]
    assert len(answer) == 3
    assert set(answer[0]) == {"stance", "stance_conciliatory", "stance_threatening", "stance_denial"}


@pytest.mark.slow
@pytest.mark.enable_socket
def test_mlflow_models_serve_takes_a_list_of_texts(trained: Path) -> None:
    process = subprocess.Popen(
        mlflow(trained, "serve", "-p", "5987", "--host", "127.0.0.1"), env=environment(trained),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        for body in ({"inputs": TEXTS}, {"dataframe_split": {"columns": ["text"], "data": [[t] for t in TEXTS]}}):
            assert len(ask(body)) == 3
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


ELSEWHERE = """
import sys, warnings
warnings.simplefilter("ignore")
import mlflow
answer = mlflow.pyfunc.load_model(sys.argv[1]).predict(["We deny that.", "Fine."])
assert len(answer) == 2 and "stance_denial" in answer, answer
import toolkit
assert toolkit.__file__.startswith(sys.argv[1]), toolkit.__file__
"""


@pytest.mark.slow
def test_a_logged_model_loads_from_exactly_its_requirements(trained: Path, tmp_path: Path) -> None:
    """Promise 26: in an empty environment, with the toolkit's code that was logged with the model."""
    from toolkit.tracking import fetch_model, open_store

    open_store(trained, must_exist=True)
    model = fetch_model("models:/stance@champion")
    python = tmp_path / "empty" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "empty")], check=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    probe = [*pip, "download", "--quiet", "--no-deps", "--dest", str(tmp_path / "probe"), "packaging"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("needs a package index")
    subprocess.run([*pip, "install", "--quiet", "-r", str(model / "requirements.txt")], check=True)
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(python), "-c", ELSEWHERE, str(model)], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def ask(body: dict) -> list:
    request = urllib.request.Request(
        "http://127.0.0.1:5987/invocations", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    for _ in range(60):
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.read())["predictions"]
        except OSError:
            time.sleep(0.5)
    raise AssertionError("the server did not answer")
