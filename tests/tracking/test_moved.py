"""A store that was copied into another folder is read there, and the old one is left alone."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import pytest

from toolkit.errors import ModelError, Remark, TrackingError
from toolkit.tracking import fetch_model, open_store, read_experiment


def written(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_copied_store_is_read_and_written_where_it_lies(trained: Path, tmp_path: Path, start_stance) -> None:
    old, new = tmp_path / "old", tmp_path / "new one"
    shutil.copytree(trained, old)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)
        open_store(old)  # the fixture's own places
    before = written(old / "mlartifacts")
    shutil.copytree(old, new)
    with pytest.warns(Remark, match="its artifacts are looked for beside it from now on"):
        store = open_store(new)
    run = read_experiment(store, "tiny").models[0]
    assert run.folder.is_relative_to(new) and run.gold
    assert fetch_model("models:/stance@champion").is_relative_to(new)
    # In a process of its own: within one, MLflow remembers where the artifacts of a run lie.
    done = start_stance("report", "tiny/stance/majority", "-o", "page.html", cwd=new)
    assert done.returncode == 0, done.stderr
    assert len(list(new.glob("mlartifacts/**/report.html"))) == 1 and written(old / "mlartifacts") == before
    shutil.rmtree(old)
    with warnings.catch_warnings():
        warnings.simplefilter("error", Remark)  # told once
        assert read_experiment(open_store(new), "tiny").models[0].answers


@pytest.mark.parametrize(
    ("asked", "told"),
    [("tinny", "did you mean 'tiny'"), ("nothing like it", "there are: ")],
)
def test_a_name_that_is_none_is_told_with_those_that_are(trained: Path, asked: str, told: str) -> None:
    with pytest.raises(TrackingError, match=told):
        read_experiment(open_store(trained), asked)


def test_the_beginning_of_an_id_is_told_as_one(trained: Path) -> None:
    store = open_store(trained)
    run_id = read_experiment(store, "tiny").run_id
    with pytest.raises(TrackingError, match=f"the whole is {run_id}"):
        read_experiment(store, run_id[:12])


def test_the_model_of_a_run_is_had_by_its_run(trained: Path) -> None:
    run = read_experiment(open_store(trained), "tiny").models[0]
    assert fetch_model(f"runs:/{run.run_id}/model").joinpath("MLmodel").is_file()
    with pytest.raises(ModelError, match="has logged no model"):
        fetch_model(f"runs:/{read_experiment(open_store(trained), 'tiny').run_id}/model")
