"""``stance annotate``: what a user types and sees."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from toolkit.cli import console

HEAD = "statement_id,text,annotator,stance\n"
CODED = """\
s1,We deny it,ann,denial
s1,We deny it,bob,denial
s2,We will strike back,ann,threatening
s2,We will strike back,bob,
s3,We hope for talks,ann,conciliatory
s3,We hope for talks,bob,conciliatory;denial
s4,It rains,ann,[]
s4,It rains,bob,[]
s5,It snows,ann,[]
"""


def test_agreement_as_a_table_and_as_json(tmp_path: Path, run_stance) -> None:
    """In a folder of its own, without a project: the schemes of the toolkit's models are known everywhere."""
    (tmp_path / "coded.csv").write_text(HEAD + CODED.replace("bob,\n", "bob,[]\n"))
    done = run_stance("annotate", "agreement", "coded.csv", cwd=tmp_path)
    assert done.returncode == 0 and done.stdout == "", done.stderr
    assert "4 statements of 4 articles were labelled by both ann and bob, 1 more by one annotator alone" in done.stderr
    assert "2 of them alike" in done.stderr and "s2: We will strike back" in done.stderr
    assert "ann: threatening; bob: none" in done.stderr
    done = run_stance("annotate", "agreement", "coded.csv", "--scheme", "stance", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert list(told) == ["conciliatory", "threatening", "denial", "pooled"]
    assert told["conciliatory"] | {"kappa_of_pairs": 0, "alpha_low": 0, "alpha_high": 0} == {
        "n": 4, "alike": 4, "given": 1, "alpha": 1.0, "alpha_low": 0, "alpha_high": 0, "kappa": 1.0, "ac1": 1.0,
        "kappa_of_pairs": 0,
    }  # fmt: skip
    assert told["pooled"]["n"] == 12 and told["pooled"]["statements"] == 4


def test_each_annotator_may_have_a_file_and_is_called_by_it(tmp_path: Path, run_stance) -> None:
    for name, label in (("ann.csv", "denial"), ("bob.csv", "threatening")):
        (tmp_path / name).write_text(f"statement_id,text,stance\ns1,We deny it,denial\ns2,No,{label}\n")
    done = run_stance("annotate", "agreement", "ann.csv", "bob.csv", cwd=tmp_path)
    assert "2 statements of 2 articles were labelled by both ann.csv and bob.csv; 1 of them alike." in done.stderr
    done = run_stance("annotate", "agreement", "ann.csv", "ann.csv", cwd=tmp_path)
    assert done.returncode == 1 and "'ann.csv' labels the statement 's1' a second time, in another file." in done.stderr


def test_several_schemes_and_formats(tmp_path: Path, run_stance) -> None:
    rows = [
        {"statement_id": f"s{i}", "text": f"t{i}", "annotator": who, "stance": [], "sentiment": [feeling]}
        for i in range(3)
        for who, feeling in (("a", "neutral"), ("b", "negative" if i else "neutral"))
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "coded.parquet")
    done = run_stance("annotate", "agreement", "coded.parquet", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert list(told) == ["sentiment", "stance"] and told["stance"]["denial"]["alpha"] is None
    assert told["sentiment"]["pooled"]["n"] == 3 and told["sentiment"]["negative"]["given"] == 2


@pytest.mark.parametrize(
    ("text", "options", "code", "told"),
    [
        (HEAD + "s1,We deny it,ann,denail\n", (), 1, "coded.csv:2: label 'denail' is not in the scheme 'stance'"),
        (
            HEAD + "s1,a,ann,denial\ns1,a,ann,denial\n",
            (),
            1,
            "coded.csv:3: 'ann' labels the statement 's1' a second time.",
        ),
        (HEAD + "s1,a,ann,denial\n", (), 1, "agreement needs two annotators: only 'ann' labelled a statement"),
        (HEAD + "s1,a,,denial\n", (), 1, "a row of statement 's1' names no annotator."),
        (HEAD + "s1,a,ann,denial\ns1,b,bob,denial\n", (), 1, "the rows of statement 's1' do not have the same text."),
        ("statement_id,text,annotator\ns1,a,b\n", (), 2, "--scheme says which label schemes its labels are of."),
        ("statement_id,text,annotator\ns1,a,b\n", ("--scheme", "stance"), 1, "stance"),
        (HEAD + "s1,a,ann,denial\n", ("--scheme", "stanze"), 2, "'stanze' is not in configs/labels"),
        (None, (), 1, "coded.csv"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    tmp_path: Path, run_stance, text: str | None, options: tuple[str, ...], code: int, told: str
) -> None:
    if text is not None:
        (tmp_path / "coded.csv").write_text(text)
    done = run_stance("annotate", "agreement", "coded.csv", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert told in " ".join(done.stderr.split()) and "Traceback" not in done.stderr
    assert done.stderr.count("error:") == 1


@pytest.mark.parametrize(("count", "told"), [(0, "0 rows (told)"), (1, "1 row (told)"), (2, "2 rows (told)")])
def test_one_is_not_told_in_the_plural(count: int, told: str) -> None:
    assert console.counted(count, "rows (told)") == told


def sampled(folder: Path) -> dict[str, float]:
    """Write a drawn sample of two statements, and what two people say of it."""
    chances = {"s1": 0.25, "s2": 0.5}
    rows = [{"statement_id": name, "text": "We deny it", "inclusion_probability": p} for name, p in chances.items()]
    (folder / "batch.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "coding").mkdir()
    for who in ("ann", "bob"):
        told = {"annotator": who, "scheme": "stance", "labels": ["denial"], "at": "2026-01-02T03:04:05+00:00"}
        lines = [json.dumps({"statement_id": name, **told, "codebook": "c"}) + "\n" for name in chances]
        (folder / "coding" / f"{who}.jsonl").write_text("".join(lines))
    return chances


def drawn_in(path: Path) -> dict[str, float]:
    from toolkit.storage import read_rows

    return {row.values["statement_id"]: float(row.values["inclusion_probability"]) for row in read_rows(path)}


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_the_chance_of_being_drawn_travels_from_the_sample_to_the_gold_table(
    ending: str, tmp_path: Path, run_stance
) -> None:
    chances = sampled(tmp_path)
    for command in (
        ["collect", "coding", "batch.jsonl", "-o", f"coded.{ending}"],
        ["adjudicate", f"coded.{ending}", "-o", f"gold.{ending}", "--annotator", "ann"],
        ["combine", f"coded.{ending}", "-o", f"combined.{ending}"],
    ):
        done = run_stance("annotate", *command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert all(drawn_in(tmp_path / f"{name}.{ending}") == chances for name in ("coded", "gold", "combined"))
    (tmp_path / "p.csv").write_text("statement_id,text,stance\ns1,We deny it,denial\ns2,We deny it,[]\ns3,No,[]\n")
    asked = ("prevalence", "p.csv", "--gold", f"gold.{ending}", "--design", "weights", "--json")
    done = run_stance(*asked, cwd=tmp_path)
    assert done.returncode == 0 and json.loads(done.stdout)["gold"] == 2, done.stderr


@pytest.mark.parametrize("tool, ending", [("csv", "csv"), ("labelstudio", "json"), ("prodigy", "jsonl")])
def test_the_chance_of_being_drawn_comes_back_from_tools(tool: str, ending: str, tmp_path: Path, run_stance) -> None:
    chances = sampled(tmp_path)
    assert run_stance("annotate", "collect", "coding", "batch.jsonl", "-o", "c.jsonl", cwd=tmp_path).returncode == 0
    done = run_stance("annotate", "export", "c.jsonl", "--for", tool, "-o", f"t.{ending}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    back = "table" if tool == "csv" else tool
    asked = ("annotate", "import", f"t.{ending}", "--from", back, "--statements", "batch.jsonl", "-o", "back.csv")
    done = run_stance(*asked, cwd=tmp_path)
    assert done.returncode == 0 and drawn_in(tmp_path / "back.csv") == chances, done.stderr


@pytest.mark.parametrize(
    "changed, told",
    [('"s1", "x": 0.5', None), ('"s1", "inclusion_probability": 1.5', "must be above 0 and at most 1, not '1.5'")],
)
def test_a_chance_that_is_none_is_named(changed: str, told: str | None, tmp_path: Path, run_stance) -> None:
    sampled(tmp_path)
    (tmp_path / "batch.jsonl").write_text(f'{{"statement_id": {changed}, "text": "We deny it"}}\n')
    done = run_stance("annotate", "collect", "coding", "batch.jsonl", "-o", "coded.jsonl", cwd=tmp_path)
    assert done.returncode == (1 if told else 0), done.stderr
    assert (told or "2 rows: coded.jsonl") in done.stderr
    if told:
        assert not (tmp_path / "coded.jsonl").exists()
    else:
        assert "inclusion_probability" not in (tmp_path / "coded.jsonl").read_text()


def test_batches_that_were_drawn_one_after_the_other_are_collected_together(tmp_path: Path, run_stance) -> None:
    sampled(tmp_path)
    lines = (tmp_path / "batch.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "one.jsonl").write_text(lines[0])
    (tmp_path / "two.jsonl").write_text(lines[1])
    done = run_stance("annotate", "collect", "coding", "one.jsonl", "two.jsonl", "-o", "coded.jsonl", cwd=tmp_path)
    assert done.returncode == 0 and "ann: 2 of 2 statements" in done.stderr, done.stderr
    assert drawn_in(tmp_path / "coded.jsonl") == {"s1": 0.25, "s2": 0.5} and "set aside" not in done.stderr
    done = run_stance("annotate", "collect", "coding", "one.jsonl", "-o", "half.jsonl", cwd=tmp_path)
    assert done.returncode == 0 and "the statement 's2' is not among the statements" in done.stderr


def coded_over_time(folder: Path, moves: bool) -> None:
    """Sixty statements of twenty articles by two people; where ben ``moves`` he sees a threat ever more often."""
    rows = [
        {"statement_id": f"s{k}", "article_id": f"a{k // 3}", "text": "We may act", "annotator": who}
        | {"given_at": f"2026-01-{1 + k // 10:02}T{k % 10:02}:00:00+00:00"}
        | {"stance": ["threatening"] if k % 7 == 0 or (moves and who == "ben" and k > 40) else []}
        for k in range(60)
        for who in ("ann", "ben")
    ]
    (folder / "coded.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_who_drifts_is_said_in_a_sentence(tmp_path: Path, run_stance) -> None:
    coded_over_time(tmp_path, moves=True)
    done = run_stance("annotate", "agreement", "coded.jsonl", "--contested", "0", cwd=tmp_path)
    assert done.returncode == 0 and "ben: gives 'threatening' oftener than the others by +0.00, +0.00, +" in done.stderr
    told = json.loads(run_stance("annotate", "agreement", "coded.jsonl", "--json", cwd=tmp_path).stdout)
    drift = {(one["annotator"], one["label"]): one for one in told["pooled"]["drift"]}
    assert drift["ben", "threatening"]["p_value"] < 0.05 and drift["ben", "denial"]["p_value"] is None
    assert drift["ben", "threatening"]["statements"] == 60 and drift["ben", "threatening"]["articles"] == 20
    coded_over_time(tmp_path, moves=False)
    done = run_stance("annotate", "agreement", "coded.jsonl", cwd=tmp_path)
    assert "Whether anybody drifts over time cannot be said" in done.stderr  # they always agree: nothing varies
