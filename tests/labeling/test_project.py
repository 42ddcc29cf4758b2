"""The journals of people who label: nothing that was saved is lost, and nobody gets in another's way."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import REPOSITORY
from toolkit.config import load_scheme
from toolkit.errors import DataError, UsageError
from toolkit.labeling.people.journal import journal_of, journals_in, open_journal, read_journal
from toolkit.labeling.people.project import Session
from toolkit.labels import LabelScheme
from toolkit.records import Statement

STANCE = load_scheme("stance", REPOSITORY)
SENTIMENT = load_scheme("sentiment", REPOSITORY)
PLAIN = "{name: plain, question: What, multi_label: false, labels: {a: {definition: A}, b: {definition: B}}}"
NAMES = ["s1", "s2", "s3"]


def some(*names: str) -> list[Statement]:
    return [Statement(name, name, f"text of {name}", (), "direct") for name in names or NAMES]


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def table(path: Path, *names: str) -> Path:
    path.write_text("".join(json.dumps({"statement_id": n, "text": f"text of {n}"}) + "\n" for n in names or NAMES))
    return path


def answers(path: Path, scheme: LabelScheme = STANCE) -> dict[str, tuple]:
    with open_journal(path, scheme) as journal:
        return {name: (entry.labels, entry.comment) for name, entry in journal.answers.items()}


def test_a_line_says_who_when_what_and_under_which_codebook(tmp_path: Path) -> None:
    path = journal_of(tmp_path / "new" / "project", "ann")
    with open_journal(path, STANCE, assisted=True) as journal:
        journal.answer("s1", ["denial"], "half a pair: \ud800, a line \u2028 end")
        journal.answer("s2", [])
        journal.answer("s1", None)
    told = lines(path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", told[0]["at"])
    assert told[0] | {"at": ""} == {
        "statement_id": "s1", "annotator": "ann", "scheme": "stance", "labels": ["denial"], "at": "",
        "comment": "half a pair: \ud800, a line \u2028 end", "codebook": STANCE.digest, "assisted": True,
    }  # fmt: skip
    assert told[1]["labels"] == [] and "withdrawn" not in told[1]
    assert told[2]["labels"] is None and told[2]["withdrawn"] is True
    assert answers(path) == {"s2": ((), None)}


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("answer"),
            st.sampled_from(NAMES),
            st.lists(st.sampled_from(STANCE.label_names), unique=True),
            st.none() | st.text(),
        ),
        st.tuples(st.just("withdraw"), st.sampled_from(NAMES)),
        st.tuples(st.just("undo")),
        st.tuples(st.just("close")),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, torn=st.binary(max_size=30).filter(lambda cut: b"\n" not in cut))
def test_whatever_is_answered_and_undone_the_newest_counts(tmp_path_factory, steps: list, torn: bytes) -> None:
    """Against a list of states; the journal is closed and opened in between, and what a kill leaves at its end is no
    answer."""
    path = tmp_path_factory.mktemp("any") / "ann.jsonl"
    state: dict[str, tuple] = {}
    before: list[dict[str, tuple]] = []
    while True:
        with open_journal(path, STANCE) as journal:
            while steps:
                step, *steps = steps
                if step[0] == "close":
                    break
                if step[0] == "undo":
                    assert (journal.undo(NAMES) is None) is (not before)
                    state = before.pop() if before else state
                    continue
                before.append(dict(state))
                if step[0] == "withdraw":
                    state.pop(step[1], None)
                    journal.answer(step[1], None)
                else:
                    state[step[1]] = (tuple(step[2]), step[3])
                    journal.answer(step[1], step[2], step[3])
        assert answers(path) == state
        if not steps:
            break
    whole = path.read_bytes()
    if not whole:  # what begins otherwise than a journal is none
        return
    path.write_bytes(whole + torn)
    assert answers(path) == state and path.read_bytes() == whole


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(0, 10_000))
def test_a_journal_cut_anywhere_keeps_every_line_before(tmp_path_factory, cut: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "ann.jsonl"
    with open_journal(path, STANCE) as journal:
        for name in NAMES:
            journal.answer(name, ["denial"], "Straße")
    whole = path.read_bytes()
    kept = whole[: cut % (len(whole) + 1)]
    path.write_bytes(kept)
    told: list[str] = []
    with open_journal(path, STANCE, tell=told.append) as journal:
        count = len(journal.answers)
        journal.answer("s9", [])
    complete = kept.count(b"\n") + (kept != whole and whole[len(kept) : len(kept) + 1] == b"\n")
    assert count == complete
    assert bool(told) == (bool(kept) and not kept.endswith(b"\n") and whole[len(kept) : len(kept) + 1] != b"\n")
    assert all("its last line was cut off" in one for one in told)
    assert [line["statement_id"] for line in lines(path)] == [*NAMES[:complete], "s9"]


KILLED = """
import sys
from pathlib import Path
from tests.labeling.test_project import STANCE
from toolkit.labeling.people.journal import open_journal
with open_journal(Path(sys.argv[1]), STANCE) as journal:
    for number in range(100_000):
        journal.answer(f"s{number}", ["denial"])
        print(number, flush=True)
