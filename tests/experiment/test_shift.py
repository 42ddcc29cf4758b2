"""Experiments over time and over size: what trains, what is told, and what is logged."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from toolkit.config import load_experiment
from toolkit.errors import ConfigError, SplitError
from toolkit.experiment import run_experiment
from toolkit.experiment.data import load_data, make_plan
from toolkit.storage import SetAside
from toolkit.tracking import open_store
from toolkit.work import Silent

TEXTS = {
    "conciliatory": "We will meet envoy {i} and offer {i} boats to talk about peace number {i}",
    "threatening": "We will strike depot {i} and impose sanctions number {i} on bank {i}",
    "denial": "We deny report {i} and never sent letter {i} to clerk {i}",
    "": "The committee met on day {i} and read page {i} of volume {i}",
}


@pytest.fixture
def folder(project: Path) -> Path:
    rows = []
    for i in range(160):
        label = list(TEXTS)[i % 4]
        month = 1 + i // 20
        rows.append(
            {
                "statement_id": f"s{i}",
                "article_id": f"a{i // 2}",
                "text": TEXTS[label].format(i=i),
                "published": None if i in (0, 1) else "2023" if i == 2 else f"2023-{month:02}-0{1 + i % 9}",
                "stance": [label] if label else [],
            }
        )
    path = project / "data" / "dated.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return project


def experiment(folder: Path, **changes: object) -> Path:
    told = {
        "name": "shift",
        "seed": 7,
        "data": {"statements": ["data/dated.jsonl"]},
        "schemes": ["stance"],
        "models": {"naive": {"kind": "linear", "head": {"kind": "complement_nb"}, "thresholds": 0.5}},
        "tuning": {"folds": 3, "repeats": 1},
        "evaluation": {"resamples": 100},
        "register_champion": False,
        **changes,
    }
    path = folder / "experiments" / "shift.yaml"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def trained(folder: Path, **changes: object):
    config, schemes = load_experiment(experiment(folder, **changes))
    return run_experiment(config, schemes, folder, open_store(folder))


def artifact(folder: Path, run_id: str, name: str) -> list[dict[str, str]]:
    place = open_store(folder).client().download_artifacts(run_id, name)
    return list(csv.DictReader(io.StringIO(Path(place).read_text(encoding="utf-8"))))


def test_months_before_train_and_undated_statements_are_told(folder: Path) -> None:
    path = experiment(folder, split={"kind": "rolling", "start": "2023-05", "months": 2})
    config, schemes = load_experiment(path)
    _, data = load_data(config, schemes, folder, Silent(), SetAside())
    plan = make_plan(config, schemes, data)
    months = [(statement.published or "")[5:7] for statement in data.statements]
    assert [{months[i] for i in part.held_out} for part in plan.parts] == [{"05", "06"}, {"07", "08"}]
    assert max(months[i] for i in plan.parts[0].train) == "04" and max(months[i] for i in plan.parts[1].train) == "06"
    assert plan.undated == (0, 1, 2) and len(plan.final.train) == 157


@pytest.mark.usefixtures("undrawn")
def test_the_gap_is_logged_with_its_interval(folder: Path) -> None:
    outcome = trained(folder, split={"kind": "rolling", "start": "2023-05", "months": 2, "gap": True})
    ((scheme, model, gap),) = outcome.gaps
    assert (scheme, model, gap.name) == ("stance", "naive", "f1/macro")
    assert gap.shifted.value == outcome.rows[0].figures["macro F1"].value == outcome.rows[0].cv
    assert gap.difference.value == pytest.approx(gap.shifted.value - gap.in_domain.value)
    assert gap.difference.support == 80 and "of months that a model had not seen" in outcome.rows[0].criterion
    (line,) = artifact(folder, outcome.run_id, "gap.csv")
    assert float(line["difference"]) == pytest.approx(gap.difference.value, abs=1e-6)
    undated = open_store(folder).client().download_artifacts(outcome.run_id, "undated.jsonl")
    assert len(Path(undated).read_text(encoding="utf-8").splitlines()) == 3


@pytest.mark.usefixtures("undrawn")
def test_a_curve_is_logged_by_size_on_the_same_held_out_part(folder: Path) -> None:
    outcome = trained(folder, split={"kind": "grouped"}, curve={"sizes": [50, 80], "draws": 2})
    points = [point for _, _, point in outcome.curves]
    assert [point.asked for point in points] == [50, 80, None]
    assert [len(point.values) for point in points] == [2, 2, 1] and [point.trained for point in points][:2] == [50, 80]
    assert points[2].trained == len(outcome.plan.final.train)
    assert points[2].figure.value == outcome.rows[0].figures["macro F1"].value
    lines = artifact(folder, outcome.run_id, "learning_curve.csv")
    assert [line["size"] for line in lines] == ["50", "80", "all"]
    store = open_store(folder).client()
    run = next(
        r for r in store.search_runs([store.get_run(outcome.run_id).info.experiment_id]) if "curve" in r.data.metrics
    )
    assert [m.step for m in store.get_metric_history(run.info.run_id, "curve")] == [
        50,
        80,
        len(outcome.plan.final.train),
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"curve": [500]}, "500 statements cannot be drawn: the training part has"),
        ({"curve": [8]}, r"curve.sizes: 8 statements, draw 1: too few examples of the label"),
        ({"split": {"kind": "rolling", "start": "2024-05"}}, "no statement was published in 2024-05 or later"),
        ({"split": {"kind": "rolling", "start": "2023-01", "months": 3}}, None),
    ],
)
def test_what_cannot_be_divided_is_told_before_training(
    folder: Path, changes: dict[str, object], told: str | None
) -> None:
    config, schemes = load_experiment(experiment(folder, **changes))
    if told is None:  # the first window has nothing before it and is passed over
        _, data = load_data(config, schemes, folder, Silent(), SetAside())
        assert len(make_plan(config, schemes, data).parts) == 2
        return
    with pytest.raises(SplitError, match=told):
        run_experiment(config, schemes, folder, open_store(folder))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"curve": [80, 50]}, "curve.sizes: sizes ascend, and none stands twice"),
        ({"curve": []}, "curve.sizes: list should have at least 1 item"),
        ({"curve": {"sizes": [50], "draw": 2}}, "curve.draw: unknown key (did you mean 'draws'?)."),
        (
            {"curve": [50], "split": {"kind": "nested"}},
            "a learning curve needs one held-out part: split.kind grouped or fixed, not nested",
        ),
        (
            {"split": {"kind": "rolling", "start": "2023-13"}},
            "split.start: a month is written as 2024-01, not '2023-13'.",
        ),
        ({"split": {"kind": "rolling", "start": "2023-01", "months": 0}}, "split.months: input should be greater"),
    ],
)
def test_a_configuration_that_says_nonsense(folder: Path, changes: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_experiment(experiment(folder, **changes))
    assert told in str(error.value)
