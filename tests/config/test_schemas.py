"""What editors are told is what the code reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from toolkit.config import SCHEMAS, json_schema, load_experiment, schema_line, trace_experiment
from toolkit.config.document import read
from toolkit.config.origin import as_yaml
from toolkit.errors import ConfigError, UsageError

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDERS = {"experiment": "experiments", "labels": "configs/labels", "model": "configs/models", "data": "configs/data"}
SHIPPED = [(kind, path) for kind, folder in FOLDERS.items() for path in sorted((REPOSITORY / folder).rglob("*.yaml"))]


def validator(kind: str) -> Any:
    return jsonschema.Draft202012Validator(json_schema(kind))


def test_some_are_found() -> None:
    assert {kind for kind, _ in SHIPPED} == set(SCHEMAS) and len(SHIPPED) > 40


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_schema_that_is_shipped_is_that_of_the_code(kind: str) -> None:
    file = REPOSITORY / "configs" / "schemas" / f"{kind}.json"
    told = f"run: stance config schema {kind} > configs/schemas/{kind}.json"
    assert json.loads(file.read_text(encoding="utf-8")) == json_schema(kind), told


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_shipped_file_leads_to_its_schema_and_fits_it(kind: str) -> None:
    check = validator(kind)
    jsonschema.Draft202012Validator.check_schema(json_schema(kind))
    for path in (path for one, path in SHIPPED if one == kind):
        assert path.read_text(encoding="utf-8").startswith(schema_line(kind, path, REPOSITORY)), path
        found = [f"{path.name}: {error.json_path}: {error.message}" for error in check.iter_errors(read(path).value)]
        assert not found


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("experiment", {"sed": 1}),
        ("model", {"kind": "linear", "head": {"kind": "svm", "C": -1}}),
        ("labels", {"name": "x", "question": "?", "multi_label": "yes", "labels": {"a": {"definition": "."}}}),
        ("data", {"name": "x", "description": "", "published": "", "reader": {"kind": "tabel"}}),
    ],
)
def test_a_wrong_file_does_not_fit(kind: str, wrong: dict[str, Any]) -> None:
    assert list(validator(kind).iter_errors(wrong))


def test_keys_say_what_they_mean() -> None:
    told = json.dumps(json_schema("experiment"))
    assert "what extraction" not in told and "How much of their letters an extracted and a gold statement" in told


def test_another_kind_is_told() -> None:
    with pytest.raises(UsageError, match=r"'lables' is no kind of file \(did you mean 'labels'\?\); allowed: exp"):
        json_schema("lables")


# ------------------------------------------------------------------------------------------ where values come from

EXPERIMENT = """name: mine
seed: 7
data: {statements: [a.jsonl]}
schemes: [stance]
models: [tfidf-nb, majority]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "experiment.yaml"
    path.write_text(EXPERIMENT, encoding="utf-8")
    return path


def test_every_value_says_where_it_comes_from(file: Path) -> None:
    found = {one.row()["key"]: one for one in trace_experiment(file, ["tuning.folds=3", "models.majority.names=mask"])}
    assert found["seed"].origin == f"{file}:2"
    assert found["tuning.folds"].origin == "override 'tuning.folds=3'"
    assert found["models.majority.names"].origin == "override 'models.majority.names=mask'"
    assert found["tuning.repeats"].origin == "default" and found["split.kind"].origin == "default"
    assert found["models.tfidf-nb.kind"].origin == f"{REPOSITORY / 'configs/models/tfidf-nb.yaml'}:3"
    assert found["models.tfidf-nb.head.kind"].value == "complement_nb"


@pytest.mark.parametrize("name", ["quickstart", "real", "transfer", "own-models", "plover-minilm"])
def test_what_is_shown_runs_as_it_is(name: str, tmp_path: Path) -> None:
    path = REPOSITORY / "experiments" / f"{name}.yaml"
    shown = tmp_path / "shown.yaml"
    shown.write_text(as_yaml(trace_experiment(path)), encoding="utf-8")
    assert load_experiment(shown)[0] == load_experiment(path)[0]


@pytest.mark.parametrize(
    "override",
    ["models.tfidf-nb.head.alpha=2.0", "models.tfidf-nb.head={kind: complement_nb, alpha: 2.0}"],
)
def test_a_value_that_a_search_would_overwrite_is_refused(file: Path, override: str) -> None:
    with pytest.raises(
        ConfigError, match=r"'head\.alpha' is chosen by the search of 'tfidf-nb', which would overwrite"
    ):
        load_experiment(file, [override])


@pytest.mark.parametrize(
    "overrides",
    [
        ["models.tfidf-nb.head.alpha=2.0", "models.tfidf-nb.search=null"],
        ["models.tfidf-nb.search.space={head.alpha: [2.0]}"],
        ["models.tfidf-nb.min_df=2"],
        ["models=[majority]"],
    ],
)
def test_what_a_search_leaves_alone_can_be_given(file: Path, overrides: list[str]) -> None:
    load_experiment(file, overrides)


# --------------------------------------------------------------------------------------- shipped building blocks


def test_a_projects_own_blocks_come_before_the_shipped_ones(file: Path) -> None:
    models = file.parent / "configs" / "models"
    models.mkdir(parents=True)
    (models / "majority.yaml").write_text("kind: majority\nnames: mask\n", encoding="utf-8")
    config, schemes = load_experiment(file)
    assert config.models["majority"].names == "mask" and config.models["tfidf-nb"].kind == "linear"
    assert [scheme.name for scheme in schemes] == ["stance"]


def test_an_unknown_block_is_told_with_the_names_of_both(file: Path) -> None:
    models = file.parent / "configs" / "models"
    models.mkdir(parents=True)
    (models / "my-words.yaml").write_text("kind: majority\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"'my-wrods' is not in configs/models .did you mean 'my-words'"):
        load_experiment(file, ["models=[my-wrods]"])
    with pytest.raises(ConfigError, match=r"'xxx' is not in configs/models .known: .*majority.*my-words.*tfidf-nb"):
        load_experiment(file, ["models=[xxx]"])
