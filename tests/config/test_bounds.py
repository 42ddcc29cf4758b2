"""What a slip of the finger or a stranger's file could ask for is refused at once, in one sentence with its place."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import annotated_types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from tests.config.test_config import GOOD, folder, problems
from tests.limits import in_little_memory
from toolkit.classifiers.base import KINDS
from toolkit.config import ExperimentConfig, load_experiment, load_scheme
from toolkit.errors import ConfigError
from toolkit.labels import LabelScheme
from toolkit.settings import PlainName

__all__ = ["folder"]

UNBOUNDED = {"Range.low", "Range.high"}
"""Bounds of a search space: both ends are tried as values of the model."""


# ------------------------------------------------------------------------------------------------- no number is free


def numbers(hint: Any, bounded: bool, where: str) -> Iterator[str]:
    """Yield the places of numbers that may be as large as anybody likes."""
    if get_origin(hint) is Annotated:
        hint, *metadata = get_args(hint)
        if not any(hasattr(one, "metadata") and _ends(one.metadata) for one in metadata):
            bounded = bounded or _ends(metadata)
            yield from numbers(hint, bounded, where)
    elif hint in (int, float) and not bounded:
        yield where
    elif get_origin(hint) in (list, dict, tuple, typing.Union, types.UnionType):
        for below in get_args(hint):
            yield from numbers(below, bounded, where)
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from unbounded(hint)


def _ends(metadata: Any) -> bool:
    return any(isinstance(one, annotated_types.Le | annotated_types.Lt | annotated_types.Interval) for one in metadata)


def unbounded(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name not in ("models", "members"):
            yield from numbers(field.annotation, _ends(field.metadata), f"{model.__name__}.{name}")


@pytest.mark.parametrize("model", [ExperimentConfig, *KINDS], ids=lambda model: model.__name__)
def test_every_number_of_a_configuration_has_an_upper_bound(model: type[BaseModel]) -> None:
    own = {"thresholds"}  # checked by a validator: between 0 and 1
    found = {one for one in unbounded(model) if one.rpartition(".")[2] not in own}
    assert found - UNBOUNDED == set()


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("tuning.folds=5000", "tuning.folds: input should be less than or equal to 100, not 5000."),
        ("tuning.repeats=2000", "tuning.repeats: input should be less than or equal to 1000, not 2000."),
        ("evaluation.resamples=2000000", "evaluation.resamples: input should be less than or equal to 1000000, not 2000000."),
        ("threads=4000", "threads: input should be less than or equal to 1024, not 4000."),
        ("split={kind: nested, folds: 5000}", "split.folds: input should be less than or equal to 100, not 5000."),
        ("data.at_most=10000000000", "data.at_most: input should be less than or equal to 1000000000, not 10000000000."),
        ("seed=99999999999", "seed: input should be less than 2147483648, not 99999999999."),
        (f"seed={'9' * 5000}", "a number of 5000 digits; at most 400 are read."),
        ("data.min_overlap=1e999", "data.min_overlap: input should be a finite number, not inf."),
    ],
)  # fmt: skip
def test_three_zeros_too_many_are_told_at_once(folder: Path, override: str, told: str) -> None:
    assert (
        problems(folder, GOOD, override) == [f"override '{override}': {told}"]
        or told in problems(folder, GOOD, override)[0]
    )


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("{kind: linear, head: {kind: sgd}, word_ngrams: [1, 2000]}", "m.word_ngrams.1: input should be less than or equal to 10"),
        ("{kind: linear, head: {kind: sgd}, char_ngrams: [0, 2]}", "m.char_ngrams.0: input should be greater than or equal to 1"),
        ("{kind: linear, head: {kind: linear_svm, C: 1.0e+9}}", "m.head.C: input should be less than or equal to 1000000"),
        ("{kind: linear, head: {kind: sgd, alpha: 1.0e+9}}", "m.head.alpha: input should be less than or equal to 1000000"),
        ("{kind: transformer, model: x, epochs: 5000}", "m.epochs: input should be less than or equal to 1000"),
        ("{kind: transformer, model: x, seeds: 5000}", "m.seeds: input should be less than or equal to 100"),
        ("{kind: transformer, model: x, batch_size: 16000}", "m.batch_size: input should be less than or equal to 4096"),
        ("{kind: transformer, model: x, max_length: 128000}", "m.max_length: input should be less than or equal to 32768"),
        ("{kind: transformer, model: x, gradient_accumulation: 8000}", "m.gradient_accumulation: input should be less than"),
        ("{kind: transformer, model: x, learning_rate: 5.0e+5}", "m.learning_rate: input should be less than or equal to 1"),
        ("{kind: transformer, model: x, lora: {r: 8000}}", "m.lora.r: input should be less than or equal to 4096"),
        ("{kind: transformer, model: x, early_stopping: 3000}", "m.early_stopping: input should be less than or equal to 1000"),
        ("{kind: few_shot, model: x, head: {kind: sgd}, examples_per_label: 16000}", "m.examples_per_label: input should be less"),
        ("{kind: few_shot, model: x, head: {kind: sgd}, pairs_per_example: 20000}", "m.pairs_per_example: input should be less"),
        ("{kind: few_shot, model: x, head: {kind: sgd}, epochs: 1001}", "m.epochs: input should be less than or equal to 1000"),
        ("{kind: majority, search: {space: {abstain_below: [0.5]}, trials: 20000}}", "m.search.trials: input should be less"),
        (
            f"{{kind: majority, search: {{space: {{abstain_below: [{'0.5,' * 101}], input: [{'[text],' * 100}]}}}}}}",
            "m.search: a grid of 10,100 points; at most 10,000 are allowed",
        ),
    ],
)  # fmt: skip
def test_models_are_bounded_too(folder: Path, model: str, told: str) -> None:
    found = problems(folder, GOOD.replace("[tfidf-logreg, majority]", f"{{m: {model}}}"))
    assert len(found) == 1 and found[0].startswith("c.yaml:7: models.m") and told in found[0]


def test_the_ends_of_a_search_space_are_bounded_as_the_model_is(folder: Path) -> None:
    space = "{batch_size: {low: 8, high: 9000}}"
    model = f"{{m: {{kind: transformer, model: x, search: {{method: tpe, space: {space}}}}}}}"
    found = problems(folder, GOOD.replace("[tfidf-logreg, majority]", model))
    assert found == [
        "c.yaml:7: models.m.search.space.batch_size: Input should be less than or equal to 4096, not 9000."
    ]


def test_the_command_ends_with_2(folder: Path, run_stance) -> None:
    (folder / "c.yaml").write_text(GOOD, encoding="utf-8")
    done = run_stance("train", "c.yaml", "evaluation.resamples=2000000", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "evaluation.resamples: input should be less than or equal to" in done.stderr


# ------------------------------------------------------------------------------------------------------ each once


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace("[stance, sentiment]", "[stance, stance]"), "c.yaml:6: schemes: 'stance' stands twice."),
        (
            GOOD.replace("[stance, sentiment]", "[stance, configs/labels/stance.yaml]"),
            "c.yaml:6: schemes.1: 'configs/labels/stance.yaml' is a second scheme of the name 'stance'.",
        ),
        (
            GOOD.replace("[tfidf-logreg, majority]", "[majority, majority]"),
            "c.yaml:7: models.1: 'majority' stands twice.",
        ),
        (GOOD + "candidates: [majority, majority]\n", "c.yaml:8: candidates: 'majority' stands twice."),
        (GOOD.replace("[a.jsonl]", "[a.jsonl, a.jsonl]"), "c.yaml:4: data.articles: 'a.jsonl' stands twice."),
        (GOOD + "split: {kind: leave_out, sources: [a, a]}\n", "c.yaml:8: split.sources: 'a' stands twice."),
        (GOOD + "split: {kind: fixed, held_out: [a, a]}\n", "c.yaml:8: split.held_out: 'a' stands twice."),
    ],
)
def test_what_is_named_stands_once(folder: Path, text: str, told: str) -> None:
    assert problems(folder, text) == [told]


# ---------------------------------------------------------------------------------------------------------- names


HOSTILE = [
    "../../x",
    "a/b",
    "/etc/passwd",
    "..",
    ".",
    "",
    " ",
    "a\0b",
    "a\nb",
    "a\n",
    "a\\b",
    "x" * 300,
    "-x",
    "a:b",
    "models:/x",
]
HOSTILE += ["a ", " a", "caf\u0301e/", "a\u202eb", "a\tb", "*", "a%2fb", "CON:", "~", "$HOME", "a'b", 'a"b']


def quoted(name: str) -> str:
    return '"' + "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else c for c in name) + '"'


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_name_that_could_lead_elsewhere_is_refused(folder: Path, name: str) -> None:
    found = problems(folder, GOOD.replace("name: x", f"name: {quoted(name)}"))
    assert len(found) == 1 and found[0].startswith("c.yaml:1: name: a name is letters and digits, with spaces and")
    assert len(found[0]) < 300
    found = problems(folder, GOOD.replace("[tfidf-logreg, majority]", f"{{? {quoted(name)} : {{kind: majority}}}}"))
    assert len(found) == 1 and found[0].startswith("c.yaml:7: models.") and "a name is letters and digits" in found[0]


@pytest.mark.parametrize(
    "name", ["x", "tfidf-logreg", "Run 3 (C=1.0, l2)", "Übersicht", "7", "реальность_2", "a" * 100]
)
def test_names_that_people_give_are_good(folder: Path, name: str) -> None:
    (folder / "c.yaml").write_text(GOOD.replace("name: x", f"name: {quoted(name)}"), encoding="utf-8")
    assert load_experiment(folder / "c.yaml")[0].name == name


@given(st.text(max_size=120))
def test_a_name_never_leads_out_of_a_folder(name: str) -> None:
    try:
        TypeAdapter(PlainName).validate_python(name)
    except ValidationError:
        return
    path = Path("/root/of/all") / name
    assert path.parent == Path("/root/of/all") and path.resolve().parent == Path("/root/of/all")
    assert name.isprintable() and len(name) <= 100


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd", "a\0b", "x" * 300, "", "."], ids=ascii)
@pytest.mark.parametrize("key", ["schemes", "models"])
def test_a_building_block_of_such_a_name_is_not_there(folder: Path, key: str, name: str) -> None:
    value = {"schemes": "[stance, sentiment]", "models": "[tfidf-logreg, majority]"}[key]
    found = problems(folder, GOOD.replace(value, f"[{quoted(name)}]"))
    where = "c.yaml:6: schemes.0: " if key == "schemes" else "c.yaml:7: models.0: "
    assert (
        len(found) == 1
        and found[0].startswith(where)
        and f"is not in configs/{'labels' if key == 'schemes' else key}" in found[0]
    )


def scheme(**changes: Any) -> dict[str, Any]:
    labels = {name: {"definition": name} for name in ("bad", "good")}
    return {"name": "tone", "question": "?", "multi_label": False, "labels": labels, **changes}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "../x"}, "is no name: lower-case letters, digits and _ are allowed, a letter first, at most 60 characters"),
        ({"name": "x" * 61}, "at most 60 characters"),
        ({"name": "text"}, "'text' is taken by the toolkit"),
        ({"name": "model"}, "'model' is taken by the toolkit"),
        ({"name": "confidence"}, "'confidence' is taken by the toolkit"),
        ({"labels": {"bad": {"definition": "b"}, "withheld": {"definition": "w"}}}, "'withheld' is taken by the toolkit"),
        ({"labels": {"bad": {"definition": "b"}, "macro": {"definition": "m"}}}, "'macro' is taken by the toolkit"),
        ({"labels": {"a": {"definition": "b", "cues": ["a{99999999999999999999}"]}, "b": {"definition": "b"}}}, "is no regular expression"),
        ({"labels": {"a": {"definition": "b", "cues": ["(" * 50_000]}, "b": {"definition": "b"}}}, "is no regular expression"),
    ],
)  # fmt: skip
def test_a_label_scheme_names_no_column_twice(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        LabelScheme.model_validate(scheme(**changes))


# ---------------------------------------------------------------------------------------------------------- bombs


BOMBS = {
    "laughs": "'a: &a [1, 1]\\n' + ''.join(f'{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\\n' for i in range(24))",
    "itself": "'a: &a [*a]'",
    "merged": "'a: &a {x: 1}\\nb: {<<: *a}'",
    "deep": "'a: ' + '[' * 900_000",
    "deep blocks": "'\\n'.join(' ' * i + 'a:' for i in range(1400))",
    "questions": "'? ' * 400_000",
    "digits": "'seed: ' + '9' * 900_000",
    "huge": "'#' * 300_000_000",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_in_yaml_ends_in_one_sentence(tmp_path: Path, bomb: str) -> None:
    done = in_little_memory(
        f"""
        from pathlib import Path
        from toolkit.config import load_experiment, load_scheme
        from toolkit.errors import ConfigError
        root = Path({str(tmp_path)!r})
        (root / "c.yaml").write_text({BOMBS[bomb]})
        for load in (lambda: load_experiment(root / "c.yaml"), lambda: load_scheme("c.yaml", root)):
            try:
                load()
            except ConfigError as error:
                print(error)
        """
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert len(told) == 2 and all("c.yaml" in line and len(line) < 300 for line in told), told


def test_a_scheme_that_is_too_large_is_no_scheme(folder: Path) -> None:
    (folder / "configs/labels/large.yaml").write_bytes(b"#" * (2**20 + 1))
    with pytest.raises(ConfigError, match=r"large\.yaml: is larger than 1 MiB, which no configuration is\."):
        load_scheme("large", folder)
