"""Every family that starts from pretrained weights, with tiny models made here: learn, kill, resume, save, load."""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sentence_transformers", reason="needs the extra [transformers]")
pytest.importorskip("model2vec", reason="needs the extra [static]")

from tests import models
from toolkit.classifiers import Classifier, build, restore
from toolkit.classifiers.coding import with_findings
from toolkit.classifiers.ensemble import EnsembleModel
from toolkit.classifiers.heads import LogisticRegression
from toolkit.classifiers.linear import LinearModel
from toolkit.classifiers.pretrained.embeddings import EmbeddingsModel
from toolkit.classifiers.pretrained.few_shot import FewShotModel, draw_examples
from toolkit.classifiers.pretrained.fine_tuning import newest_checkpoint
from toolkit.classifiers.pretrained.job import Lora, TransformerModel
from toolkit.classifiers.pretrained.zero_shot import ZeroShotModel
from toolkit.codebook import Codebook
from toolkit.errors import ModelError, UsageError
from toolkit.inputs import Input
from toolkit.labels import LabelScheme, Rule
from toolkit.records import Statement
from toolkit.settings import ModelSettings
from toolkit.work import Silent, Work

HEAD = LogisticRegression(kind="logistic_regression")
LABELS = {"offer": "we are ready for talks now", "threat": "we will strike back"}
MULTI = LabelScheme.model_validate(
    {"name": "m", "question": "?", "multi_label": True, "labels": {n: {"definition": d} for n, d in LABELS.items()}}
)
SINGLE = LabelScheme.model_validate(
    {"name": "s", "question": "?", "multi_label": False, "labels": {n: {"definition": d} for n, d in LABELS.items()}}
)


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STANCE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("weights")
    return {
        "bert": models.bert(folder / "bert"),
        "nli": models.bert(folder / "nli", seed=4, labels=["contradiction", "neutral", "entailment"]),
        "static": models.static(folder / "static"),
    }


