"""``stance annotate export`` and ``import``: to the tools of annotators and back, and what is wrong on the way.

The sample files are written here, after what the tools publish of their formats.
"""

from __future__ import annotations

import csv
import json
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import DataError
from toolkit.labeling.people.exchange import TOOLS, Item, joined
from toolkit.labels import Label, LabelScheme
from toolkit.records import Evidence, Labels, Statement
from toolkit.storage import SetAside, labelled_row, read_rows

DEED = LabelScheme(
    name="deed",
    question='What is <done> & "said"?',
    multi_label=True,
    labels={name: Label(definition=name) for name in ("offers", "denies", "warns")},
)
TONE = LabelScheme(
    name="tone", question="Which?", multi_label=False, labels={n: Label(definition=n) for n in ("good", "bad")}
)
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=20)
SAID = TEXT.filter(lambda text: bool(text.strip()))
TIMES = st.none() | st.datetimes(timezones=st.timezones() | st.none()).map(lambda at: at.isoformat())


@st.composite
def labels_of(draw: Any, statement: Statement) -> Labels:
    asked = draw(st.sampled_from([("deed",), ("tone",), ("deed", "tone")]))
    chosen = {
        "deed": tuple(draw(st.lists(st.sampled_from(DEED.label_names), unique=True))),
        "tone": (draw(st.sampled_from(TONE.label_names)),),
    }
    words = (Evidence("offers", "text", 0, 1, "rule"),) if draw(st.booleans()) else ()
    return Labels(
        statement.statement_id,
        {name: chosen[name] for name in asked},
        annotator=draw(SAID | st.sampled_from(["ann", "Ann", "a b", "a/b", "all"])),
        confidence=draw(st.none() | st.floats(0, 1)),
        given_at=draw(TIMES),
        comment=draw(st.none() | SAID),
        codebooks={name: "0123" for name in asked if draw(st.booleans())},
        evidence={"deed": words} if words and "deed" in asked else {},
    )


@st.composite
def item_lists(draw: Any) -> list[Item]:
    items = []
    for number in range(draw(st.integers(1, 3))):
        text = draw(SAID)
        statement = Statement(
            f"{draw(TEXT).strip()}#{number}", "a", text, ((3, 3 + len(text)),), "direct", draw(st.none() | SAID),
            0, 2, context=draw(st.none() | SAID.map(lambda before, text=text: before + text)),
        )  # fmt: skip
        given = draw(st.lists(labels_of(statement), max_size=3, unique_by=lambda labels: labels.annotator))
        items.append(Item(statement, tuple(given)))
    return items


ENDINGS = {"labelstudio": ".json", "doccano": ".zip", "prodigy": ".jsonl", "table": ".csv"}


def there_and_back(
    tool: str, items: list[Item], name: str | None = None
) -> tuple[list[tuple[Statement, Labels]], SetAside]:
    with tempfile.TemporaryDirectory() as folder:
        path, aside = Path(folder) / (name or f"out{ENDINGS[tool]}"), SetAside()
        assert TOOLS[tool].write(items, [DEED, TONE], path) == sum(len(item.given) for item in items)
        ours = {item.statement.statement_id: item.statement for item in items}
        return list(joined(TOOLS[tool].read(path, [DEED, TONE], aside, Counter()), ours, [DEED, TONE], aside)), aside


@pytest.mark.parametrize("tool", list(TOOLS))
@settings(max_examples=60, deadline=None)
@given(items=item_lists())
def test_every_annotators_labels_comments_and_times_come_back(tool: str, items: list[Item]) -> None:
    back, aside = there_and_back(tool, items)
    wanted = [(item.statement, labels) for item in items for labels in item.given]
    key = lambda pair: (pair[0].statement_id, pair[1].annotator)  # noqa: E731
    assert sorted(back, key=key) == sorted(wanted, key=key), aside.reasons
    untold = sum(not item.given for item in items) if tool in ("doccano", "table") else 0
    assert aside.count == untold, aside.reasons  # the others know what nobody has labelled


# ------------------------------------------------------------------------------------------------ the commands

