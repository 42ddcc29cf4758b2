"""A model folder from a stranger runs nothing: it holds numbers, and they are checked before they are used."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from toolkit.classifiers import arrays, build
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


FILE = "linear.safetensors"


def a_model(folder: Path) -> Path:
    config = LinearModel(kind="linear", head=LogisticRegression(kind="logistic_regression"))
    classifier = build(config, SCHEME, 0)
    classifier.fit(["a b", "b c"], np.array([[1, 0], [0, 1]]), np.array([0, 1]))
    StanceModel("linear", SCHEME, config, classifier, Decision(NO_CALIBRATION, None)).save(folder / "data" / "model")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return a_model(tmp_path / "m")


def put(folder: Path, content: bytes) -> None:
    """Swap the arrays and make the folder's own digests agree with them, as an attacker would."""
    data = folder / "data" / "model"
    (data / FILE).write_bytes(content)
    told = json.loads((data / "model.json").read_text())
    told["files"][FILE] = hashlib.sha256(content).hexdigest()
    reseal(data, told)


def reseal(data: Path, told: dict) -> None:
    del told["digest"]
    (data / "model.json").write_text(json.dumps(sealed(told)))


def arrays_of(folder: Path) -> dict[str, np.ndarray]:
    return load((folder / "data" / "model" / FILE).read_bytes())


def test_the_good_folder_loads(folder: Path) -> None:
    assert len(StanceModel.load(folder).predict(["a"])) == 1


