"""``model.json`` tells whether it was changed; what was changed with the right digest must still be possible."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.limits import in_little_memory
from toolkit.classifiers import build
from toolkit.classifiers.baselines import CuesModel, MajorityModel
from toolkit.classifiers.ensemble import EnsembleModel
from toolkit.decisions import Calibration, Decision
from toolkit.errors import ModelError
from toolkit.labels import LabelScheme
from toolkit.model import StanceModel, own_models
from toolkit.settings import ModelSettings
from toolkit.storage import sealed

LABELS = {name: {"definition": name, "cues": [f"\\b{name}\\b"]} for name in ("offer", "threat", "denial")}
SCHEME = LabelScheme.model_validate({"name": "tone", "question": "?", "multi_label": True, "labels": LABELS})
MEMBERS: dict[str, ModelSettings] = {"shares": MajorityModel(kind="majority"), "words": CuesModel(kind="cues")}
CONFIG = EnsembleModel(kind="ensemble", members=MEMBERS, weights=[1.0, 3.0], calibration="sigmoid")
CURVES = (((1.5, 0.1),), ((0.7, -0.2),), ((1.0, 0.0),))
CHANGED = "model.json: has been changed since the model was saved; it is not loaded"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A saved model with everything that model.json can tell: members, thresholds, curves, and a file of its own."""
    classifier = build(CONFIG, SCHEME, 0)
    classifier.fit(["an offer", "a threat", "a denial"], np.eye(3), np.array([0, 1, 2]))
    decision = Decision(Calibration("sigmoid", True, curves=CURVES), (0.5, 0.25, 1.0))
    StanceModel("both", SCHEME, CONFIG, classifier, decision).save(tmp_path / "m")
    told = json.loads((tmp_path / "m/model.json").read_text())
    (tmp_path / "m/notes.txt").write_text("")
    write(
        tmp_path / "m",
        {**told, "files": {"notes.txt": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}},
    )
    return tmp_path / "m"


def write(folder: Path, told: dict[str, Any]) -> None:
    """Write model.json with the right digest, as somebody would who knows how it is made."""
    told = {key: value for key, value in told.items() if key != "digest"}
    (folder / "model.json").write_text(json.dumps(sealed(told)), encoding="utf-8")


def changes(value: Any) -> Iterator[Any]:
    """Yield everything that one change can make of a value: another value, a key less, two entries in another order."""
    if isinstance(value, dict):
        names = list(value)
        for name in names:
            yield {key: below for key, below in value.items() if key != name}
            for below in changes(value[name]):
                yield {**value, name: below}
        for first, second in itertools.pairwise(names):
            order = [{first: second, second: first}.get(name, name) for name in names]
            yield {name: value[name] for name in order}
        yield {**value, "more": 1}
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield [*value[:number], *value[number + 1 :]]
            yield from ([*value[:number], below, *value[number + 1 :]] for below in changes(one))
        for number in range(len(value) - 1):
            swapped = [*value[:number], value[number + 1], value[number], *value[number + 2 :]]
            if swapped != value:
                yield swapped
        yield [*value, 1]
    elif isinstance(value, bool) or value is None:
        yield from (new for new in (True, False, None, 0, 1) if new is not value)
    elif isinstance(value, str):
        yield from (value + " ", value[:-1] if value else None, None)
    else:
        yield from (value + 1, -1 - value, str(value), None, True)


def test_it_loads_as_it_was_saved_whatever_the_white_space(folder: Path) -> None:
    before = StanceModel.load(folder).predict(["an offer and a threat"])
    told = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(told, indent=7))
    assert StanceModel.load(folder).predict(["an offer and a threat"]).equals(before)
    assert before["tone"].tolist() == [["offer", "threat"]]


def test_every_single_change_is_refused(folder: Path) -> None:
    whole = json.loads((folder / "model.json").read_text())
    digest = whole.pop("digest")
    changed = [{**rest, "digest": digest} for rest in changes(whole)]
    changed += [whole, *({**whole, "digest": other} for other in changes(digest))]
    for told in changed:
        (folder / "model.json").write_text(json.dumps(told))
        with pytest.raises(ModelError, match=r"model\.json|has the format"):
            StanceModel.load(folder)
    assert len(changed) > 300