STATEMENTS = [
    {
        "statement_id": "a#1", "article_id": "a", "text": "We 🤝 talk.", "spans": [[20, 30]], "kind": "direct",
        "speaker": "Ana Lund", "speaker_start": 3, "speaker_end": 7, "cue": "said",
        "context": "Ana Lund said, “We 🤝 talk.”",
    },
    {"statement_id": "a#2", "article_id": "a", "text": "=We deny it.", "spans": [[50, 62]], "kind": "direct"},
]  # fmt: skip
STATEMENTS[0]["context"] = "An Lund said so to us: We 🤝 talk."
STATEMENTS[0] |= {"spans": [[123, 133]], "speaker_start": 100, "speaker_end": 107}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in STATEMENTS)
    (tmp_path / "s.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


def annotation(*labels: str, by: Any = 7, **more: Any) -> dict[str, Any]:
    choice = {"from_name": "stance", "to_name": "text", "type": "choices", "value": {"choices": list(labels)}}
    return {"id": 1, "completed_by": by, "result": [choice] if labels else [], "was_cancelled": False, **more}


def task(number: int, *annotations: Any, **data: Any) -> dict[str, Any]:
    one = STATEMENTS[number]
    shown = {"statement_id": one["statement_id"], "text": one["text"], **data}
    return {"id": 100 + number, "data": shown, "annotations": list(annotations), "predictions": []}


def back(folder: Path, run_stance: Any, tool: str, *files: str, options: tuple[str, ...] = ()) -> Any:
    command = ["annotate", "import", *files, "--from", tool, "--statements", "s.jsonl", "-o", "out.jsonl", *options]
    return run_stance(*command, cwd=folder)


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [dict(row.values) for row in read_rows(folder / "out.jsonl")]


def told_in(done: Any) -> str:
    return " ".join(done.stderr.split())


def test_label_studio_gets_its_interface_and_the_spans(folder: Path, run_stance) -> None:
    command = ["annotate", "export", "s.jsonl", "--for", "labelstudio", "-o", "t.json", "--config-out", "l.xml"]
    done = run_stance(*command, "--scheme", "stance", "--scheme", "sentiment", cwd=folder)
    assert done.returncode == 0 and "2 statements with 0 labels written, 0 rows set aside: t.json" in done.stderr
    view = ElementTree.parse(folder / "l.xml").getroot()
    choices = {one.get("name"): one for one in view.iter("Choices")}
    assert choices["stance"].get("choice") == "multiple" and choices["sentiment"].get("choice") == "single"
    assert [one.get("value") for one in choices["stance"]] == ["conciliatory", "threatening", "denial"]
    assert {one.get("toName") for one in choices.values()} <= {one.get("name") for one in view.iter("Text")}
    assert [one.get("value") for one in view.iter("Relation")] == ["says"] and view.find("TextArea") is not None
    tasks = json.loads((folder / "t.json").read_text(encoding="utf-8"))
    statement, speaker, relation = tasks[0]["predictions"][0]["result"]
    assert statement["value"] == {"start": 23, "end": 33, "text": "We 🤝 talk.", "labels": ["statement"]}
    assert speaker["value"] == {"start": 0, "end": 7, "text": "An Lund", "labels": ["speaker"]}
    assert (relation["from_id"], relation["to_id"]) == (speaker["id"], statement["id"])
    assert tasks[0]["annotations"] == []
    done = back(folder, run_stance, "labelstudio", "t.json")
    assert done.returncode == 1 and "2 tasks that nobody has annotated." in done.stderr
    assert not (folder / "out.jsonl").exists()


def test_what_label_studio_exports_is_a_row_for_every_annotation(folder: Path, run_stance) -> None:
    comment = {"from_name": "comment", "to_name": "text", "type": "textarea", "value": {"text": ["Hm.", "Why?"]}}
    ann = annotation("denial", by={"id": 3, "email": "ann@example.org"}, updated_at="2026-01-02T03:04:05Z", lead_time=4)
    ann["result"].append(comment)
    tasks = [
        task(0, ann, annotation(by=8, created_at="2026-01-03T00:00:00Z")),
        task(1, annotation("denial", "threatening"), annotation(by=8, was_cancelled=True)),
    ]
    (folder / "t.json").write_text(json.dumps(tasks), encoding="utf-8")
    done = back(folder, run_stance, "labelstudio", "t.json")
    assert done.returncode == 0, done.stderr
    assert "4 labels read: 3 written, 1 set aside: out.jsonl" in done.stderr
    assert "1 time that an annotation took" in done.stderr
    assert "t.json: task 2, annotation 2: the statement 'a#2' was skipped by '8'." in told_in(done)
    rows = rows_of(folder)
    keys = ("statement_id", "annotator", "stance", "given_at", "comment")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("a#1", "ann@example.org", ["denial"], "2026-01-02T03:04:05Z", "Hm.\nWhy?"),
        ("a#1", "8", [], "2026-01-03T00:00:00Z", None),
        ("a#2", "7", ["denial", "threatening"], None, None),
    ]
    for name, value in STATEMENTS[0].items():
        assert rows[0][name] == value  # offsets, mention and context
    assert run_stance("annotate", "agreement", "out.jsonl", "--scheme", "stance", cwd=folder).returncode == 0


