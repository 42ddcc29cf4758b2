"""Labelling played through: the same start for all, chance beside it, and figures that are worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from toolkit.classifiers import build
from toolkit.classifiers.heads import LogisticRegression
from toolkit.classifiers.linear import LinearModel
from toolkit.config import load_scheme
from toolkit.errors import DataError, UsageError
from toolkit.labeling.people import Course, Plan, Simulation, simulate
from toolkit.records import Labels, Statement
from toolkit.storage import labelled_row, labelled_schema, write_rows
from toolkit.work import Work

ROOT = Path(__file__).resolve().parents[2]
STANCE = load_scheme("stance", ROOT)
MODEL = LinearModel(kind="linear", input=["text"], head=LogisticRegression(kind="logistic_regression"), thresholds=0.5)
WORDS = {"conciliatory": "talks", "threatening": "strike", "denial": "deny"}
PLAN = Plan(("random", "uncertain", "diverse"), start=20, batch=60, seeds=2)


def table(size: int = 180) -> list[tuple[Statement, Labels]]:
    rows = []
    for i in range(size):
        label = {0: "conciliatory", 4: "threatening", 7: "denial"}.get(i % 12)
        text = f"number {i * 7919 % 1000} {WORDS.get(label or '', 'rain')} day{i % 5} place{i % 17} word{i % 29}"
        statement = Statement(f"s{i}", f"a{i // 2}", text, (), "direct")
        rows.append((statement, Labels(f"s{i}", {"stance": (label,) if label else ()})))
    return rows


def test_every_strategy_begins_alike_and_ends_where_all_is_labelled() -> None:
    found = simulate(table(), STANCE, MODEL, PLAN)
    assert [(c.strategy, c.seed) for c in found.courses] == [
        (name, seed) for seed in (0, 1) for name in ("random", "uncertain", "diverse")
    ]
    for seed in (0, 1):
        curves = [course for course in found.courses if course.seed == seed]
        assert len({course.curve[0] for course in curves}) == 1 and curves[0].curve[0][0] == 20
        for course in curves:
            sizes = [size for size, _ in course.curve]
            assert sizes[1:-1] == list(range(80, sizes[-1], 60)) and course.curve[-1][1] == course.full
    ways = {course.curve for course in found.courses if course.seed == 0}
    assert len(ways) == 3  # each drew others in between
    once = replace(PLAN, seeds=1, seed=1, strategies=("random", "uncertain"))
    assert set(simulate(table(), STANCE, MODEL, once).courses) < set(found.courses)
    told = found.to_dict()
    assert told["statements"] == 180 and told["articles"] == 90
    assert told["strategies"]["random"]["curve"][0]["labels"] == 20


def course(strategy: str, seed: int, *values: float) -> Course:
    return Course(strategy, seed, 1.0, tuple((100 * (k + 1), value) for k, value in enumerate(values)))


def test_two_batches_in_succession_arrive_or_the_last_one() -> None:
    assert course("random", 0, 0.5, 0.96, 0.9, 0.95, 0.99, 0.2).arrives(0.95) == 400
    assert course("random", 0, 0.5, 0.9, 0.95).arrives(0.95) == 300
    assert course("random", 0, 0.96, 0.9, 0.9).arrives(0.95) is None


def test_figures_over_repetitions_by_hand() -> None:
    """Uncertain arrives at 200 in all ten; random at 300 in eight, at 200 in one, and in one it never does."""
    courses = [course("uncertain", k, 0.5, 1.0, 1.0) for k in range(10)]
    courses += [course("random", k, 0.5, 0.8, 1.0) for k in range(8)]
    courses += [course("random", 8, 0.5, 1.0, 1.0), course("random", 9, 0.5, 0.6, 0.7)]
    told = Simulation(Plan(("random", "uncertain")), 1, 1, tuple(courses)).to_dict()["strategies"]
    assert told["random"]["labels"] == {"median": 300, "low": 300, "high": 300}  # the second and the ninth of ten
    assert told["random"]["arrived"] == 9 and told["uncertain"]["arrived"] == 10
    one = told["uncertain"]
    assert (one["sooner"], one["later"]) == (9, 0) and one["p_value"] == pytest.approx(2 / 2**9)
    mean = (8 * 0.2 / 3 + 0.7 / 3) / 10
    assert one["above_random"]["value"] == pytest.approx(mean)
    assert one["above_random"]["low"] == pytest.approx(0.0345326, abs=1e-7)  # 2.2621571627 standard errors below
    few = Simulation(Plan(("random",)), 1, 1, (course("random", 0, 0.1, 0.2),)).to_dict()["strategies"]["random"]
    assert few["labels"] == {"median": None, "low": None, "high": None} and few["macro_f1"]["low"] is None


def test_what_cannot_be_played_is_one_sentence() -> None:
    for plan, told in (
        (replace(PLAN, strategies=("random", "raer")), "'raer' cannot be played through"),
        (replace(PLAN, strategies=("rare",)), "compared with random"),
        (replace(PLAN, strategies=("random", "disagreement")), "name the other one too"),
        (replace(PLAN, start=1000), "1000 labels to begin with are asked for"),
    ):
        with pytest.raises(UsageError, match=told):
            simulate(table(), STANCE, MODEL, plan)


def test_the_command_writes_curves_and_tells_figures(tmp_path: Path, run_stance) -> None:
    lines = [
        {
            "statement_id": s.statement_id,
            "article_id": s.article_id,
            "text": s.text,
            "stance": list(given.by_scheme["stance"]),
        }
        for s, given in table()
    ]
    (tmp_path / "coded.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "configs/models").mkdir(parents=True)
    (tmp_path / "configs/models/words.yaml").write_text("kind: linear\nhead: {kind: logistic_regression}\n")
    command = ("annotate", "simulate", "coded.jsonl", "--strategy", "rare", "-m", "words", "--seeds", "1")
    done = run_stance(*command, "--batch", "60", "--start", "30", "-o", "c.csv", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert list(told["strategies"]) == ["random", "rare"] and told["share"] == 0.95
    rows = (tmp_path / "c.csv").read_text().splitlines()
    assert rows[0] == "strategy,seed,labels,macro_f1,full" and rows[1].startswith("random,0,30,")
    done = run_stance(*command, "--batch", "60", "--start", "30", cwd=tmp_path)
    assert "180 statements of 90 articles" in done.stderr and done.stdout == ""
    done = run_stance(*command, "--start", "50", "--most", "40", cwd=tmp_path)
    assert done.returncode == 2 and "--most: 40 is less than the 50 labels" in done.stderr
    done = run_stance("annotate", "simulate", "coded.jsonl", "-m", "wrods", cwd=tmp_path)
    assert done.returncode == 2 and "did you mean 'words'" in done.stderr


def test_what_was_played_is_not_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle of the second strategy, the rest alone is played, to the same curves."""
    from toolkit.labeling.people import simulation

    rows, short = table(90), Plan(("random", "uncertain"), start=20, batch=60, seeds=1)
    whole, fits, last = simulate(rows, STANCE, MODEL, short), [0], [4]

    def counted(*arguments):
        fits[0] += 1
        if fits[0] > last[0]:
            raise KeyboardInterrupt
        return build(*arguments)

    monkeypatch.setattr(simulation, "build", counted)
    with pytest.raises(KeyboardInterrupt):
        simulate(rows, STANCE, MODEL, short, work=Work(tmp_path))
    assert len(list(tmp_path.rglob("done.npz"))) == 2  # what all labels give, and one curve
    fits[0], last[0] = 0, 1000
    assert simulate(rows, STANCE, MODEL, short, work=Work(tmp_path)).courses == whole.courses
    assert fits[0] == 2


