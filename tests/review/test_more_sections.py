"""Sections that stand in a page where more was logged: behaviour, gaps, learning curves."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from tests.review.cases import made_up
from toolkit.errors import TrackingError
from toolkit.evaluation import Bias, Checklist, CurvePoint, Figure, Gap
from toolkit.evaluation.behaviour.bias import LabelBias
from toolkit.evaluation.behaviour.checklist import CheckedCapability
from toolkit.report import Chart, Group, PageTable, Section, curve_csv, gap_csv
from toolkit.review.behaving import behaviour
from toolkit.review.limiting import limits
from toolkit.review.shifting import shift
from toolkit.tracking import open_store, read_runs

RATE = Figure(0.25, 0.1, 0.4, 20)


def checklist(p: float | None = 0.0004) -> Checklist:
    """Return what two capabilities have come to, one of them with countries."""
    means = {"Norway": Figure(0.2, 0.1, 0.3, 9), "Iran": Figure(0.6, 0.5, 0.7, 9)}
    labels = {name: LabelBias(means, means, None, None, p, p) for name in ("warm", "cold")}
    capabilities = {
        "country": CheckedCapability("invariance", RATE, 9, Figure(0.5, 0.3, 0.7, 10)),
        "negation": CheckedCapability("functionality", Figure(None, None, None, 0), 0),
    }
    return Checklist(capabilities, (), {"country": Bias(("Norway", "Iran"), 9, labels, 0.95)}, (), 20, 0.95)


def flat(part: object) -> list[object]:
    """Return the parts of a section, those of groups among them."""
    inner = part.parts if isinstance(part, Section | Group) else ()
    return [part, *(below for one in inner for below in flat(one))]


def test_what_was_not_tested_is_said_with_the_call_that_tests_it(tmp_path: Path) -> None:
    of = made_up(tmp_path)
    told = " ".join(part for part in behaviour(of).parts if isinstance(part, str))
    assert f"stance evaluate behaviour tone -m {of.chosen('tone').run.run_id} --log" in told
    assert shift(of) is None


def test_failure_rates_and_countries_are_shown_with_intervals_and_test(tmp_path: Path) -> None:
    of = made_up(tmp_path)
    logged = {"scheme": "tone", "model": "better", **checklist().to_dict(), "changed": "gold.jsonl"}
    (of.models[1].run.folder / "behaviour.json").write_text(json.dumps(logged), encoding="utf-8")
    parts = flat(behaviour(of))
    assert [part.title for part in parts if isinstance(part, Group)] == ["tone: better", "By country"]
    rates, warm, cold = [part.table for part in parts if isinstance(part, Chart)]
    assert [str(cell) for cell in rates.rows[0]] == [
        "country", "0.25 [0.10, 0.40]", "20", "9", "0.50 [0.30, 0.70]",
    ]  # fmt: skip
    assert rates.rows[1][1] is None
    assert [str(row[1]) for row in warm.rows] == ["0.20 [0.10, 0.30]", "0.60 [0.50, 0.70]"]
    assert "p < 0.001 by Friedman's test of no difference" in warm.note and cold.caption == "better: cold by country"
    (of.models[1].run.folder / "behaviour.json").write_text("{}", encoding="utf-8")
    with pytest.raises(TrackingError, match=r"behaviour\.json: cannot be read"):
        behaviour(of)


def test_gap_and_curve_are_shown_where_they_were_logged(tmp_path: Path) -> None:
    of, folder = made_up(tmp_path), tmp_path / "experiment"
    folder.mkdir()
    assert of.experiment is not None
    of = dataclasses.replace(of, experiment=dataclasses.replace(of.experiment, folder=folder))
    assert shift(of) is None
    gap = Gap("f1/macro", Figure(0.8, 0.7, 0.9, 60), Figure(0.6, 0.5, 0.7, 60), Figure(-0.2, -0.3, -0.1, 60))
    (folder / "gap.csv").write_text(gap_csv([("tone", "plain", gap), ("tone", "elsewhere", gap)]), encoding="utf-8")
    points = [CurvePoint(20, 19.5, (0.4,), Figure(0.4, None, None, 60)), CurvePoint(None, 40, (0.6,), RATE)]
    lines = curve_csv([("tone", "better", point) for point in points])
    (folder / "learning_curve.csv").write_text(lines, encoding="utf-8")
    found = shift(of)
    assert found is not None and found.title == "Shift"
    (table,) = [part for part in found.parts if isinstance(part, PageTable)]
    assert [[str(cell) for cell in row] for row in table.rows] == [
        ["tone: plain", "macro F1", "0.80 [0.70, 0.90]", "0.60 [0.50, 0.70]", "-0.20 [-0.30, -0.10]", "60"]
    ]
    (curve,) = [part for part in found.parts if isinstance(part, Chart)]
    assert [(row[0], str(row[1])) for row in curve.table.rows] == [("20", "0.40"), ("40", "0.25 [0.10, 0.40]")]


@pytest.mark.slow
def test_behaviour_is_logged_with_the_run_of_the_model(trained_copy: Path, run_stance) -> None:
    done = run_stance(
        "evaluate", "behaviour", "stance", "-m", "tiny/stance/tfidf-nb", "--log", "--json", cwd=trained_copy
    )
    assert done.returncode == 0 and "stance report shows it" in done.stderr, done.stderr
    (run,) = read_runs(open_store(trained_copy, must_exist=True), "tiny/stance/tfidf-nb")
    assert json.loads((run.folder / "behaviour.json").read_text()) == json.loads(done.stdout)
    for call, told in (
        (("-m", "tiny", "--log"), "--log: tiny means 4 runs; name one: tiny/majority."),
        (("--log",), "--log needs --model"),
    ):
        done = run_stance("evaluate", "behaviour", "stance", *call, cwd=trained_copy)
        assert done.returncode == 2 and told in done.stderr


@pytest.mark.parametrize(
    ("parameters", "warned"),
    [
        ({"kind": "codebook"}, True),
        ({"kind": "linear", "codebook": "1.0"}, True),
        ({"kind": "linear", "cues": "0.5", "codebook": "0.0"}, True),
        ({"kind": "ensemble", "members.first.kind": "linear", "members.first.codebook": "1.0"}, True),
        ({"kind": "linear", "cues": "0.0", "codebook": "0.0", "input": '["cue"]'}, False),
        ({"kind": "transformer", "codebook": "True"}, True),
        ({"kind": "transformer", "codebook": "False"}, False),
    ],
)
def test_a_model_that_asks_the_codebook_is_warned_of(tmp_path: Path, parameters: dict[str, str], warned: bool) -> None:
    of = made_up(tmp_path)
    first = dataclasses.replace(of.models[0].run, parameters=parameters)
    of = dataclasses.replace(of, models=(dataclasses.replace(of.models[0], run=first), of.models[1]))
    (listed,) = limits(of).parts
    told = [item for item in listed.items if "which no run can know" in item]
    assert [item.startswith("plain reads rules or cues of the codebook") for item in told] == [True] * warned