def test_what_somebody_changed_in_the_tool_is_by_him_and_what_he_left_is_not(folder: Path, run_stance) -> None:
    """Label Studio sets its own user and times on what it imports; the export's travel with the choice."""
    rows = [{**STATEMENTS[0], "stance": ["denial"], "annotator": who, "given_at": "2026-01-01"} for who in "ab"]
    (folder / "given.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run_stance("annotate", "export", "given.jsonl", "--for", "labelstudio", "-o", "t.json", cwd=folder)
    assert "1 statement with 2 labels written" in done.stderr
    tasks = json.loads((folder / "t.json").read_text(encoding="utf-8"))
    for one in tasks[0]["annotations"]:
        one |= {"completed_by": 1, "created_at": "2026-02-02T00:00:00Z", "updated_at": "2026-02-03T00:00:00Z"}
    second = tasks[0]["annotations"][1]["result"]
    second[0]["value"]["choices"] = ["threatening"]
    next(one for one in second if one.get("id") == "speaker")["value"]["end"] = 2
    (folder / "t.json").write_text(json.dumps(tasks), encoding="utf-8")
    done = back(folder, run_stance, "labelstudio", "t.json")
    assert "1 annotation with other words or relations marked than were exported" in told_in(done)
    found = [(row["annotator"], row["given_at"], row["stance"]) for row in rows_of(folder)]
    assert found == [("a", "2026-01-01", ["denial"]), ("1", "2026-02-03T00:00:00Z", ["threatening"])]


def test_doccano_has_a_file_for_each_annotator_and_a_zip_of_them(folder: Path, run_stance) -> None:
    def lines(*labels: list[str]) -> str:
        return "".join(
            json.dumps(
                {"id": i, "text": one["text"], "statement_id": one["statement_id"], "label": given, "Comments": ["c"]}
            )
            + "\n"
            for i, (one, given) in enumerate(zip(STATEMENTS, labels, strict=True))
        )

    files = {"ann.jsonl": lines(["denial"], []), "bob.jsonl": lines([], ["denial", "threatening"])}
    with zipfile.ZipFile(folder / "d.zip", "w") as packed:
        for name, text in files.items():
            (folder / name).write_text(text)
            packed.writestr(name, text)
    done = back(folder, run_stance, "doccano", "d.zip")
    assert done.returncode == 0 and "4 labels read: 4 written, 0 set aside" in done.stderr, done.stderr
    rows = rows_of(folder)
    assert [(r["annotator"], r["stance"], r["comment"]) for r in rows] == [
        ("ann", ["denial"], "c"), ("ann", [], "c"), ("bob", [], "c"), ("bob", ["denial", "threatening"], "c"),
    ]  # fmt: skip
    done = back(folder, run_stance, "doccano", "ann.jsonl", "bob.jsonl", options=("--force",))
    assert done.returncode == 0 and rows_of(folder) == rows
    done = run_stance("annotate", "export", "out.jsonl", "--for", "doccano", "-o", "x.jsonl", cwd=folder)
    assert done.returncode == 2 and "doccano has a file for each annotator" in told_in(done)
    assert not (folder / "x.jsonl").exists()
    done = run_stance("annotate", "export", "out.jsonl", "--for", "doccano", "-o", "x.jsonl", "--blank", cwd=folder)
    assert done.returncode == 0 and len((folder / "x.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(("tool", "ending"), [("doccano", "zip"), ("prodigy", "jsonl")])
def test_who_says_the_same_as_what_was_exported_of_another_says_it_himself(
    folder: Path, run_stance, tool: str, ending: str
) -> None:
    """The tools hand every annotator what was exported, with the marks of whoever labelled before."""
    row = {**STATEMENTS[0], "stance": ["denial"], "annotator": "ann", "given_at": "2026-01-01T00:00:00+00:00"}
    (folder / "given.jsonl").write_text(json.dumps(row) + "\n")
    assert (
        run_stance("annotate", "export", "given.jsonl", "--for", tool, "-o", f"t.{ending}", cwd=folder).returncode == 0
    )
    if tool == "doccano":
        with zipfile.ZipFile(folder / "t.zip") as packed:
            (folder / "ann.jsonl").write_bytes(packed.read("ann.jsonl"))
            (folder / "bob.jsonl").write_bytes(packed.read("ann.jsonl"))
    else:
        (folder / "ann.jsonl").write_bytes((folder / "t.jsonl").read_bytes())
        bob = json.loads((folder / "t.jsonl").read_text()) | {"_annotator_id": "bob", "_timestamp": 1767312000}
        (folder / "bob.jsonl").write_text(json.dumps(bob) + "\n")
    done = back(folder, run_stance, tool, "ann.jsonl", "bob.jsonl")
    assert done.returncode == 0 and "2 labels read: 2 written, 0 set aside" in done.stderr, done.stderr
    later = None if tool == "doccano" else "2026-01-02T00:00:00+00:00"
    assert [(r["annotator"], r["given_at"]) for r in rows_of(folder)] == [("ann", row["given_at"]), ("bob", later)]


def test_a_bad_line_in_a_zip_is_told_by_its_name_there(folder: Path, run_stance) -> None:
    with zipfile.ZipFile(folder / "d.zip", "w") as packed:
        packed.writestr("ann.jsonl", '{"text": "x", "label": [], "statement_id": "zz"}\n{broken\n')
    done = back(folder, run_stance, "doccano", "d.zip")
    assert done.returncode == 1, done.stderr
    assert "d.zip: ann.jsonl:1: there is no statement 'zz' among --statements." in told_in(done)
    assert "d.zip: ann.jsonl:2: is not a JSON object" in told_in(done) and "stance-" not in done.stderr


def test_prodigys_answers(folder: Path, run_stance) -> None:
    def answer(number: int, accept: list[str], who: str, said: str = "accept") -> str:
        one = {"text": STATEMENTS[number]["text"], "meta": {"statement_id": STATEMENTS[number]["statement_id"]}}
        one |= {"accept": accept, "answer": said, "_annotator_id": who, "_timestamp": 1767225600, "comment": "hm"}
        return json.dumps(one) + "\n"

    text = answer(0, ["denial"], "set-ann") + answer(0, [], "set-bob") + answer(1, [], "set-ann", "ignore")
    (folder / "p.jsonl").write_text(text)
    done = back(folder, run_stance, "prodigy", "p.jsonl")
    assert "3 labels read: 2 written, 1 set aside" in done.stderr, done.stderr
    assert "p.jsonl:3: the statement 'a#2' was skipped (answer: ignore)." in told_in(done)
    found = [(r["annotator"], r["stance"], r["given_at"], r["comment"]) for r in rows_of(folder)]
    at = "2026-01-01T00:00:00+00:00"
    assert found == [("set-ann", ["denial"], at, "hm"), ("set-bob", [], at, "hm")]


def test_a_spreadsheet(folder: Path, run_stance) -> None:
    assert run_stance("annotate", "export", "s.jsonl", "--for", "csv", "-o", "t.csv", cwd=folder).returncode == 0
    with (folder / "t.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["statement_id", "text", "speaker", "cue", "context", "stance", "annotator", "comment"]
    rows[0] |= {"stance": "denial;threatening", "annotator": "ann"}
    with (folder / "t.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows([*rows, rows[0] | {"annotator": "bob", "stance": "[]"}])
    done = back(folder, run_stance, "table", "t.csv")
    assert "3 labels read: 2 written, 1 set aside" in done.stderr, done.stderr
    assert "t.csv:3: no label in 'stance'; [] says that none applies." in told_in(done)
    assert [(r["annotator"], r["stance"]) for r in rows_of(folder)] == [("ann", ["denial", "threatening"]), ("bob", [])]
    assert rows_of(folder)[0]["spans"] == STATEMENTS[0]["spans"]


GOOD = annotation("denial")
DOCCANO = {"text": "We 🤝 talk.", "statement_id": "a#1", "label": ["denial"]}
PRODIGY = {"text": "We 🤝 talk.", "statement_id": "a#1", "accept": ["denial"], "answer": "accept"}


@pytest.mark.parametrize(
    ("tool", "name", "content", "told"),
    [
        ("labelstudio", "t.json", "{", "t.json: is not JSON"),
        ("labelstudio", "t.json", "[" * 100_000, "t.json: is not JSON"),
        ("labelstudio", "t.json", "[]", "t.json: there are no tasks in this file."),
        ("labelstudio", "t.json", "7", "t.json: a list of tasks is expected, not a int."),
        ("labelstudio", "t.json", json.dumps(PRODIGY) + "\n" + json.dumps(PRODIGY), "is a file of prodigy, not of labelstudio"),
        ("labelstudio", "t.json", [{"text": "a", "annotator": 1, "lead_time": 2}], "is Label Studio's JSON-MIN"),
        ("labelstudio", "t.json", [{"hello": 1}], "t.json: is no export of labelstudio"),
        ("labelstudio", "t.json", [task(0, GOOD, statement_id="b")], "task 1, annotation 1: there is no statement 'b'"),
        ("labelstudio", "t.json", [task(0, GOOD, text="other")], "task 1, annotation 1: the text of 'a#1' is not that"),
        ("labelstudio", "t.json", [task(0, annotation("denail"))], "label 'denail' is not in the scheme 'stance' (allowed:"),
        ("labelstudio", "t.json", [task(0, {**GOOD, "result": None})], "the field 'result' must hold a list of objects."),
        ("labelstudio", "t.json", [task(0, {"completed_by": 1})], "annotation 1: the field 'result' is missing."),
        ("labelstudio", "t.json", [task(0, {**GOOD, "completed_by": []})], "'completed_by' must hold a number or a user"),
        ("labelstudio", "t.json", [{"data": task(0)["data"]}], "task 1: the field 'annotations' is missing (found: data)."),
        ("labelstudio", "t.json", [{"annotations": []}, task(0)], "task 1: the field 'data' is missing"),
        ("labelstudio", "t.json", [{"data": {"text": "a"}, "annotations": []}], "task 1: the field 'statement_id' is missing"),
        ("doccano", "ann.jsonl", "{", "ann.jsonl:1: is not a JSON object"),
        ("doccano", "ann.jsonl", PRODIGY, "ann.jsonl: is a file of prodigy, not of doccano"),
        ("doccano", "ann.jsonl", {**DOCCANO, "label": "denial"}, "ann.jsonl:1: the field 'label' must hold a list"),
        ("doccano", "ann.jsonl", {"text": "a", "statement_id": "b"}, "ann.jsonl:1: the field 'label' is missing"),
        ("doccano", "ann.jsonl", {"text": "a", "label": []}, "ann.jsonl:1: the field 'statement_id' is missing"),
        ("doccano", "ann.jsonl", {**DOCCANO, "label": ["x"]}, "ann.jsonl:1: label 'x' is not in the scheme 'stance'"),
        ("doccano", "ann.jsonl", {**DOCCANO, "label": ["denial"] * 2}, "ann.jsonl:1: a label stands twice"),
        ("doccano", "ann.jsonl", {**DOCCANO, "stance_toolkit": "{}"}, "the field 'stance_toolkit', which the export wrote"),
        ("doccano", "d.zip", "no zip", "d.zip: is not a zip file that can be read"),
        ("prodigy", "p.jsonl", DOCCANO, "p.jsonl: is a file of doccano, not of prodigy"),
        ("prodigy", "p.jsonl", {**PRODIGY, "answer": "yes"}, "answer 'yes' is none of accept, reject, ignore."),
        ("prodigy", "p.jsonl", {**PRODIGY, "answer": "reject"}, "was rejected, which says no label"),
        ("prodigy", "p.jsonl", {**PRODIGY, "accept": None}, "the field 'accept' must hold a list of labels"),
        ("prodigy", "p.jsonl", {**PRODIGY, "_timestamp": "now"}, "'_timestamp' must hold seconds since 1970, not 'now'."),
        ("table", "t.csv", "statement_id,text\na#1,We 🤝 talk.\n", "stance"),
        ("table", "t.csv", "statement_id,text,stance\na#1,We talk.,denial\n", "t.csv:2: the text of 'a#1' is not that of"),
        ("table", "t.csv", "statement_id,text,stance\na#9,We talk.,denial\n", "t.csv:2: there is no statement 'a#9'"),
        ("table", "t.csv", "statement_id,text,stance\na#1,We 🤝 talk.,x\n", "t.csv:2: label 'x' is not in the scheme"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("strict", [False, True])
def test_what_is_wrong_is_one_sentence(
    folder: Path, run_stance, tool: str, name: str, content: Any, told: str, strict: bool
) -> None:
    text = content if isinstance(content, str) else json.dumps(content) + "\n"
    (folder / name).write_text(text, encoding="utf-8")
    done = back(folder, run_stance, tool, name, options=("--strict",) if strict else ())
    assert done.returncode == 1 and told.rstrip(".") in told_in(done), done.stderr
    assert "Traceback" not in done.stderr and done.stderr.count("error:") == 1
    assert not (folder / "out.jsonl").exists() and not list(folder.glob("*.part"))


def test_of_two_annotations_by_one_annotator_the_first_is_kept_and_strict_takes_none(folder: Path, run_stance) -> None:
    (folder / "t.json").write_text(json.dumps([task(0, GOOD, annotation("threatening"), annotation(by=8))]))
    told = "t.json: task 1, annotation 2: '7' labels the statement 'a#1' a second time"
    for options in (("--strict",), ("--max-errors", "0")):
        done = back(folder, run_stance, "labelstudio", "t.json", options=options)
        assert done.returncode == 1 and told in told_in(done) and not (folder / "out.jsonl").exists()
    done = back(folder, run_stance, "labelstudio", "t.json", options=("--max-errors", "1"))
    assert done.returncode == 0 and told in told_in(done), done.stderr
    assert [(row["annotator"], row["stance"]) for row in rows_of(folder)] == [("7", ["denial"]), ("8", [])]
    (listed,) = (folder / "out.jsonl.rejected.jsonl").read_text().splitlines()
    assert json.loads(listed)["row"]["annotation"]["result"][0]["value"] == {"choices": ["threatening"]}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def places_of(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON value: what holds it, and under which name or number."""
    names = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for name in names for place in ((value, name), *places_of(value[name]))]


@pytest.mark.parametrize("tool", ["labelstudio", "doccano", "prodigy"])
@settings(max_examples=150, deadline=None)
@given(data=st.data(), value=JSON, gone=st.booleans())
def test_a_field_that_is_gone_or_holds_something_else_is_set_aside_or_a_sentence(
    tool: str, data: Any, value: Any, gone: bool
) -> None:
    statement = Statement("a#1", "a", "We talk.", ((3, 11),), "direct", "Ana", 0, 3, context="Ana: We talk.")
    labels = Labels("a#1", {"deed": ("denies",), "tone": ("bad",)}, "ann", given_at="2026-01-01", comment="hm")
    with tempfile.TemporaryDirectory() as folder:
        path, aside = Path(folder) / f"ann{ENDINGS[tool].replace('.zip', '.jsonl')}", SetAside()
        TOOLS[tool].write([Item(statement, (labels,))], [DEED, TONE], path)
        whole = json.loads(path.read_text(encoding="utf-8"))
        holder, name = data.draw(st.sampled_from(places_of(whole)))
        if gone:
            del holder[name]
        else:
            holder[name] = value
        path.write_text(json.dumps(whole), encoding="utf-8")
        try:
            returned = TOOLS[tool].read(path, [DEED, TONE], aside, Counter())
            found = list(joined(returned, {"a#1": statement}, [DEED, TONE], aside))
            for pair in found:
                labelled_row(*pair)
        except DataError as error:
            assert str(error).startswith(str(path))
        else:
            assert all(one is statement for one, _ in found) and all(r.startswith(str(path)) for r in aside.reasons)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("export s.jsonl --for xlsx -o t.xlsx", "csv opens in Excel"),
        ("export s.jsonl --for labelstudoi -o t.json", "did you mean 'labelstudio'?"),
        ("export s.jsonl --for labelstudio -o t.csv", "t.csv: the files of labelstudio end in .json."),
        ("export s.jsonl --for csv -o t.csv --config-out c", "--config-out: a spreadsheet has no configuration."),
        ("export s.jsonl --for prodigy -o t.jsonl --config-out t.jsonl", "is the output already"),
        ("export s.jsonl --for prodigy -o s.jsonl --force", "s.jsonl: is read as an input"),
        (
            "import t.csv --from csv --statements s.jsonl -o o.jsonl",
            "allowed are labelstudio, doccano, prodigy, table.",
        ),
        ("import t.txt --from doccano --statements s.jsonl -o o.jsonl", "the files of doccano end in .jsonl or .zip."),
        ("import t.jsonl --from prodigy --statements s.jsonl -o o.xlsx", ".xlsx is read and not written"),
        (
            "import t.jsonl --from prodigy --statements s.jsonl -o o.csv --strict --max-errors 1",
            "contradict each other",
        ),
    ],
)
def test_a_wrong_call_says_what_is_allowed(folder: Path, run_stance, command: str, told: str) -> None:
    done = run_stance("annotate", *command.split(), cwd=folder)
    assert done.returncode == 2 and told in told_in(done), done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["s.jsonl"]