@pytest.mark.parametrize("scheme", sorted(own_models()))
def test_labels_in_another_order_are_told(tmp_path: Path, scheme: str) -> None:
    """The model's answers would be those of other labels, and nothing else would tell."""
    shutil.copytree(own_models()[scheme], tmp_path / "m")
    told = json.loads((tmp_path / "m/model.json").read_text(encoding="utf-8"))
    labels = told["scheme"]["labels"]
    told["scheme"]["labels"] = {name: labels[name] for name in reversed(labels)}
    (tmp_path / "m/model.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(ModelError, match=CHANGED):
        StanceModel.load(tmp_path / "m")


def put(told: dict[str, Any], path: str, value: Any) -> None:
    *above, last = path.split("/")
    for step in above:
        told = told[step]
    told[last] = value


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("thresholds", [0.5, 0.5], "thresholds must be a list of 3 numbers"),
        ("thresholds", None, "thresholds belong to multi-label schemes"),
        ("thresholds", [0.5, 0.5, 7.0], "thresholds: 7.0 is no number between 0 and 1"),
        ("thresholds", [0.5, 0.5, -0.1], "thresholds: -0.1 is no number between 0 and 1"),
        ("thresholds", [0.5, 0.5, True], "thresholds: True is no number"),
        ("thresholds", [0.5, 0.5, "0.5"], "thresholds: '0.5' is no number"),
        ("thresholds", {"a": 1}, "thresholds must be a list of 3 numbers"),
        ("calibration/method", "magic", "calibration.method is 'magic'; none, sigmoid, isotonic and temperature are known"),
        ("calibration/curves", [[[1.0, 0.0]]], "calibration.curves are 1, for 3 labels"),
        ("calibration/curves", [[[1.0, 0.0]], [[-1.0, 0.0]], [[1.0, 0.0]]], "one slope above 0 and one intercept"),
        ("calibration/curves", [[[1.0, 0.0]], [], [[1.0, 0.0]]], "one slope above 0 and one intercept"),
        ("calibration/temperature", 0.0, "calibration.temperature: 0.0 is no number between 0.01 and 100"),
        ("calibration/temperature", 2.0, "calibration sigmoid has a temperature of 1"),
        ("calibration", {"method": "none", "temperature": 1.0, "curves": [[[1.0, 0.0]]]}, "calibration.curves are 1"),
        ("calibration", {"method": "isotonic", "temperature": 1.0, "curves": [[[0.5, 0.9], [0.4, 1.0]]] * 3}, "that never fall"),
        ("calibration", {"method": "isotonic", "temperature": 1.0, "curves": [[[0.5, 0.9], [0.6, 1.5]]] * 3}, "between 0 and 1"),
        ("classifier/members/shares/shares", [0.1, 0.2], "shares must be a list of 3 numbers"),
        ("classifier/members/shares/shares", [0.1, 0.2, 3.0], "shares: 3.0 is no number between 0 and 1"),
        ("classifier/members/words/rates", [[0.1, 0.2]], "rates must hold one pair for each label"),
        ("classifier/members", {}, "'shares' is missing"),
        ("config/weights", [1.0, -1.0], "weights.1: Input should be greater than 0"),
        ("scheme/multi_label", False, "thresholds belong to multi-label schemes"),
        ("scheme/labels", {}, "labels: Dictionary should have at least 1 item"),
        ("files", {"../secret": "00"}, "files: '../secret' is no file of this folder"),
        ("files", {"/etc/hostname": "00"}, "files: '/etc/hostname' is no file of this folder"),
        ("files", {"a/./b": "00"}, "files: 'a/./b' is no file of this folder"),
        ("files", {"": "00"}, "files: '' is no file of this folder"),
        ("files", {"notes.txt": 7}, "files: 'notes.txt' is no file of this folder with a digest"),
        ("files", {}, "notes.txt: does not belong to the model"),
        ("files", ["notes.txt"], "files: a mapping of names to digests is expected"),
        ("name", None, "name: a word is expected"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_right_digest_too(folder: Path, path: str, value: Any, message: str) -> None:
    told = json.loads((folder / "model.json").read_text())
    put(told, path, value)
    write(folder, told)
    with pytest.raises(ModelError) as caught:
        StanceModel.load(folder)
    assert message in str(caught.value) and str(folder) in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_a_label_that_stands_twice_is_refused(folder: Path) -> None:
    text = (folder / "model.json").read_text()
    (folder / "model.json").write_text(text.replace('"threat": {"definition"', '"offer": {"definition"', 1))
    with pytest.raises(ModelError, match=r"model\.json cannot be read: the key 'offer' stands twice"):
        StanceModel.load(folder)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999"])
def test_what_json_does_not_have_is_refused(folder: Path, value: str) -> None:
    told = json.loads((folder / "model.json").read_text())
    told["thresholds"][0] = "here"
    (folder / "model.json").write_text(json.dumps(told).replace('"here"', value))
    with pytest.raises(ModelError, match=r"model\.json|has the format"):
        StanceModel.load(folder)


BOMBS = {
    "deep": '"[" * 10_000_000',
    "just too deep": """'{"a":' * 70 + "1" + "}" * 70""",
    "long": '"[" + "1," * 40_000_000',
    "many": '"[" + "{}," * 20_000_000 + "1]"',
    "digits": '"9" * 10_000_000',
}


@pytest.mark.parametrize("bomb", sorted(BOMBS))
def test_a_bomb_ends_in_one_sentence(folder: Path, bomb: str) -> None:
    done = in_little_memory(
        f"""
        from pathlib import Path
        from toolkit.errors import ModelError
        from toolkit.model import StanceModel
        folder = Path({str(folder)!r})
        (folder / "model.json").write_text({BOMBS[bomb]})
        try:
            StanceModel.load(folder)
        except ModelError as error:
            print(error)
        """
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1 and "model.json cannot be read: " in done.stdout