class Bomb:
    """Unpickling this would create a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return (open, (str(self.marker), "w"))


def hostile(kind: str, marker: Path) -> bytes:
    """Files of other kinds that would run something, or could not be read."""
    if kind == "pickle":
        return pickle.dumps(Bomb(marker))
    out = io.BytesIO()
    if kind == "numpy":
        np.save(out, np.array([Bomb(marker)], dtype=object), allow_pickle=True)
    elif kind == "numpy archive":
        np.savez(out, coef=np.array([Bomb(marker)], dtype=object))
    elif kind == "skops":
        with zipfile.ZipFile(out, "w") as file:
            file.writestr("schema.json", json.dumps({"__class__": "system", "__module__": "posix", "protocol": 2}))
    return out.getvalue()


@pytest.mark.parametrize("kind", ["pickle", "numpy", "numpy archive", "skops", "nothing"])
def test_a_file_of_another_kind_in_our_files_place_is_refused(folder: Path, tmp_path: Path, kind: str) -> None:
    marker = tmp_path / "marker"
    put(folder, hostile(kind, marker))
    with pytest.raises(ModelError, match=r"is no file of arrays \(safetensors\)"):
        StanceModel.load(folder)
    assert not marker.exists()


@pytest.mark.parametrize(
    "mlmodel",
    [
        "flavors:\n  python_function:\n    loader_module: evil\n    code: code\n",
        "flavors:\n  sklearn:\n    serialization_format: skops\n    skops_trusted_types: [posix.system]\n",
        f"flavors:\n  sklearn:\n    serialization_format: cloudpickle\n    pickled_model: data/model/{FILE}\n",
    ],
    ids=["own loader", "trusts itself", "flipped to pickle"],
)
def test_what_mlmodel_says_is_never_asked(folder: Path, tmp_path: Path, mlmodel: str) -> None:
    marker = tmp_path / "marker"
    (folder / "MLmodel").write_text(mlmodel)
    (folder / "code").mkdir()
    (folder / "code" / "evil.py").write_text(f"open({str(marker)!r}, 'w')\n")
    assert len(StanceModel.load(folder).predict(["a"])) == 1
    put(folder, hostile("pickle", marker))
    with pytest.raises(ModelError):
        StanceModel.load(folder)
    assert not marker.exists()


CHANGES = {
    "without an array": lambda a: {name: array for name, array in a.items() if name != "intercept"},
    "with one more": lambda a: {**a, "extra": np.zeros(1)},
    "whole numbers for weights": lambda a: {**a, "weights": a["weights"].astype(np.int64)},
    "another number of dimensions": lambda a: {**a, "intercept": a["intercept"][None]},
    "not a number": lambda a: {**a, "weights": a["weights"] * np.nan},
    "infinite": lambda a: {**a, "intercept": a["intercept"] + np.inf},
    "too large for a sum": lambda a: {**a, "weights": a["weights"] * 1e200},
    "no document frequency": lambda a: {**a, "weights": a["weights"] * [0, 1]},
    "a row less": lambda a: {**a, "weights": a["weights"][1:]},
    "a score more": lambda a: {**a, "weights": np.pad(a["weights"], ((0, 0), (0, 1)))},
    "two scores for two labels": lambda a: {
        **a,
        "weights": np.pad(a["weights"], ((0, 0), (0, 1))),
        "others": np.append(a["others"], 0),
        "intercept": np.zeros(2),
    },
    "no score": lambda a: {
        **a,
        "weights": a["weights"][:, :1],
        "others": a["others"][:1],
        "intercept": np.zeros(0),
    },
    "an intercept more": lambda a: {**a, "intercept": np.zeros(2)},
    "columns beyond the width": lambda a: {**a, "columns": a["columns"] + np.uint32(2**20)},
    "a column twice": lambda a: {**a, "columns": a["columns"] * np.uint32(0)},
    "words that are no UTF-8": lambda a: {**a, "words": np.full(3, 0xFF, dtype=np.uint8)},
    "a word twice": lambda a: {**a, "words": np.frombuffer(b"a\na\nc\na b\nb c", dtype=np.uint8)},
    "a word less": lambda a: {**a, "words": np.frombuffer(b"a\nb", dtype=np.uint8)},
    "an empty word": lambda a: {**a, "words": np.frombuffer(b"a\n\nc\na b\nb c", dtype=np.uint8)},
    "no words": lambda a: {**a, "words": np.zeros(0, dtype=np.uint8)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_arrays_that_do_not_fit_are_refused_in_a_sentence(folder: Path, change) -> None:
    put(folder, save({name: np.ascontiguousarray(array) for name, array in change(arrays_of(folder)).items()}))
    with pytest.raises(ModelError, match=r"linear\.safetensors: .*\.$"):
        StanceModel.load(folder)


def test_a_file_that_is_cut_off_is_refused_wherever_it_ends(folder: Path) -> None:
    content = (folder / "data" / "model" / FILE).read_bytes()
    for end in range(0, len(content), 7):
        put(folder, content[:end])
        with pytest.raises(ModelError):
            StanceModel.load(folder)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_changed_byte_is_refused_or_leaves_a_model(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = a_model(Path(name) / "m")
        content = bytearray((folder / "data" / "model" / FILE).read_bytes())
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        put(folder, bytes(content))
        try:
            answer = StanceModel.load(folder).predict(["a b"])
        except ModelError:
            return
        assert len(answer) == 1


def test_a_file_that_is_too_large_is_refused_before_it_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "_MAX_BYTES", 100)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("it was read"))
    with pytest.raises(ModelError, match="is larger than"):
        StanceModel.load(folder)


def test_a_small_file_of_a_model_that_would_fill_the_memory_is_refused(folder: Path) -> None:
    path = folder / "data" / "model" / "model.json"
    told = json.loads(path.read_text())
    told["config"] |= {"hash_bits": 24, "char_ngrams": [2, 5]}
    path.write_text(json.dumps(told))
    found = {name: array for name, array in arrays_of(folder).items() if name != "words"}
    many = {"weights": np.zeros((len(found["columns"]), 100)), "others": np.zeros(100), "intercept": np.zeros(99)}
    put(folder, save({**found, **many}))
    with pytest.raises(ModelError, match="would take more than 4 GiB of memory"):
        StanceModel.load(folder)


@pytest.mark.parametrize("present", [[0], [0, 2], [1, 0], [-1, 0], [0, 0], [], ["a", "b"], None])
def test_labels_that_the_scheme_does_not_have_are_refused(folder: Path, present) -> None:
    path = folder / "data" / "model" / "model.json"
    told = json.loads(path.read_text())
    told["classifier"]["present"] = present
    path.write_text(json.dumps(told))
    with pytest.raises(ModelError):
        StanceModel.load(folder)


def test_a_model_of_an_older_format_says_what_to_do(folder: Path) -> None:
    path = folder / "data" / "model" / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 2}))
    with pytest.raises(ModelError, match="has the format 2, this toolkit reads 3; train it again with this version"):
        StanceModel.load(folder)


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    data = folder / "data" / "model"
    (tmp_path / "elsewhere").write_bytes((data / FILE).read_bytes())
    (data / FILE).unlink()
    (data / FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelError):
        StanceModel.load(folder)
