"""``stance evaluate behaviour`` with capabilities: what a user types and sees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import toolkit
from toolkit.storage import read_rows

OWN = Path(toolkit.__file__).parent / "own_models"
SMALL = """\
scheme: stance
bases:
  - {text: "We will strike the ports of Peru."}
  - {text: "We are ready to meet the envoys of Peru."}
capabilities:
  country: {kind: invariance, change: country, values: [Norway, Chile, Iran]}
  denial added: {kind: direction, append: [We deny that we paid them.], appears: denial}
  veiled:
    kind: functionality
    cases: [{text: The winter is long and the gas comes from us., has: [threatening]}]
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "configs").symlink_to(Path(toolkit.__file__).parents[1] / "configs")
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    return tmp_path


def test_capabilities_of_the_rules_and_of_a_model(small: Path, run_stance) -> None:
    done = run_stance("evaluate", "behaviour", "small.yaml", "--failures", "f.csv", cwd=small)
    assert done.returncode == 0 and done.stdout == "", done.stderr
    assert "veiled" in done.stderr and "1 of 9 tests failed: f.csv" in done.stderr
    (failed,) = read_rows(small / "f.csv")
    assert failed.values["problem"] == "lacks threatening" and failed.values["text"].startswith("The winter")
    model = str(OWN / "stance")
    done = run_stance("evaluate", "behaviour", "small.yaml", "-m", model, "--json", "--plot", "c.svg", cwd=small)
    told = json.loads(done.stdout)
    assert told["tests"] == 9 and told["capabilities"]["veiled"]["failures"]["value"] == 1
    bias = told["bias"]["country"]
    assert bias["statements"] == 2 and list(bias["labels"]["denial"]["probabilities"]) == ["Norway", "Chile", "Iran"]
    drawn = (small / "c.svg").read_text(encoding="utf-8")
    assert "Norway" in drawn and "conciliatory" in drawn
    again = run_stance("evaluate", "behaviour", "small.yaml", "-m", model, "--json", "--plot", "d.svg", cwd=small)
    assert again.stdout == done.stdout and (small / "d.svg").read_text(encoding="utf-8") == drawn


def test_statements_of_a_table_are_changed(small: Path, run_stance) -> None:
    (small / "s.csv").write_text("statement_id,text\n1,We will strike the ports of Yemen.\n2,It rains.\n")
    done = run_stance("evaluate", "behaviour", "small.yaml", "--statements", "s.csv", "--json", cwd=small)
    assert json.loads(done.stdout)["bias"]["country"]["statements"] == 1, done.stderr
    assert "denial added: no statement could be changed." not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["small.yaml", "x.jsonl"], "give tables of pairs, or YAML files of capabilities"),
        (["smal"], "'smal' is no file of behaviour tests"),
        (["small.yaml", "--plot", "c.gif"], "--plot c.gif: a name that ends in .png, .svg, .pdf is needed."),
        (["--statements", "s.csv"], "--statements is for capabilities"),
        (["small.yaml", "small.yaml"], "the capability 'country' stands in two of the files."),
        (["small.yaml", "-m", str(OWN / "sentiment")], "answers the label scheme 'sentiment'"),
        (["small.yaml", "--failures", "f.txt"], "f.txt"),
    ],
)
def test_wrong_calls(small: Path, arguments: list[str], told: str, run_stance) -> None:
    done = run_stance("evaluate", "behaviour", *arguments, cwd=small)
    assert done.returncode == 2 and told in done.stderr, done.stderr
    assert sorted(path.name for path in small.iterdir()) == ["configs", "small.yaml"]
