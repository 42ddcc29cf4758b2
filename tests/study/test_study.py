"""``stance prevalence`` and the page of a corpus: what a user types and sees."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

HOSTILE = "<script>alert(1)</script></title> We will strike back"


def predictions() -> list[dict[str, Any]]:
    """600 statements of 200 articles: every tenth denies; the model finds half of these and every fifteenth besides."""
    rows = []
    for n in range(600):
        denies = n % 10 == 0
        found = n % 20 == 0 if denies else n % 15 == 1
        told = {
            "speaker": "Ann <b>Lee</b>" if n % 3 else None,
            "addressee": "Iran" if n % 2 else None,
            "source": "Wire",
        }
        rows.append(
            {"statement_id": f"s{n}", "article_id": f"a{n // 3}", "text": HOSTILE, **told}
            | {"published": f"2024-0{1 + n % 2}-11", "stance": ["denial"] if found else []}
            | {"stance_conciliatory": 0.1, "stance_threatening": 0.1, "stance_denial": 0.9 if found else 0.2}
        )
    return rows


def written(folder: Path, ending: str) -> Path:
    from toolkit.storage import write_rows

    rows = predictions()
    path = folder / f"p{ending}"
    write_rows(rows, path, schema=pa.Table.from_pylist(rows).schema)
    return path


def gold(folder: Path, chance: float | None = None, n: int = 150) -> Path:
    rows = [
        {"statement_id": f"s{k}", "text": HOSTILE, "annotator": who, "stance": ["denial"] if k % 10 == 0 else []}
        | ({} if chance is None else {"inclusion_probability": chance})
        for k in range(0, 3 * n, 3)
        for who in ("ann", "bob")
    ]
    rows += [dict(rows[0], statement_id="elsewhere")]
    for row in rows:
        if row["statement_id"] in ("s6", "s24"):
            row["stance"] = ["denial"] if row["annotator"] == "ann" else []  # one of two: no majority
    path = folder / "gold.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".jsonl.gz"])
def test_shares_are_the_same_in_every_format(tmp_path: Path, run_stance, ending: str) -> None:
    path = written(tmp_path, ending)
    gold(tmp_path)
    done = run_stance("prevalence", path.name, "--gold", "gold.jsonl", "--design", "random", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["gold"] == 150 and told["aside"] == 1 and told["statements"] == 600 and told["unlabelled"] == 0
    denial = next(one for one in told["shares"] if one["label"] == "denial")
    assert denial["raw"] == pytest.approx(sum("denial" in row["stance"] for row in predictions()) / 600)
    assert denial["low"] < denial["value"] < denial["high"] and denial["raw_is_biased"]
    assert denial["positives"] == sum(k % 10 == 0 for k in range(0, 450, 3))


def test_without_gold_only_the_count_and_groups_too_small_are_said(tmp_path: Path, run_stance) -> None:
    path = written(tmp_path, ".parquet")
    done = run_stance("prevalence", path.name, cwd=tmp_path)
    assert done.returncode == 0 and "counted" in done.stderr and "biased by the classifier's errors" in done.stderr
    gold(tmp_path)
    asked = ("prevalence", path.name, "--gold", "gold.jsonl", "--design", "random", "--by", "speaker", "--json")
    shares = json.loads(run_stance(*asked, cwd=tmp_path).stdout)["shares"]
    by = {one["group"]: one for one in shares if one["label"] == "denial"}
    assert set(by) == {None, "Ann <b>Lee</b>", "(not told)"}
    assert by["Ann <b>Lee</b>"]["value"] is None and by["Ann <b>Lee</b>"]["gold"] == 0
    assert "too few" in by["Ann <b>Lee</b>"]["why"] and by["(not told)"]["value"] is not None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--gold", "gold.jsonl"], "--gold and --design go together"),
        (["--gold", "gold.jsonl", "--design", "radom"], "did you mean 'random'?"),
        (["--gold", "gold.jsonl", "--design", "weights"], "have no inclusion_probability"),
        (["--gold", "unequal/gold.jsonl", "--design", "random"], "the inclusion probabilities differ (0.125 to 0.25)"),
        (["--by", "speakr"], "did you mean 'speaker'?"),
    ],
)
def test_wrong_calls(tmp_path: Path, run_stance, more: list[str], said: str) -> None:
    path = written(tmp_path, ".jsonl")
    (tmp_path / "unequal").mkdir()
    gold(tmp_path)
    text = gold(tmp_path / "unequal", 0.25).read_text().splitlines()
    rows = [json.loads(line) for line in text]
    rows[2]["inclusion_probability"] = rows[3]["inclusion_probability"] = 0.125
    (tmp_path / "unequal" / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run_stance("prevalence", path.name, *more, cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr and done.stdout == "", done.stderr


def test_predictions_beside_columns_that_were_there_before(tmp_path: Path, run_stance) -> None:
    rows = [{**row, "stance_2": row["stance"], "stance": ["threatening"]} for row in predictions()]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "p.parquet")
    done = run_stance("prevalence", "p.parquet", "--json", cwd=tmp_path)
    shares = {one["label"]: one["raw"] for one in json.loads(done.stdout)["shares"]}
    assert shares["threatening"] == 0 and shares["denial"] > 0 and "column 'stance_2'" in done.stderr


class Texts(HTMLParser):
    """The tags and the texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.said = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.said += data


def test_the_page_of_a_corpus(tmp_path: Path, run_stance) -> None:
    path = written(tmp_path, ".parquet")
    gold(tmp_path)
    for name in ("one.html", "two.html"):
        asked = ("report", "--corpus", path.name, "-o", name, "--gold", "gold.jsonl", "--design", "random")
        done = run_stance(*asked, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes().replace(
        b"two.html", b"one.html"
    )
    page = Texts()
    page.feed((tmp_path / "one.html").read_text())
    assert "script" not in page.tags and HOSTILE in page.said and "Ann <b>Lee</b>" in page.said
    assert "95 % interval" in page.said and "denial: from whom to whom" in page.said
    done = run_stance("report", "--corpus", path.name, "-o", "raw.html", cwd=tmp_path)
    assert "biased by its errors" in (tmp_path / "raw.html").read_text()
