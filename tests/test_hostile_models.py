"""A model folder from a stranger runs nothing: our own allow-list decides, never what the folder says of itself."""

from __future__ import annotations

import contextlib
import hashlib
import json
import pickle
from pathlib import Path

import pytest

from toolkit.classifiers import build
from toolkit.classifiers.heads import LogisticRegression
from toolkit.classifiers.linear import LinearModel
from toolkit.decisions import NO_CALIBRATION, Decision
from toolkit.errors import ModelError
from toolkit.labels import LabelScheme
from toolkit.model import StanceModel
from toolkit.storage import sealed

SCHEME = LabelScheme.model_validate(
    {"name": "tone", "question": "?", "multi_label": False, "labels": {n: {"definition": n} for n in ("bad", "good")}}
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    import numpy as np

    config = LinearModel(kind="linear", head=LogisticRegression(kind="logistic_regression"))
    classifier = build(config, SCHEME, 0)
    classifier.fit(["a b", "b c"], np.array([[1, 0], [0, 1]]), np.array([0, 1]))
    StanceModel("linear", SCHEME, config, classifier, Decision(NO_CALIBRATION, None)).save(
        tmp_path / "m" / "data" / "model"
    )
    return tmp_path / "m"


def put(folder: Path, content: bytes) -> None:
    """Swap the estimator and make the folder's own digests agree with it, as an attacker would."""
    data = folder / "data" / "model"
    (data / "estimator.skops").write_bytes(content)
    told = json.loads((data / "model.json").read_text())
    told["files"]["estimator.skops"] = hashlib.sha256(content).hexdigest()
    reseal(data, told)


def reseal(data: Path, told: dict) -> None:
    del told["digest"]
    (data / "model.json").write_text(json.dumps(sealed(told)))


def hostile_skops(marker: Path) -> bytes:
    """A skops file of a pipeline that calls os.system when it predicts."""
    import os

    import skops.io
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    step = FunctionTransformer(os.system, kw_args={"command": f"touch {marker}"})
    return skops.io.dumps(Pipeline([("features", step), ("head", step)]))


def test_the_good_folder_loads(folder: Path) -> None:
    assert len(StanceModel.load(folder).predict(["a"])) == 1


def test_a_skops_file_with_a_foreign_type_is_refused(folder: Path, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    put(folder, hostile_skops(marker))
    with pytest.raises(ModelError, match="is not a model file that can be trusted"):
        StanceModel.load(folder)
    assert not marker.exists()


@pytest.mark.parametrize(
    "mlmodel",
    [
        "flavors:\n  python_function:\n    loader_module: evil\n    code: code\n",
        "flavors:\n  sklearn:\n    serialization_format: skops\n    skops_trusted_types: [posix.system]\n",
        "flavors:\n  sklearn:\n    serialization_format: cloudpickle\n    pickled_model: data/model/estimator.skops\n",
    ],
    ids=["own loader", "trusts itself", "flipped to pickle"],
)
def test_what_mlmodel_says_is_never_asked(folder: Path, tmp_path: Path, mlmodel: str) -> None:
    marker = tmp_path / "marker"
    (folder / "MLmodel").write_text(mlmodel)
    (folder / "code").mkdir()
    (folder / "code" / "evil.py").write_text(f"open({str(marker)!r}, 'w')\n")
    put(folder, hostile_skops(marker))
    with pytest.raises(ModelError):
        StanceModel.load(folder)
    assert not marker.exists()


class Bomb:
    """Unpickling this would create a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return (open, (str(self.marker), "w"))


def test_a_pickle_under_our_file_name_is_refused(folder: Path, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    put(folder, pickle.dumps(Bomb(marker)))
    with pytest.raises(ModelError, match="is not a model file that can be trusted"):
        StanceModel.load(folder)
    assert not marker.exists()


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    data = folder / "data" / "model"
    (tmp_path / "elsewhere").write_bytes((data / "estimator.skops").read_bytes())
    (data / "estimator.skops").unlink()
    (data / "estimator.skops").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelError):
        StanceModel.load(folder)


def test_what_a_model_file_may_hold_is_our_own_list_whatever_the_folder_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import skops.io

    asked: list[tuple[object, ...]] = []

    def load(path: Path, trusted: object = None, **more: object) -> object:
        asked.append((trusted, more))
        return load_for_real(path, trusted=trusted, **more)

    load_for_real = skops.io.load
    monkeypatch.setattr(skops.io, "load", load)
    for name in ("get_untrusted_types", "loads"):
        monkeypatch.setattr(skops.io, name, lambda *given, **named: pytest.fail("another way into the file"))
    told = json.loads((folder / "data/model/model.json").read_text())
    told |= {"trusted": ["posix.system"], "classifier": {**told["classifier"], "trusted": ["posix.system"]}}
    reseal(folder / "data/model", told)
    (folder / "MLmodel").write_text("flavors:\n  sklearn:\n    skops_trusted_types: [posix.system]\n")
    with contextlib.suppress(ModelError):
        StanceModel.load(folder)
    ours = ["sklearn.calibration._CalibratedClassifier", "sklearn.calibration._SigmoidCalibration"]
    assert asked == [(ours, {})]
