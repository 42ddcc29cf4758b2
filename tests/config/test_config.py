"""Every mistake of a configuration is reported at once, where it stands, with the nearest name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.classifiers.linear import LinearModel
from toolkit.config import load_behaviour, load_corpus, load_experiment, load_scheme
from toolkit.config.document import Document
from toolkit.errors import ConfigError
from toolkit.settings import with_changes

GOOD = """\
name: x
seed: 3
data:
  articles: [a.jsonl]
  gold: g.jsonl
schemes: [stance, sentiment]
models: [tfidf-logreg, majority]
"""


@pytest.fixture
def folder(tmp_path: Path, repository: Path) -> Path:
    """The shipped building blocks, with a short scheme in the place of the largest, which takes long to read."""
    shutil.copytree(repository / "configs", tmp_path / "configs")
    short = (repository / "configs/labels/target_stance.yaml").read_text(encoding="utf-8")
    long = tmp_path / "configs/labels/stance.yaml"
    long.write_text(short.replace("name: target_stance", "name: stance"), encoding="utf-8")
    return tmp_path


def problems(folder: Path, text: str, *overrides: str) -> list[str]:
    path = folder / "c.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_experiment(path, overrides)
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


def test_all_mistakes_at_once_with_line_path_and_nearest_name(folder: Path) -> None:
    text = """\
name: x
sed: 3
seed: true
data:
  articles: [a.jsonl]
  gold: g.jsonl
  min_overlap: 2
