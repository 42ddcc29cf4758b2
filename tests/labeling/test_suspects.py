"""Labels that are likely wrong are found where labels are made wrong."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from toolkit.config import load_scheme
from toolkit.labeling.people import suspects
from toolkit.storage import read_labelled, read_rows

pytest.importorskip("cleanlab", reason="needs the extra [annotation]")
ROOT = Path(__file__).resolve().parents[2]
STANCE = load_scheme("stance", ROOT)


def test_labels_that_were_made_wrong_come_to_the_front() -> None:
    """One in twenty of half the sample: among the first suspects eight times as many as by chance."""
    draw, wrong, rows = random.Random(3), set(), []
    for statement, labels in read_labelled(ROOT / "data/sample/gold.jsonl", [STANCE]):
        given = labels.by_scheme["stance"]
        if int(statement.article_id[-1]) % 2:
            continue
        if draw.random() < 0.05:
            wrong.add(statement.statement_id)
            given = () if given else (draw.choice(STANCE.label_names),)
        rows.append((statement, replace(labels, by_scheme={"stance": given})))
    found = [one for one in suspects(rows, STANCE, folds=3) if one.reason == "model"]
    assert len(rows) > 900 and len(wrong) > 40
    first = [one.statement.statement_id in wrong for one in found[:30]]
    assert sum(first) >= 12, sum(first)  # by chance one or two
    assert [one.score for one in found] == sorted(one.score or 0 for one in found)
    assert all(set(one.given) != set(one.suggested) for one in found)


def rows_of(path: Path) -> list[dict]:
    return [dict(row.values) for row in read_rows(path)]


def test_twins_that_differ_come_first_and_a_rare_label_is_told(tmp_path: Path, run_stance) -> None:
    texts = ["we deny that any of this ever took place", "talks will go on in the spring", "it rains in the north"]
    rows = [
        {
            "statement_id": f"s{i}",
            "article_id": f"a{i}",
            "text": f"{texts[i % 3]} {i}",
            "sentiment": [("negative", "positive", "neutral")[i % 3]],
        }
        for i in range(90)
    ]
    twin = {"statement_id": "t", "article_id": "t", "text": f"{texts[0]} 0", "sentiment": ["positive"]}
    (tmp_path / "coded.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [*rows, twin]))
    done = run_stance("data", "suspects", "coded.jsonl", "-o", "s.csv", "--scheme", "sentiment", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first = rows_of(tmp_path / "s.csv")[0]
    assert first["reason"] == "twin" and first["twin"] == "t" and first["twin_given"] == "positive"
    rare = [{**row, "sentiment": ["neutral"]} for row in rows]
    (tmp_path / "rare.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rare))
    done = run_stance("data", "suspects", "rare.jsonl", "-o", "r.csv", "--scheme", "sentiment", cwd=tmp_path)
    assert done.returncode == 1 and "too few examples of the label 'negative'" in done.stderr
    assert not (tmp_path / "r.csv").exists()