def test_an_interrupted_simulation_is_gone_on_with(tmp_path: Path, run_stance, monkeypatch: pytest.MonkeyPatch) -> None:
    from toolkit.labeling.people import simulation

    write_rows((labelled_row(*pair) for pair in table()), tmp_path / "t.jsonl", schema=labelled_schema(["stance"]))
    command = ["annotate", "simulate", "t.jsonl", "--strategy", "uncertain", "--batch", "60", "--start", "40"]
    command += ["--seeds", "1", "-m", "tfidf-nb"]  # a model that is shipped, in a folder that is no project
    whole = run_stance(*command, "-o", "whole.csv", cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr
    fits = [0]

    def failing(*arguments):
        fits[0] += 1
        if fits[0] == 3:
            raise DataError("the disk is full.")
        return build(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(simulation, "build", failing)
        assert run_stance(*command, "-o", "c.csv", cwd=tmp_path).returncode == 1
    assert not (tmp_path / "c.csv").exists() and (tmp_path / ".stance-work").is_dir()
    done = run_stance(*command, "-o", "c.csv", cwd=tmp_path)
    assert done.returncode == 2 and "go on with it by --resume" in done.stderr
    done = run_stance(*command, "-o", "c.csv", "--resume", "--restart", cwd=tmp_path)
    assert done.returncode == 2 and "contradict each other" in done.stderr
    done = run_stance(*command, "-o", "c.csv", "--resume", cwd=tmp_path)
    assert done.returncode == 0 and "seed 0 (2 steps)" in done.stderr, done.stderr
    assert (tmp_path / "c.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not (tmp_path / ".stance-work").exists()