"""


def test_a_killed_process_loses_nothing_and_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "ann.jsonl"
    running = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    for _ in range(20):
        last = int(running.stdout.readline())
    with pytest.raises(UsageError, match=r"ann\.jsonl: 'ann' is at work here already, in another window or process\."):
        with open_journal(path, STANCE):
            pass
    with open_journal(tmp_path / "bob.jsonl", STANCE) as journal:  # another one is not in the way
        journal.answer("s1", [])
    running.send_signal(signal.SIGKILL)
    rest = running.stdout.read().split()
    running.wait()
    running.stdout.close()
    last = int(rest[-1]) if rest else last
    found = answers(path)
    assert len(found) in (last + 1, last + 2) and all(labels == (("denial",), None) for labels in found.values())


def test_two_sessions_go_their_own_ways(tmp_path: Path) -> None:
    with (
        open_journal(journal_of(tmp_path, "ann"), STANCE) as ann,
        open_journal(journal_of(tmp_path, "bob"), STANCE) as bob,
    ):
        first, second = Session(some(), ann), Session(some(), bob)
        first.choose("denial"), first.save()
        second.choose_none(), second.save()
        assert (first.answered, second.answered) == (1, 1)
    assert answers(tmp_path / "ann.jsonl") == {"s1": (("denial",), None)}
    assert answers(tmp_path / "bob.jsonl") == {"s1": ((), None)}


def test_a_session_goes_on_skips_goes_back_and_undoes(tmp_path: Path) -> None:
    path = tmp_path / "ann.jsonl"
    with open_journal(path, STANCE) as journal:
        session = Session(some(), journal)
        assert session.save() == "Choose a label first, or 0 for none of them."
        assert session.back() == "This is the first statement." and session.undo() == "There is nothing to undo."
        session.choose("denial"), session.skip()
        assert session.current and session.current.statement_id == "s2" and not session.chosen
        session.choose("denial"), session.choose("threatening"), session.choose("denial")
        session.comment = "sure"
        assert session.save() is None and session.current.statement_id == "s3"
        session.back()
        assert (session.current.statement_id, session.chosen, session.comment) == ("s2", {"threatening"}, "sure")
        session.save()  # nothing has changed
        assert len(lines(path)) == 1 and session.current.statement_id == "s3"
        session.choose_none(), session.save()
        assert session.current.statement_id == "s1" and session.chosen == {"denial"}  # skipped, and as it was left
        assert session.skip() == "This is the only statement left."
    with open_journal(path, STANCE) as journal:
        session = Session(some(), journal)
        assert session.current and session.current.statement_id == "s1" and session.answered == 2
        session.back()
        assert session.current.statement_id == "s3" and session.none
        session.choose("denial"), session.save()
        assert session.current.statement_id == "s1"
        session.undo()  # also of what an earlier session did
        assert session.current.statement_id == "s3" and session.none and session.answered == 2
        session.undo()
        assert session.current.statement_id == "s3" and not session.none and session.answered == 1
        session.undo()
        assert session.current.statement_id == "s2" and session.answered == 0
        assert session.undo() == "There is nothing to undo."
        for _ in NAMES:
            session.choose_none(), session.save()
        assert session.current is None and session.save() == "Every statement has an answer."
        assert session.skip() == "Every statement has an answer."
        session.back()
        assert session.current is not None


def test_one_label_and_two_schemes_in_one_journal(tmp_path: Path) -> None:
    path = tmp_path / "ann.jsonl"
    with open_journal(path, SENTIMENT) as journal:
        session = Session(some(), journal)
        assert session.choose_none() == "'sentiment' takes exactly one label; none is no answer."
        assert session.save() == "Choose a label first."
        session.choose("positive"), session.choose("negative"), session.save()
    with open_journal(path, STANCE) as journal:
        assert not journal.answers and Session(some(), journal).undo() == "There is nothing to undo."
        journal.answer("s1", ["denial"])
        journal.answer("elsewhere", ["denial"])
        session = Session(some(), journal)
        assert (session.answered, session.foreign, session.older) == (1, 1, 0)
        session.undo()
        assert list(journal.answers) == ["elsewhere"]
    assert answers(path, SENTIMENT) == {"s1": (("negative",), None)}


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", ".ann", "a b", "a+b", "x" * 51, "a\nb"])
def test_names_that_no_file_has(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"--annotator: .* cannot be the name of a file: letters, digits"):
        journal_of(tmp_path, name)


def test_names_that_differ_in_case_alone_and_files_that_are_no_journals(tmp_path: Path) -> None:
    with open_journal(journal_of(tmp_path, "Ann"), STANCE) as journal:
        journal.answer("s1", [])
    with pytest.raises(UsageError, match="another annotator is called 'Ann'"):
        journal_of(tmp_path, "ann")
    kept = '{"statement_id": "s1", "text": "of a table"}'
    (tmp_path / "statements.jsonl").write_text(kept)
    assert [path.name for path in journals_in(tmp_path)[0]] == ["Ann.jsonl"]
    with pytest.raises(DataError, match=r"statements\.jsonl: is no journal of an annotator\."):
        with open_journal(tmp_path / "statements.jsonl", STANCE):
            pass
    assert (tmp_path / "statements.jsonl").read_text() == kept
    with pytest.raises(UsageError, match="is a file, the folder of a project is expected"):
        journal_of(tmp_path / "statements.jsonl", "ann")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "is no line of a journal"),
        ("[" * 100_000, "is no line of a journal"),
        ("[]", "an object is expected"),
        ('{"statement_id": 1}', "'statement_id' must hold text"),
        ({"labels": "denial"}, "'labels' must hold a list"),
        ({"labels": None}, "'labels' must hold a list"),
        ({"withdrawn": True}, "'labels' must hold a list"),
        ({"comment": 1}, "'comment' must hold text"),
        ({"annotator": "bob"}, "is a line of 'bob' in the journal of 'ann'"),
    ],
)
def test_a_line_within_that_is_not_right_is_named(tmp_path: Path, line: str | dict, told: str) -> None:
    path = tmp_path / "ann.jsonl"
    with open_journal(path, STANCE) as journal:
        journal.answer("s1", [])
    good = path.read_text()
    broken = line if isinstance(line, str) else json.dumps(json.loads(good) | line)
    path.write_text(good + broken + "\n" + good)
    before = path.read_bytes()
    with pytest.raises(DataError, match=r"^ann\.jsonl:2: ") as error:
        with open_journal(path, STANCE):
            pass
    assert told in str(error.value) and path.read_bytes() == before
    aside: list[str] = []
    assert len(read_journal(path, lambda where, reason, row=None: aside.append(where)).entries) == 2
    assert aside == ["ann.jsonl:2"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ann.jsonl"
    with open_journal(path, STANCE) as journal:
        journal.answer("s1", [])
        before = path.read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device")))
            with pytest.raises(OSError, match="No space left"):
                journal.answer("s2", [])
        assert path.read_bytes() == before and list(journal.answers) == ["s1"]
        journal.answer("s3", [])
    assert list(answers(path)) == ["s1", "s3"]


# ------------------------------------------------------------------------------------------------ what a user types


def coded(folder: Path) -> None:
    for name, labelled in (("ann", [["denial"], [], ["threatening"]]), ("bob", [["denial"], ["denial"], []])):
        with open_journal(journal_of(folder, name), STANCE, assisted=name == "bob") as journal:
            for statement, labels in zip(NAMES, labelled, strict=True):
                journal.answer(statement, labels, "so; it is" if name == "ann" and labels else None)


@pytest.mark.parametrize("output", ["coded.jsonl", "coded.csv", "coded.parquet"])
def test_collect_makes_a_table_that_agreement_reads(tmp_path: Path, run_stance, output: str) -> None:
    coded(tmp_path / "project")
    statements = table(tmp_path / "project" / "statements.jsonl", "s3", "s2", "s1", "s4")
    with open_journal(tmp_path / "project" / "ann.jsonl", STANCE) as journal:
        journal.answer("gone", ["denial"])
        journal.answer("gone too", ["denial"])
        journal.answer("gone too", None)
        journal.answer("s4", ["unheard"])
    with (tmp_path / "project" / "bob.jsonl").open("a") as stream:
        stream.write('{"statement_id": "s4"')
    done = run_stance("annotate", "collect", "project", "project/statements.jsonl", "-o", output, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stderr.split())
    assert "ann: 3 of 4 statements" in told and "bob: 3 of 4 statements, 3 of them with the codebook's suggest" in told
    assert "bob.jsonl: its last line was cut off within the writing and is left out" in told
    assert "2 answers could not be read" in told and "is no journal" not in told
    assert "ann.jsonl:4: the statement 'gone' is not among the statements." in told
    assert "label 'unheard' is not in the scheme 'stance'" in told
    aside = lines(tmp_path / f"{output}.rejected.jsonl")
    assert [one["row"]["statement_id"] for one in aside] == ["gone", "s4"]
    if output.endswith(".jsonl"):
        rows = lines(tmp_path / output)
        assert [row["assisted"] for row in rows] == [row["annotator"] == "bob" for row in rows]
        assert [(row["statement_id"], row["annotator"], row["stance"]) for row in rows] == [
            ("s3", "ann", ["threatening"]), ("s3", "bob", []), ("s2", "ann", []), ("s2", "bob", ["denial"]),
            ("s1", "ann", ["denial"]), ("s1", "bob", ["denial"]),
        ]  # fmt: skip
        assert rows[0]["stance_codebook"] == STANCE.digest and rows[0]["comment"] == "so; it is" and rows[0]["given_at"]
    done = run_stance("annotate", "agreement", output, cwd=tmp_path)
    assert "3 statements of 3 articles were labelled by both ann and bob; 1 of them alike" in done.stderr, done.stderr
    assert statements.read_text().count("\n") == 4
    strict = ("annotate", "collect", "project", "project/statements.jsonl", "-o", "new.jsonl", "--strict")
    assert run_stance(*strict, cwd=tmp_path).returncode == 1 and not (tmp_path / "new.jsonl").exists()


def test_collect_takes_all_schemes_or_those_that_are_asked_for(tmp_path: Path, run_stance) -> None:
    coded(tmp_path / "project")
    with open_journal(tmp_path / "project" / "ann.jsonl", SENTIMENT) as journal:
        journal.answer("s1", ["neutral"], "flat")
    table(tmp_path / "s.jsonl")
    done = run_stance("annotate", "collect", "project", "s.jsonl", "-o", "all.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = lines(tmp_path / "all.jsonl")
    assert (rows[0]["stance"], rows[0]["sentiment"], rows[0]["comment"]) == (["denial"], ["neutral"], "so; it is; flat")
    assert rows[1]["sentiment"] is None
    only = ("annotate", "collect", "project", "s.jsonl", "-o", "one.jsonl", "--scheme", "sentiment")
    done = run_stance(*only, cwd=tmp_path)
    assert "Answers in the scheme 'stance' are left out" in done.stderr
    assert [row["sentiment"] for row in lines(tmp_path / "one.jsonl")] == [["neutral"]]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ("collect nowhere s.jsonl -o o.jsonl", 2, "nowhere: is no folder of a project"),
        ("collect empty s.jsonl -o o.jsonl", 2, "empty: holds no journal of an annotator"),
        ("collect project s.jsonl -o o.txt", 2, "o.txt: the ending tells the format"),
        ("collect project s.jsonl -o s.jsonl --force", 2, "s.jsonl: is read as an input"),
        ("collect project none.jsonl -o o.jsonl", 1, "none.jsonl"),
        ("label s.jsonl --project p --annotator ann", 2, "stance annotate label needs a terminal"),
        ("label s.jsonl --project p --annotator a/b", 2, "'a/b' cannot be the name of a file"),
        ("label s.jsonl --project s.jsonl --annotator a", 2, "s.jsonl: is a file, the folder of a project is expected"),
        ("label s.jsonl --project . --annotator s", 2, "the journal of 's' would be s.jsonl"),
        ("label s.jsonl --project p --annotator a --scheme stanze", 2, "'stanze' is not in configs/labels"),
        ("label s.jsonl --project p --annotator a --scheme plain.yaml --assist", 2, "'plain' has no rules"),
        ("label none.jsonl --project p --annotator a", 1, "none.jsonl"),
        ("adjudicate coded.csv -o o.jsonl --annotator c", 2, "stance annotate adjudicate needs a terminal"),
        ("adjudicate coded.csv -o coded.csv --annotator c --force", 2, "coded.csv: is read as an input"),
        ("adjudicate coded.csv -o o.jsonl --annotator a+b", 2, "'a+b' cannot be the name of a file"),
        ("adjudicate nobody.csv -o o.jsonl --annotator c", 1, "a row of statement 's1' names no annotator."),
        ("adjudicate texts.csv -o o.jsonl --annotator c", 1, "the rows of statement 's1' do not have the same text."),
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_made(
    tmp_path: Path, run_stance, arguments: str, code: int, told: str
) -> None:
    coded(tmp_path / "project")
    (tmp_path / "empty").mkdir()
    table(tmp_path / "s.jsonl")
    (tmp_path / "plain.yaml").write_text(PLAIN)
    head = "statement_id,text,annotator,stance\n"
    (tmp_path / "coded.csv").write_text(f"{head}s1,a,ann,denial\ns1,a,bob,[]\n")
    (tmp_path / "nobody.csv").write_text(f"{head}s1,a,,denial\n")
    (tmp_path / "texts.csv").write_text(f"{head}s1,a,ann,denial\ns1,b,bob,denial\n")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    done = run_stance("annotate", *arguments.split(), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert told in " ".join(done.stderr.split()) and "Traceback" not in done.stderr
    assert done.stderr.count("error:") == 1 and sorted(path.name for path in tmp_path.rglob("*")) == before


def test_what_is_agreed_or_decided_is_written(tmp_path: Path, run_stance) -> None:
    """Without a terminal too, where every decision is there already."""
    coded(tmp_path / "project")
    table(tmp_path / "s.jsonl", *NAMES, "s4")
    with open_journal(tmp_path / "project" / "ann.jsonl", STANCE) as journal:
        journal.answer("s4", [])
    run_stance("annotate", "collect", "project", "s.jsonl", "-o", "coded.jsonl", cwd=tmp_path)
    with open_journal(tmp_path / "final.jsonl.decisions" / "carla.jsonl", STANCE) as journal:
        journal.answer("s2", ["denial"], "see the cue")
        journal.answer("s3", ["conciliatory"])
    call = ("annotate", "adjudicate", "coded.jsonl", "-o", "final.jsonl", "--annotator", "carla")
    done = run_stance(*call, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 of 4 statements are contested, 1 have one annotator alone." in done.stderr
    assert [
        (r["statement_id"], r["annotator"], r["stance"], r["comment"]) for r in lines(tmp_path / "final.jsonl")
    ] == [
        ("s1", "ann+bob", ["denial"], "ann: so; it is"),
        ("s2", "carla", ["denial"], "carla decided with bob against ann (none): see the cue"),
        ("s3", "carla", ["conciliatory"], "carla decided against ann (threatening) and bob (none)"),
        ("s4", "ann", [], None),
    ]
    assert run_stance(*call, cwd=tmp_path).returncode == 2  # it is there already
    time.sleep(1.1)
    with open_journal(tmp_path / "project" / "bob.jsonl", STANCE) as journal:
        journal.answer("s3", ["denial"])
    run_stance("annotate", "collect", "project", "s.jsonl", "-o", "coded.jsonl", "--force", cwd=tmp_path)
    done = run_stance(*call, "--force", cwd=tmp_path)
    assert done.returncode == 2 and "needs a terminal" in done.stderr  # s3 is to be decided again