def examples(scheme: LabelScheme, n: int = 32) -> tuple[list[str], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    filler = "the minister said on monday that a report was about grain and the old bridge".split()
    targets = np.zeros((n, 2), dtype=np.int64)
    texts = []
    for i in range(n):
        targets[i, rng.integers(0, 2)] = 1
        if scheme.multi_label:
            targets[i] = rng.integers(0, 2, 2)
        said = [words for words, given in zip(LABELS.values(), targets[i], strict=True) if given]
        texts.append(" ".join([*rng.choice(filler, 4), *said]))
    return texts, targets, np.arange(n) % 4


def configs(weights: dict[str, Path]) -> dict[str, ModelSettings]:
    bert, linear = str(weights["bert"]), LinearModel(kind="linear", head=HEAD)
    frozen = EmbeddingsModel(kind="embeddings", model=bert, head=HEAD)
    tuned = {"kind": "transformer", "model": bert, "epochs": 4, "learning_rate": 3e-3, "batch_size": 8}
    return {
        "frozen": frozen,
        "static": EmbeddingsModel(kind="embeddings", model=str(weights["static"]), encoder="model2vec", head=HEAD),
        "few-shot": FewShotModel(
            kind="few_shot", model=bert, head=HEAD, examples_per_label=6, pairs_per_example=2, learning_rate=1e-3
        ),
        "transformer": TransformerModel(**tuned),
        "focal, balanced, stopping early, two seeds": TransformerModel(
            **tuned, loss="focal", class_weight="balanced", early_stopping=2, gradient_accumulation=2, seeds=2
        ),
        "lora": TransformerModel(**{**tuned, "learning_rate": 1e-2}, lora=Lora(r=4)),
        "zero-shot": ZeroShotModel(kind="zero_shot", model=str(weights["nli"])),
        "average": EnsembleModel(kind="ensemble", members={"a": frozen, "b": linear}, weights=[1.0, 3.0]),
        "stack": EnsembleModel(kind="ensemble", members={"a": frozen, "b": linear}, method="stack"),
    }


FAMILIES = list(configs({"bert": Path("x"), "nli": Path("x"), "static": Path("x")}))
SCHEMES = {scheme.name: scheme for scheme in (MULTI, SINGLE)}
LEARNERS = [name for name in FAMILIES if name != "zero-shot"]


def fitted(config: ModelSettings, scheme: LabelScheme, seed: int) -> Classifier:
    classifier = build(config, scheme, seed)
    classifier.fit(*examples(scheme), Work(threads=1))
    return classifier


@pytest.fixture(scope="module")
def learnt(weights: dict[str, Path]) -> Callable[[str, LabelScheme], Classifier]:
    """A family trained with the seed 3 and left alone, once for all tests; they must not change it."""
    return functools.cache(lambda family, scheme: fitted(configs(weights)[family], SCHEMES[scheme], 3))


@pytest.mark.parametrize("scheme", [MULTI, SINGLE], ids=["multi", "single"])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_learns_twice_the_same_and_comes_back_bit_for_bit(
    family: str, scheme: LabelScheme, weights: dict[str, Path], learnt, tmp_path: Path
) -> None:
    config = configs(weights)[family]
    texts, _, _ = examples(scheme)
    classifier = fitted(config, scheme, 3)
    first = classifier.predict_proba(texts)
    assert first.shape == (len(texts), 2) and ((first >= 0) & (first <= 1)).all()
    assert (first == learnt(family, scheme.name).predict_proba(texts)).all()
    if not scheme.multi_label:
        assert first.sum(axis=1) == pytest.approx(1)
    told = json.loads(json.dumps(classifier.save(tmp_path)))
    assert {p.suffix for p in tmp_path.rglob("*") if p.is_file()} <= {".safetensors", ".json", ".txt"}
    again = restore(config, scheme, tmp_path, told)
    # Embeddings come from the cache while training: their last bits depend on the texts they were computed with.
    exact = family not in ("frozen", "average", "stack")
    assert again.predict_proba(texts) == pytest.approx(first, abs=0 if exact else 1e-5)
    # Rows in, rows out, whatever the order and the number.
    assert again.predict_proba(texts[:1]).shape == (1, 2)
    assert again.predict_proba(texts[::-1])[::-1] == pytest.approx(first, abs=1e-5)


@pytest.mark.parametrize("scheme", [MULTI, SINGLE], ids=["multi", "single"])
def test_a_new_head_answers_the_shares_of_the_labels_before_it_has_learnt(
    scheme: LabelScheme, weights: dict[str, Path]
) -> None:
    texts, _, folds = examples(scheme)
    rare = np.tile([0, 1], (len(texts), 1))
    rare[:4] = [1, 0]
    config = configs(weights)["transformer"].model_copy(update={"learning_rate": 1e-12, "epochs": 1})
    classifier = build(config, scheme, 3)
    classifier.fit(texts, rare, folds, Work(threads=1))
    assert classifier.predict_proba(texts).mean(axis=0) == pytest.approx([1 / 8, 7 / 8], abs=0.1)
    weighted = build(config.model_copy(update={"class_weight": "balanced"}), scheme, 3)
    weighted.fit(texts, rare, folds, Work(threads=1))
    assert weighted.predict_proba(texts).mean(axis=0) == pytest.approx([0.5, 0.5], abs=0.2)


def test_a_head_that_the_weights_bring_is_gone_on_with(tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = models.bert(tmp_path / "own", seed=2, labels=list(LABELS))
    config = TransformerModel(kind="transformer", model=str(folder), epochs=1, learning_rate=1e-12)
    texts, targets, folds = examples(SINGLE)
    classifier = build(config, SINGLE, 3)
    classifier.fit(texts, targets, folds, Work(threads=1))
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    pieces = AutoTokenizer.from_pretrained(folder)(texts, padding=True, return_tensors="pt")
    assert classifier.predict_proba(texts) == pytest.approx(
        model(**pieces).logits.softmax(-1).detach().numpy(), abs=1e-5
    )


def test_what_the_rules_find_is_read_before_the_text(weights: dict[str, Path], tmp_path: Path) -> None:
    rule = Rule.model_validate(
        {"verbs": ["offer"], "counts": ["we offer talks"], "does_not_count": ["they offer talks"]}
    )
    labels = {**MULTI.labels, "offer": MULTI.labels["offer"].model_copy(update={"rules": {"offers": rule}})}
    scheme = MULTI.model_copy(update={"labels": labels})
    said = [("", "they are ready", None), ("offer by offers; ", "we offer a talk", None)]
    said += [
        ("not offer by offers; ", "we never offer a talk", None),
        ("offer by offers; ", "to pay the price", "offered"),
    ]
    texts = [
        Input.of(text, Statement("s", "a", text, (), "indirect", "the minister", cue=cue)) for _, text, cue in said
    ]
    assert with_findings(Codebook(scheme), texts) == [before + text for before, text, _ in said]

    config = configs(weights)["transformer"].model_copy(update={"codebook": True})
    classifier = build(config, scheme, 3)
    classifier.fit(texts * 8, np.tile([[0, 0], [1, 0], [0, 0], [1, 0]], (8, 1)), np.arange(32) % 4, Work(threads=1))
    first = classifier.predict_proba(texts)
    assert first[3, 0] != pytest.approx(classifier.predict_proba(["to pay the price"])[0, 0], abs=1e-3)
    again = restore(config, scheme, tmp_path, json.loads(json.dumps(classifier.save(tmp_path))))
    assert (again.predict_proba(texts) == first).all()


def test_several_templates_are_averaged(weights: dict[str, Path]) -> None:
    texts, found = examples(MULTI)[0][:6], []
    for templates in (["{}"], ["we say {}"], ["{}", "we say {}"]):
        config = ZeroShotModel(kind="zero_shot", model=str(weights["nli"]), templates=templates)
        found.append(fitted(config, MULTI, 0).predict_proba(texts))
    assert (found[0] != found[1]).any() and found[2] == pytest.approx((found[0] + found[1]) / 2)


def test_answers_in_bf16_are_near_those_in_fp32_and_given_where_the_processor_has_it(
    weights: dict[str, Path], learnt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, texts = configs(weights)["transformer"], examples(MULTI)[0]
    told = learnt("transformer", "m").save(tmp_path)
    half = config.model_copy(update={"precision": "bf16"})
    fp32 = restore(config, MULTI, tmp_path, told).predict_proba(texts)
    found = {}
    for has in (True, False):
        monkeypatch.setattr("toolkit.classifiers.pretrained.transformer.has_bf16", lambda device, has=has: has)
        found[has] = restore(half, MULTI, tmp_path, told).predict_proba(texts)
    assert (found[False] == fp32).all()
    assert (found[True] != fp32).any() and found[True] == pytest.approx(fp32, abs=0.05)


@pytest.mark.parametrize("family", ["frozen", "static", "few-shot", "transformer", "average", "stack"])
def test_what_can_be_learnt_is_learnt(family: str, weights: dict[str, Path]) -> None:
    texts, targets, folds = examples(SINGLE, 48)
    config = configs(weights)[family]
    if family == "transformer":
        config = config.model_copy(update={"epochs": 15})
    classifier = build(config, SINGLE, seed=3)
    classifier.fit(texts[:32], targets[:32], folds[:32], Work(threads=1))
    right = classifier.predict_proba(texts[32:]).argmax(axis=1) == targets[32:].argmax(axis=1)
    assert right.mean() > 0.8


@pytest.mark.parametrize("family", ["few-shot", "transformer", "lora"])
def test_another_seed_trains_another_model(family: str, weights: dict[str, Path], learnt) -> None:
    texts, _, _ = examples(MULTI)
    other = fitted(configs(weights)[family], MULTI, 2)
    assert not np.allclose(other.predict_proba(texts), learnt(family, "m").predict_proba(texts))


class Heard(Silent):
    def __init__(self) -> None:
        self.told: list[tuple[str, float, int]] = []

    def tell(self, name: str, value: float, at: int) -> None:
        self.told.append((name, value, at))


class Killed(BaseException):
    """Stands for a kill."""


@pytest.mark.parametrize("family", ["transformer", "focal, balanced, stopping early, two seeds", "lora"])
@pytest.mark.parametrize("damage", ["none", "emptied", "changed", "half"])
def test_a_killed_training_resumes_and_ends_as_if_it_had_not_been_killed(
    family: str, damage: str, weights: dict[str, Path], learnt, tmp_path: Path
) -> None:
    """Promise 20: the newest checkpoint may be half-written; the one before it is taken."""
    config = configs(weights)[family]
    texts, targets, folds = examples(MULTI)
    whole = learnt(family, "m")

    class DiesAt(Silent):
        def __init__(self, step: int) -> None:
            self.step_of_death = step

        def tell(self, name: str, value: float, at: int) -> None:
            if at >= self.step_of_death:
                raise Killed

    last = 9 if "focal" not in family else 5
    with pytest.raises(Killed):
        build(config, MULTI, seed=3).fit(texts, targets, folds, Work(tmp_path, DiesAt(last), 1))
    checkpoints = sorted(tmp_path.rglob("checkpoint-*"), key=lambda p: int(p.name.rpartition("-")[2]))
    assert len(checkpoints) == 2
    newest = checkpoints[-1]
    weights_file = next(newest.glob("*.safetensors"))
    if damage == "emptied":
        for path in newest.iterdir():
            path.write_bytes(b"")
    elif damage == "changed":
        content = weights_file.read_bytes()
        weights_file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif damage == "half":
        (newest / "optimizer.pt").unlink()
    kept = newest_checkpoint(newest.parent)
    assert kept == (newest if damage == "none" else checkpoints[0])
    resumed, heard = build(config, MULTI, seed=3), Heard()
    resumed.fit(texts, targets, folds, Work(tmp_path, heard, 1))
    told = [step for _, _, step in heard.told]
    assert (resumed.predict_proba(texts) == whole.predict_proba(texts)).all()
    if damage == "none" and "focal" not in family:
        assert told and min(told) > last - last % 4  # it went on from the newest, not from the start


def test_embeddings_are_computed_once(
    weights: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path))
    texts, targets, folds = examples(MULTI)
    config = configs(weights)["frozen"]
    first = build(config, MULTI, seed=3)
    first.fit(texts, targets, folds)
    second = build(config, MULTI, seed=3)
    monkeypatch.setattr(type(second), "_encode", lambda self, texts: pytest.fail(f"computed again: {texts[:1]}"))
    second.fit(texts, targets, folds)
    third = build(config.model_copy(update={"max_length": 9}), MULTI, seed=3)
    with pytest.raises(pytest.fail.Exception, match="computed again"):
        third.fit(texts, targets, folds)


def test_few_examples_of_every_label_and_of_none_are_drawn() -> None:
    _, targets, _ = examples(MULTI, 200)
    drawn = draw_examples(targets, 3, seed=1)
    for has in (*targets.T, targets.sum(axis=1) == 0):
        assert np.asarray(has)[drawn].sum() >= 3
    assert len(drawn) <= 9 and (drawn == np.sort(drawn)).all()
    assert (drawn == draw_examples(targets, 3, seed=1)).all() and not np.array_equal(
        drawn, draw_examples(targets, 3, 2)
    )
    assert len(draw_examples(targets, None, seed=1)) == 200


# ------------------------------------------------------------------------------- what cannot or must not be loaded


def fit(config: ModelSettings) -> None:
    texts, targets, folds = examples(MULTI, 12)
    build(config, MULTI, seed=3).fit(texts, targets, folds)


def test_a_model_that_cannot_be_had_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(
        ModelError, match=r"'nobody/nothing' is no folder here and cannot be had from the Hugging Face hub"
    ):
        fit(EmbeddingsModel(kind="embeddings", model="nobody/nothing", head=HEAD))
    with pytest.raises(ModelError, match=r"\./nowhere: there is no such folder"):
        fit(TransformerModel(kind="transformer", model="./nowhere"))


def copied(weights: dict[str, Path], name: str, folder: Path) -> Path:
    shutil.copytree(weights[name], folder)
    return folder


def test_other_weights_than_safetensors_are_refused(weights: dict[str, Path], tmp_path: Path) -> None:
    folder = copied(weights, "bert", tmp_path / "bin")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"holds no \.safetensors weights"):
        fit(TransformerModel(kind="transformer", model=str(folder)))


def test_code_that_comes_with_weights_is_not_run(weights: dict[str, Path], tmp_path: Path) -> None:
    folder = copied(weights, "bert", tmp_path / "code")
    told = json.loads((folder / "config.json").read_text())
    marker = tmp_path / "ran"
    (folder / "theirs.py").write_text(f"open({str(marker)!r}, 'w')\n")
    told["auto_map"] = {"AutoModelForSequenceClassification": "theirs.Model", "AutoModel": "theirs.Model"}
    (folder / "config.json").write_text(json.dumps(told))
    for config in (
        TransformerModel(kind="transformer", model=str(folder)),
        EmbeddingsModel(kind="embeddings", model=str(folder), head=HEAD),
        ZeroShotModel(kind="zero_shot", model=str(folder)),
    ):
        with pytest.raises(ModelError, match=r"brings Python code of its own \(config\.json\), which is run only with"):
            fit(config)
    assert not marker.exists()


@pytest.mark.parametrize("family", ["transformer", "zero-shot"])
def test_missing_or_unexpected_weights_are_refused(family: str, weights: dict[str, Path], tmp_path: Path) -> None:
    """Promise 5: by themselves the libraries would put random numbers there."""
    from safetensors.numpy import load_file, save_file

    config = configs(weights)[family]
    texts, targets, folds = examples(MULTI, 12)
    classifier = build(config, MULTI, seed=3)
    classifier.fit(texts, targets, folds)
    told = classifier.save(tmp_path)
    path = next(tmp_path.rglob("model.safetensors"))
    tensors = load_file(path)
    save_file({k: v for k, v in tensors.items() if not k.startswith("classifier")}, path, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"the checkpoint lacks 'classifier\.(bias|weight)' \(2 such weights\)"):
        restore(config, MULTI, tmp_path, told).predict_proba(["a"])
    save_file({**tensors, "surplus.weight": tensors["classifier.bias"]}, path, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"the checkpoint has unexpected 'surplus\.weight'"):
        restore(config, MULTI, tmp_path, told).predict_proba(["a"])


def test_an_encoder_that_lacks_a_layer_is_refused(weights: dict[str, Path], tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = copied(weights, "bert", tmp_path / "lacking")
    tensors = load_file(folder / "model.safetensors")
    kept = {k: v for k, v in tensors.items() if "layer.1.attention" not in k}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    for config in (
        EmbeddingsModel(kind="embeddings", model=str(folder), head=HEAD),
        TransformerModel(kind="transformer", model=str(folder)),
    ):
        with pytest.raises(ModelError, match=r"lacks .*layer\.1\.attention"):
            fit(config)


def test_a_model_that_is_no_nli_model_is_refused(weights: dict[str, Path], tmp_path: Path) -> None:
    other = models.bert(tmp_path / "other", labels=["good", "bad"])
    classifier = build(ZeroShotModel(kind="zero_shot", model=str(other)), MULTI, seed=3)
    classifier.fit(["a"], np.array([[1, 0]]), np.array([0]))
    with pytest.raises(ModelError, match="is no NLI model: its labels are good, bad"):
        classifier.predict_proba(["a"])


# ------------------------------------------------------------------------------------------------ several processes


@pytest.mark.slow
def test_two_processes_train_one_model_and_resume(
    weights: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STANCE_PROCESSES", "2")
    config = configs(weights)["transformer"].model_copy(update={"epochs": 15, "batch_size": 4})
    texts, targets, folds = examples(SINGLE, 48)
    heard = Heard()
    answers = []
    for place in (
        tmp_path,
        tmp_path,
    ):  # the second goes on from the last checkpoint of the first: nothing is left to do
        classifier = build(config, SINGLE, seed=3)
        classifier.fit(texts[:32], targets[:32], folds[:32], Work(place, heard, 1))
        answers.append(classifier.predict_proba(texts[32:]))
    assert (answers[0] == answers[1]).all()
    assert (answers[0].argmax(axis=1) == targets[32:].argmax(axis=1)).mean() > 0.8
    assert max(step for _, _, step in heard.told) == 15 * 32 // (2 * 4)
    assert "training/loss" in {name for name, *_ in heard.told}


@pytest.mark.slow
def test_what_goes_wrong_in_a_process_is_told_in_one_sentence(
    weights: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANCE_PROCESSES", "2")
    with pytest.raises(ModelError, match=r"fine-tuning in 2 processes failed: .*nowhere: there is no such folder"):
        fit(TransformerModel(kind="transformer", model="./nowhere"))


def test_a_number_of_processes_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCE_PROCESSES", "many")
    with pytest.raises(UsageError, match="STANCE_PROCESSES=many: give a whole number from 1 to 1024"):
        fit(TransformerModel(kind="transformer", model="./nowhere"))
