"""Who may be the champion: one rule for training and for persons, what got worse is named, decisions are kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tracking.test_tracking import SCHEME, aliases, register
from toolkit.answers import indicator
from toolkit.errors import TrackingError, UsageError
from toolkit.tracking import LoggedModel, Store, Table, champions, experiment_run, model_run, promote, provenance
from toolkit.tracking.runs import HELD_OUT, _dataset

ROWS = [
    {"statement_id": f"s{i}", "article_id": f"a{i // 4}", "text": f"text {i}", "kind": "direct",
     "source": "Post" if i % 3 else "Wire", "tone": "good" if i % 2 else "bad"}
    for i in range(160)
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, new_store) -> Store:
    return new_store(tmp_path_factory.mktemp("gate"))


def a_model(store: Store, folder: Path, wrong: set[int]) -> LoggedModel:
    """A run with its held-out table, as training logs it; the rows at ``wrong`` are answered wrongly."""
    import mlflow
    from sklearn.metrics import f1_score

    labels = list(SCHEME.labels)
    rows, given = [], []
    for i, row in enumerate(ROWS):
        label = row["tone"] if i not in wrong else {"good": "bad", "bad": "good"}[row["tone"]]
        given.append([label])
        probabilities = {name: 0.9 if name == label else 0.1 for name in labels}
        rows.append({**row, "gold": [row["tone"]], "labels": [label], "probabilities": probabilities})
    true = indicator([[row["tone"]] for row in ROWS], labels)
    macro = float(f1_score(true, indicator(given, labels), average="macro"))
    origin = provenance(folder, [], threads=1)
    with experiment_run(store, "gate", "", origin), model_run("tone", "majority", origin, {}) as run:
        mlflow.log_input(_dataset(mlflow, Table("held-out", "gold.jsonl", "tone", ROWS)), context=HELD_OUT)
        mlflow.log_metrics({"f1/macro": macro, "statements": len(ROWS)})
        mlflow.log_text("".join(json.dumps(row) + "\n" for row in rows), "held_out_predictions.jsonl")
        mlflow.log_dict(dict(SCHEME.to_dict()), "label_scheme.json")
        mlflow.log_dict({}, "config.json")
    return LoggedModel(run.run_id, folder.as_uri())


def test_what_got_worse_is_named_although_the_whole_is_better(store: Store, tmp_path: Path) -> None:
    wire = {i for i, row in enumerate(ROWS) if row["source"] == "Wire"}
    post = [i for i in range(len(ROWS)) if i not in wire]
    register(store, "named", a_model(store, tmp_path, set(post[:70])))
    second = register(store, "named", a_model(store, tmp_path, set(list(wire)[:45])))
    assert second.moved and second.judged.difference is not None
    (worse,) = second.judged.worse
    assert worse.startswith("source Wire (1.00 to 0.")
    assert second.decision.endswith(f"(difference {second.judged.difference}); worse on {worse}")
    tags = store.client().get_model_version("named", "2").tags
    assert (tags["worse_on"], tags["difference"]) == (worse, second.judged.difference)


def test_a_person_meets_the_same_rule_and_overrules_it_with_a_reason(store: Store, tmp_path: Path) -> None:
    good, poor = a_model(store, tmp_path, {1, 2}), a_model(store, tmp_path, set(range(0, 160, 3)))
    first, second = register(store, "ruled", good), register(store, "ruled", poor)
    assert not second.moved
    with pytest.raises(TrackingError) as caught:
        promote(store, "ruled", "2")
    # Training and a person are told the same.
    assert str(caught.value) == f"ruled: the champion stays version 1: {second.judged.reason}."
    assert "macro F1 0.99 against 0.66 on the same 160 held-out statements (difference -0.3" in str(caught.value)
    assert "worse on label bad (0.99 to 0.6" in str(caught.value)
    assert aliases(store, "ruled") == {"candidate": "2", "champion": "1"} and len(champions(store, "ruled")) == 1
    promote(store, "ruled", "2", overruling="faster")
    assert aliases(store, "ruled")["champion"] == "2"
    back = promote(store, "ruled", "1")
    assert (back.before, back.by, back.overruled) == ("2", "person", None)
    assert [(one.version, one.before, one.by, one.overruled) for one in champions(store, "ruled")] == [
        ("1", "2", "person", None),
        ("2", "1", "person", "faster"),
        ("1", None, "training", None),
    ]
    tags = store.client().get_model_version("ruled", "2").tags
    assert (tags["overruling"], tags["replaced"]) == ("faster", "1")
    assert tags["decision"].startswith("made champion by a person, against the gate, macro F1 0.99 against 0.66")
    assert first.judged.reason == "there was none"


def test_a_promotion_that_changes_nothing_and_other_aliases_are_no_decisions(store: Store, tmp_path: Path) -> None:
    model = a_model(store, tmp_path, {1})
    register(store, "quiet", model)
    register(store, "quiet", a_model(store, tmp_path, set(range(90))))
    assert promote(store, "quiet", "1").before == "1"
    assert promote(store, "quiet", "2", alias="trial").before is None
    assert aliases(store, "quiet") == {"candidate": "2", "champion": "1", "trial": "2"}
    assert len(champions(store, "quiet")) == 1


def test_a_run_without_its_table_is_judged_by_its_figures(store: Store, tmp_path: Path) -> None:
    first, second = (a_model(store, tmp_path, set(range(n))) for n in (40, 10))
    folder = Path(store.client().get_run(first.run_id).info.artifact_uri.removeprefix("file://"))
    (folder / "held_out_predictions.jsonl").unlink()
    register(store, "bare", first)
    moved = register(store, "bare", second)
    assert moved.moved and moved.judged.difference is None and moved.judged.reason.endswith("160 held-out statements")


def test_the_history_of_nothing(store: Store) -> None:
    with pytest.raises(UsageError, match="'nobody' is no registered model"):
        champions(store, "nobody")


def test_the_commands(trained_copy: Path, run_stance) -> None:
    for arguments in (["--force"], ["--reason", "why"], ["--force", "--reason", " "]):
        done = run_stance("models", "promote", "stance", "1", *arguments, cwd=trained_copy)
        assert done.returncode == 2 and "--force needs --reason TEXT" in done.stderr
    done = run_stance("models", "history", "stance", cwd=trained_copy)
    assert done.returncode == 0 and "training" in done.stderr and "there was none" in done.stderr
    done = run_stance("models", "history", "stanse", cwd=trained_copy)
    assert done.returncode == 2 and "did you mean 'stance'?" in done.stderr
    done = run_stance("models", "promote", "stance", "1", cwd=trained_copy)
    assert done.returncode == 0 and "models:/stance@champion is now version 1." in done.stderr