schemes: [stance, sentimant]
models: [tfidf-logrg, tfidf-svm]
tuning: {folds: 1, repeats: 1, repeats: 2}
split: {kind: groupd}
"""
    assert sorted(problems(folder, text)) == [
        "c.yaml:10: tuning.folds: input should be greater than or equal to 3, not 1.",
        "c.yaml:10: tuning.repeats: stands twice (first in line 10).",
        "c.yaml:11: split.kind: 'groupd' is not allowed (did you mean 'grouped'?); allowed: grouped, nested, fixed, leave_out, rolling.",
        "c.yaml:2: sed: unknown key (did you mean 'seed'?).",
        "c.yaml:3: seed: input should be a valid integer, not True.",
        "c.yaml:7: data.min_overlap: input should be less than or equal to 1, not 2.",
        "c.yaml:8: schemes.1: 'sentimant' is not in configs/labels (did you mean 'sentiment'?).",
        "c.yaml:9: models.0: 'tfidf-logrg' is not in configs/models (did you mean 'tfidf-logreg'?).",
    ]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("tuning.fold=3", "override 'tuning.fold=3': tuning.fold: unknown key (did you mean 'folds'?)."),
        ("seed=1e-4", "override 'seed=1e-4': seed: input should be a valid integer, not 0.0001."),
        ("register_champion=NO", "override 'register_champion=NO': register_champion: input should be a valid boolean, not 'NO'."),
        ("seed", "override 'seed': write it as key=value, for example seed=7 or tuning.folds=3."),
        ("seed.deeper=1", "override 'seed.deeper=1': seed holds a value, no keys."),
        ("models=[cuse]", "override 'models=[cuse]': models.0: 'cuse' is not in configs/models (did you mean 'cues'?)."),
        ("models=[cues, cues]", "override 'models=[cues, cues]': models.1: 'cues' stands twice."),
        (
            "models.tfidf-logreg.head.kind=linear_swm",
            "override 'models.tfidf-logreg.head.kind=linear_swm': models.tfidf-logreg.head.kind: 'linear_swm' is not "
            "allowed (did you mean 'linear_svm'?); allowed: logistic_regression, linear_svm, complement_nb, sgd.",
        ),
    ],
)  # fmt: skip
def test_wrong_overrides(folder: Path, override: str, message: str) -> None:
    assert problems(folder, GOOD, override) == [message]


def test_a_word_list_has_nothing_to_calibrate(folder: Path) -> None:
    found = problems(folder, GOOD, "models={c: {kind: cues, calibration: sigmoid, thresholds: 0.4}}")
    assert [problem.partition("models.c.")[2] for problem in found] == [
        "calibration: input should be 'none', not 'sigmoid'.",
        "thresholds: input should be 'tuned', not 0.4.",
    ]


def test_models_are_named_in_an_override_as_in_a_file(folder: Path) -> None:
    path = folder / "c.yaml"
    path.write_text(GOOD, encoding="utf-8")
    config, _ = load_experiment(
        path, ["models=[cues, tfidf-nb]", "models.tfidf-nb={kind: linear, head: {kind: complement_nb, alpha: 0.5}}"]
    )
    assert list(config.models) == ["cues", "tfidf-nb"] and config.models["tfidf-nb"].head.alpha == 0.5  # type: ignore[union-attr]


def test_overrides_change_values_by_dotted_path(folder: Path) -> None:
    path = folder / "c.yaml"
    path.write_text(GOOD, encoding="utf-8")
    config, schemes = load_experiment(
        path,
        [
            "seed=11",
            "tuning.folds=3",
            "models.tfidf-logreg.head.C=1e-4",
            "models.tfidf-logreg.search=null",
            "data.articles.0=b.csv",
        ],
    )
    assert (config.seed, config.tuning.folds, config.data.articles) == (11, 3, ["b.csv"])
    model = config.models["tfidf-logreg"]
    assert isinstance(model, LinearModel)
    assert model.head.C == 1e-4  # type: ignore[union-attr]
    assert [scheme.name for scheme in schemes] == ["stance", "sentiment"]


def test_mistakes_in_a_building_block_name_its_own_file_and_line(folder: Path) -> None:
    (folder / "configs" / "models" / "majority.yaml").write_text("# a comment\nkind: linear\nhed: {}\n")
    found = problems(folder, GOOD)
    assert any(
        p.startswith("configs/models/majority.yaml:3: models.majority.hed: unknown key (did you mean 'head'?)")
        for p in found
    )
    assert any("models.majority.head: is missing." in p for p in found)


def test_a_search_space_is_checked_point_by_point(folder: Path) -> None:
    found = problems(folder, GOOD, "models.tfidf-logreg.search.space={head.D: [1], head.C: [1.0, -2.0]}")
    assert len(found) == 2
    assert "'head.D' is no hyper-parameter of this model (did you mean 'head.C'?); known: " in found[0]
    assert found[1].endswith("models.tfidf-logreg.search.space.head.C: Input should be greater than 0, not -2.0.")


def test_yaml_is_read_as_it_is_meant() -> None:
    text = "a: NO\nb: 1e-4\nc: 007\nd: true\ne: 'true'\nf: null\ng: 2024-03-01\nh: .5\ni: on\nj: [1, x]\nk: |\n  two\n  lines\n"
    value = Document("x", text).value
    assert value == {
        "a": "NO", "b": 1e-4, "c": 7, "d": True, "e": "true", "f": None, "g": "2024-03-01", "h": 0.5, "i": "on",
        "j": [1, "x"], "k": "two\nlines\n",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "x:1: not valid YAML"),
        ("a: &n [1]\nb: *n\n", "aliases (*name) are not supported"),
        ("a: " + "[" * 100 + "]" * 100, "nested deeper than 40 levels"),
        ("[a]: 1", "a key must be a word"),
        ("a: \x00", "not valid YAML"),
    ],
)
def test_yaml_that_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match="x") as caught:
        Document("x", text)
    assert message in str(caught.value)


@given(st.text(alphabet="abc:-[]{}&*#!|>'\" \n\t0123456789.%@?,~", max_size=60))
def test_any_text_is_a_document_or_a_config_error(text: str) -> None:
    try:
        Document("x", text)
    except ConfigError as error:
        assert error.problems


@pytest.mark.parametrize("content", ["", "- a\n", "just text\n"])
def test_a_file_that_is_no_mapping(folder: Path, content: str) -> None:
    assert problems(folder, content)[0].startswith("c.yaml: a mapping of keys to values is expected")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no\.yaml: there is no such file\."):
        load_experiment(tmp_path / "no.yaml")


def test_a_third_scheme_is_one_yaml_file(folder: Path) -> None:
    (folder / "configs" / "labels" / "tone.yaml").write_text(
        "name: tone\nquestion: How?\nmulti_label: false\nlabels:\n  NO: {definition: a}\n  b: {definition: b}\n"
    )
    with pytest.raises(ConfigError, match=r"tone\.yaml:5: labels\.NO: 'NO' is no name"):
        load_scheme("tone", folder)
    text = (folder / "configs" / "labels" / "tone.yaml").read_text().replace("NO:", "no:")
    (folder / "configs" / "labels" / "tone.yaml").write_text(text)
    assert load_scheme("tone", folder).label_names == ["no", "b"]


def test_with_changes_leaves_the_original_alone(folder: Path) -> None:
    path = folder / "c.yaml"
    path.write_text(GOOD, encoding="utf-8")
    model = load_experiment(path)[0].models["tfidf-logreg"]
    changed = with_changes(model, {"head.C": 5.0})
    assert changed.head.C == 5.0 and model.head.C == 1.0  # type: ignore[union-attr]


def shipped(kind: str) -> list[Path]:
    return sorted((Path(__file__).resolve().parents[2] / kind).rglob("*.yaml"))


def test_yaml_is_shipped() -> None:
    assert len(shipped("experiments")) >= 1 and len(shipped("configs")) >= 7


@pytest.mark.parametrize("path", shipped("experiments"), ids=lambda p: p.name)
def test_shipped_experiments_are_valid(path: Path) -> None:
    config, schemes = load_experiment(path)
    assert config.models and schemes
    root = path.parents[1]
    shipped_data = (*config.data.articles, *([config.data.gold] if config.data.gold else []))
    for name in (*shipped_data, *config.data.statements):
        # Public corpora are not part of the repository: their experiments say how to get and import them.
        assert (root / name).is_file() or "stance data import" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", shipped("configs"), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_shipped_building_blocks_are_valid(path: Path, folder: Path, repository: Path) -> None:
    if path.parent.name == "labels":
        scheme = load_scheme(path.stem, repository)
        assert scheme.name == path.stem
        assert all(label.definition and label.cues and label.examples for label in scheme.labels.values())
        assert all(label.hypothesis for label in scheme.labels.values())
    elif path.parent.name == "data":
        config, schemes = load_corpus(path.stem)
        assert config.name == path.stem and config.published and len(schemes) == len(config.schemes)
    elif path.parent.name == "behaviour":
        assert load_behaviour(str(path))[0].description
    else:
        text = GOOD.replace("[tfidf-logreg, majority]", f"[{path.stem}]")
        (folder / "c.yaml").write_text(text, encoding="utf-8")
        assert list(load_experiment(folder / "c.yaml")[0].models) == [path.stem]


def test_what_is_absent_must_be_a_label(folder: Path) -> None:
    (found,) = problems(folder, GOOD, "data.absent=[favour]")
    assert found == "override 'data.absent=[favour]': data.absent.0: 'favour' is no label (did you mean 'favor'?)."
