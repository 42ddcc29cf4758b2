"""What a user types and sees: results, one-sentence errors, exit codes, nothing half-written."""

from __future__ import annotations

import csv
import errno
import json
import math
import os
import re
import resource
import subprocess
import sys
import weakref
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.main import get_command

import toolkit
from tests.test_architecture import HEAVY
from toolkit.cli import console
from toolkit.cli.main import app
from toolkit.config import load_scheme
from toolkit.storage import ARTICLE_FORMATS, WRITTEN, read_rows

ARTICLE = (
    '"We will not wait," Ana Lund said. "The valves close on Friday."\n\nThe ministry denied having sent the letter.\n'
)


def rows_of(path: Path) -> list[dict]:
    return [dict(row.values) for row in read_rows(path)]


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet", "jsonl.gz"])
def test_extract_writes_statements(tmp_path: Path, run_stance, ending: str) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    done = run_stance("extract", "a.txt", "-o", f"s.{ending}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (
        done.stdout == ""
        and "2 statements (1 direct, 0 mixed, 1 indirect; 1 said, 1 performed, 0 named) from 1 article." in done.stderr
    )
    first, second = rows_of(tmp_path / f"s.{ending}")
    assert first["text"] == "We will not wait, The valves close on Friday."
    assert (first["speaker"], first["cue"], first["kind"]) == ("Ana Lund", "said", "direct")
    assert second["text"] == "having sent the letter"


def test_what_was_decided_of_a_file_is_said_once_as_a_sentence(tmp_path: Path, run_stance, start_stance) -> None:
    header, row = "article_id;text;published\n", 'a%d;"Lund said she won’t go to São Tomé.";03/04/2024\n'
    (tmp_path / "a.csv").write_bytes((header + "".join(row % n for n in range(4))).encode("cp1252"))
    for run in (run_stance, start_stance):
        done = run("extract", "a.csv", "a.csv", "-o", "s.jsonl", "--force", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stderr.splitlines()[1:-1] == [
            "a.csv: is named twice, and read once.",
            "a.csv: read as Windows-1252, not UTF-8; save it as UTF-8 to be sure.",
            "a.csv: read with ';' between cells; save it with commas to be sure.",
            "a.csv: 4 dates are left empty, not to be guessed (the first: '03/04/2024' at a.csv:2); write dates as 2024-03-01.",
        ]
    assert "São Tomé" in rows_of(tmp_path / "s.jsonl")[0]["context"]


def test_patterns_and_workbooks_are_inputs_and_no_outputs(tmp_path: Path, run_stance) -> None:
    book = Workbook()
    for line in [["article_id", "text"], ["007", ARTICLE]]:
        book.active.append(line)
    (tmp_path / "in").mkdir()
    book.save(tmp_path / "in" / "a.xlsx")
    done = run_stance("extract", "in/*.xlsx", "-o", "s.tsv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [row["article_id"] for row in rows_of(tmp_path / "s.tsv")] == ["007", "007"]
    for command in ("extract", "predict"):
        done = run_stance(command, "in/*.xlsx", "-o", "s.xlsx", cwd=tmp_path)
        assert done.returncode == 2
        assert "error: s.xlsx: .xlsx is read and not written; write .csv, which Excel opens." in done.stderr


def test_all_endings_are_told_wherever_some_are(repository: Path) -> None:
    """In help texts and on the first page: what is read, and what is written."""
    read, written = set(ARTICLE_FORMATS) - {".htm"}, set(WRITTEN)
    for path in [*(repository / "toolkit" / "cli").glob("*.py"), repository / "README.md"]:
        for told in re.findall(r"(?:`?\.(?:[a-z]+)`?[ ,]+){2,}.*", path.read_text(encoding="utf-8")):
            if ".csv" in told:
                endings = set(re.findall(r"\.(?:txt|html|jsonl|csv|tsv|parquet|xlsx)\b", told))
                assert endings in (read, written, read - {".txt", ".html"}), (path, told)


def test_extract_to_stdout_is_data_only(tmp_path: Path, run_stance) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    done = run_stance("extract", "a.txt", "-o", "-", cwd=tmp_path)
    assert [json.loads(line)["kind"] for line in done.stdout.splitlines()] == ["direct", "indirect"]


def test_broken_articles_are_listed_beside_the_output(tmp_path: Path, run_stance) -> None:
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"article_id": "a", "text": ARTICLE}) + '\n{"article_id": "b", "text": ""}\n'
    )
    done = run_stance("extract", "a.jsonl", "-o", "s.jsonl", "--articles", "articles.jsonl", cwd=tmp_path)
    assert done.returncode == 0
    assert "1 article could not be read, listed in s.jsonl.rejected.jsonl" in done.stderr
    assert rows_of(tmp_path / "s.jsonl.rejected.jsonl") == [
        {
            "where": "a.jsonl:2",
            "reason": "a.jsonl:2: column 'text' is empty.",
            "row": {"article_id": "b", "text": ""},
        }
    ]
    assert [row["article_id"] for row in rows_of(tmp_path / "articles.jsonl")] == ["a"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["extract", "no.txt", "-o", "s.jsonl"], 1, "no.txt: there is no such file."),
        (["extract", "empty.txt", "-o", "s.jsonl"], 1, "empty.txt: the file is empty."),
        (["extract", "broken.jsonl", "-o", "s.jsonl", "--strict"], 1, "broken.jsonl:2: is not a JSON object"),
        (["extract", "broken.jsonl", "-o", "s.jsonl", "--max-errors", "0"], 1, "(none may be set aside)."),
        (["extract", "broken.jsonl", "-o", "s.jsonl", "--strict", "--max-errors", "2"], 2, "--strict is --max-errors 0."),
        (["extract", "column.csv", "-o", "s.jsonl"], 1, "column.csv:1: column 'text' is missing (found: article_id, body)."),
        (["extract", "a.docx", "-o", "s.jsonl"], 2, "a.docx: the ending tells the format: .txt, "),
        (["extract", "a.txt", "-o", "s.docx"], 2, "s.docx: the ending tells the format: .jsonl, .csv, .tsv, .parquet are allowed"),
        (["extract", "a.txt", "-o", "old.jsonl"], 2, "old.jsonl: exists already; name another file or allow overwriting with --force."),
        (["extract", "a.txt", "-o", "no/s.jsonl"], 2, "no/s.jsonl: there is no folder no to write into."),
        (["extract", "a.txt"], 2, "Missing option '--output' / '-o'"),
        (["train", "no.yaml"], 2, "no.yaml: there is no such file."),
        (["train", "bad.yaml"], 2, "bad.yaml:2: sed: unknown key (did you mean 'seed'?)."),
        (["predict", "a.txt", "-m", "models:/stance@champion", "-o", "p.jsonl"], 1, "there is no tracking store yet; `stance train` makes one."),
        (["predict", "a.txt", "-m", "empty", "-o", "p.jsonl"], 1, "empty: is not a model of this toolkit"),
        (["models", "list"], 1, "there is no tracking store yet"),
        (["ui"], 1, "there is no tracking store yet"),
        (["data", "validate", "no.jsonl"], 1, "no.jsonl: there is no such file."),
        (["evaluate", "quotes", "no.jsonl", "no.jsonl", "-a", "a.txt", "--include", "said,perfomed"], 2, "--include: 'perfomed' is no act of a statement (did you mean 'performed'?); allowed are said, performed, named."),
        (["evaluate", "quotes", "no.jsonl", "no.jsonl", "-a", "a.txt", "--include", ","], 2, "--include: names no act of a statement; allowed are said, performed, named."),
        (["trian", "x"], 2, "No such command 'trian'"),
    ],
)  # fmt: skip
def test_wrong_calls_and_bad_input(tmp_path: Path, run_stance, arguments: list[str], code: int, message: str) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    (tmp_path / "a.docx").write_text("x")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "broken.jsonl").write_text('{"article_id": "a", "text": "t"}\n{"article_id"\n')
    (tmp_path / "column.csv").write_text("article_id,body\na,b\n")
    (tmp_path / "old.jsonl").write_text("months of work")
    (tmp_path / "bad.yaml").write_text("name: x\nsed: 3\n")
    (tmp_path / "empty").mkdir()
    before = sorted(os.listdir(tmp_path))
    done = run_stance(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert message in re.sub(r"\s+", " ", re.sub(r"[│╭╮╰╯─]", "", done.stderr)), done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""
    assert sorted(os.listdir(tmp_path)) == before
    assert (tmp_path / "old.jsonl").read_text() == "months of work"


NEWS = 'Iran vowed to reply. "We will not wait," Ana Lund said.'
EXTRACTED = [
    {
        "statement_id": "1",
        "article_id": "n",
        "text": "to reply",
        "spans": [[11, 19]],
        "kind": "indirect",
        "act": "performed",
    },
    {
        "statement_id": "2",
        "article_id": "n",
        "text": "We will not wait,",
        "spans": [[22, 39]],
        "kind": "direct",
        "act": "said",
    },
]


@pytest.mark.parametrize(
    ("include", "acts", "told", "precision"),
    [
        ([], True, "scored: 1 said, 1 performed (all that were extracted)", "0.5000"),
        (["--include", "said,named"], True, "scored: 1 said; left out by --include: 1 performed", "1.0000"),
        (["--include", "named", "--include", "performed"], True, "scored: 1 performed; left out by --include: 1 said", "0.0000"),
        (["--include", "named"], True, "scored: nothing; left out by --include: 1 said, 1 performed", "undefined"),
        (["--include", "said"], False, "scored: 2 without an act (all that were extracted)", "0.5000"),
    ],
)  # fmt: skip
def test_evaluate_says_what_was_scored(
    tmp_path: Path, run_stance, include: list[str], acts: bool, told: str, precision: str
) -> None:
    (tmp_path / "n.jsonl").write_text(json.dumps({"article_id": "n", "text": NEWS}) + "\n")
    (tmp_path / "gold.jsonl").write_text(json.dumps({"article_id": "n", "spans": [[22, 38]]}) + "\n")
    rows = [row if acts else {**row, "act": None} for row in EXTRACTED]
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run_stance("evaluate", "quotes", "gold.jsonl", "s.jsonl", "-a", "n.jsonl", *include, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert told in done.stderr.splitlines()
    assert re.search(rf"all/precision +{precision} ", done.stderr), done.stderr
    assert ("in gold of: said" in done.stderr) == (told.startswith("scored: 1 said"))


@pytest.mark.parametrize("place", ["first", "last"])
def test_debug_shows_the_traceback(tmp_path: Path, start_stance, place: str) -> None:
    arguments = ["extract", "no.txt", "-o", "s.jsonl"]
    done = start_stance(*(["--debug", *arguments] if place == "first" else [*arguments, "--debug"]), cwd=tmp_path)
    assert done.returncode == 1 and "Traceback" in done.stderr and "DataError" in done.stderr


def test_predict_articles_with_two_schemes(trained: Path, tmp_path: Path, run_stance) -> None:
    out = tmp_path / "out.parquet"
    models = ["-m", "models:/stance@champion", "-m", "models:/sentiment@champion"]
    done = run_stance("predict", "data/sample/articles.jsonl", *models, "-o", str(out), cwd=trained)
    assert done.returncode == 0, done.stderr
    rows = rows_of(out)
    assert f"{len(rows)} statements from" in done.stderr
    for row in rows[:50]:
        assert len(row["sentiment"]) == 1
        assert sum(row[f"sentiment_{name}"] for name in ("negative", "neutral", "positive")) == pytest.approx(1)
        assert set(row["stance"]) <= {"conciliatory", "threatening", "denial"}
        assert 0 <= row["stance_threatening"] <= 1


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_without_a_model_the_toolkits_own_answer_and_show_their_evidence(
    tmp_path: Path, run_stance, ending: str
) -> None:
    """In a folder that has nothing: no project, no store."""
    (tmp_path / "a.txt").write_text(
        'The minister spoke on Monday.\n\n"We will strike every depot they own," said Ana Bek. Norland denied the claim.'
    )
    done = run_stance("predict", "a.txt", "-o", f"own.{ending}", "--evidence", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    names = f"toolkit:sentiment {toolkit.__version__}", f"toolkit:stance {toolkit.__version__}"
    assert f"the toolkit's own are used, {names[0]} and {names[1]}" in done.stderr and "CARD.md" in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["a.txt", f"own.{ending}", f"own.{ending}.run.json"]
    rows = [row.values for row in read_rows(tmp_path / f"own.{ending}", lists=("stance_evidence",))]
    first = next(row for row in rows if "depot" in row["text"])
    assert first["stance"] in (["threatening"], "threatening") and first["model"] == ", ".join(names)
    (evidence,) = first["stance_evidence"]
    assert evidence["rule"] == "will_harm" and evidence["field"] == "text" and evidence["words"] == "strike"
    assert first["text"][evidence["start"] : evidence["end"]] == "strike"
    second = next(row for row in rows if "claim" in row["text"])
    assert second["stance"] in (["denial"], "denial") and second["stance_evidence"][0]["field"] == "cue"


def test_the_toolkits_own_models_are_small_and_have_a_card(repository: Path) -> None:
    from toolkit.model import CARD, StanceModel, own_models

    folders = own_models()
    assert set(folders) == {"stance", "sentiment"} and "must not be used for" in CARD.read_text(encoding="utf-8")
    size = sum(path.stat().st_size for folder in folders.values() for path in folder.rglob("*"))
    assert size < 8 * 2**20
    for scheme, folder in folders.items():
        model = StanceModel.load(folder)
        shipped = load_scheme(scheme, repository)
        assert model.scheme == shipped, "configs/labels has changed since: make own-models"


def test_evaluate_behaviour_of_rules_and_of_a_model(
    trained: Path, tmp_path: Path, run_stance, repository: Path
) -> None:
    failures = tmp_path / "failed.csv"
    done = run_stance("evaluate", "behaviour", "--failures", str(failures), cwd=trained)
    assert done.returncode == 0 and "change: negated" in done.stderr, done.stderr
    failed = list(read_rows(failures))
    pairs = len((repository / "data/behaviour/stance.jsonl").read_text(encoding="utf-8").splitlines())
    assert f"{len(failed)} of {pairs} tests failed" in done.stderr
    done = run_stance("evaluate", "behaviour", "-m", "models:/stance@champion", cwd=trained)
    assert done.returncode == 0 and f"of {pairs} tests failed" in done.stderr, done.stderr
    done = run_stance("evaluate", "behaviour", "-m", "models:/sentiment@champion", cwd=trained)
    assert done.returncode == 2 and "answers the label scheme 'sentiment'" in done.stderr


def test_predicting_extracted_statements_equals_predicting_their_articles(
    trained: Path, tmp_path: Path, run_stance
) -> None:
    """Byte for byte, also by way of a CSV."""
    articles = "data/sample/articles.jsonl"
    for ending in ("jsonl", "csv"):
        statements = str(tmp_path / f"s.{ending}")
        assert run_stance("extract", articles, "-o", statements, cwd=trained).returncode == 0
        outs = []
        for source in (articles, statements):
            out = tmp_path / f"{len(outs)}.{ending}"
            done = run_stance(
                "predict", source, "-m", "models:/stance@champion", "-o", str(out), "--force", cwd=trained
            )
            assert done.returncode == 0, done.stderr
            outs.append(out.read_bytes())
        assert outs[0] == outs[1]


def test_a_store_elsewhere_is_found_by_its_uri(trained: Path, tmp_path: Path, run_stance) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    uri = f"sqlite:///{trained / 'mlflow.db'}"
    done = run_stance(
        "predict", "a.txt", "-m", "models:/stance@champion", "-o", "p.csv", cwd=tmp_path, MLFLOW_TRACKING_URI=uri
    )
    assert done.returncode == 0, done.stderr
    assert len(rows_of(tmp_path / "p.csv")) == 2
    assert sorted(os.listdir(tmp_path)) == ["a.txt", "p.csv", "p.csv.run.json"]
    assert re.fullmatch(r"models:/stance/\d+ \(run [0-9a-f]{32}\)", rows_of(tmp_path / "p.csv")[0]["model"])


@pytest.mark.parametrize("uri", ["models:/nobody@champion", "models:/stance@winner", "runs:/abc/stance"])
def test_an_unreadable_model_uri(trained: Path, tmp_path: Path, run_stance, uri: str) -> None:
    out = tmp_path / "p.jsonl"
    done = run_stance("predict", "data/sample/articles.jsonl", "-m", uri, "-o", str(out), cwd=trained)
    assert done.returncode == 1 and f"{uri}: the model cannot be had" in done.stderr
    assert "Traceback" not in done.stderr and os.listdir(tmp_path) == []


def test_models_list_and_promote(trained: Path, run_stance) -> None:
    done = run_stance("models", "list", cwd=trained)
    assert done.returncode == 0 and "champion" in done.stderr and "stance" in done.stderr
    assert run_stance("models", "promote", "stance", "1", cwd=trained).returncode == 0
    wrong = run_stance("models", "promote", "stanse", "1", cwd=trained)
    assert wrong.returncode == 2 and "'stanse' is no registered model (did you mean 'stance'?)" in wrong.stderr


def test_data_validate_and_stats(project: Path, run_stance) -> None:
    arguments = ["data/sample/articles.jsonl", "--gold", "data/sample/gold.jsonl"]
    done = run_stance("data", "validate", *arguments, cwd=project)
    assert done.returncode == 0 and "0 problems." in done.stderr
    done = run_stance("data", "stats", *arguments, cwd=project)
    assert done.returncode == 0 and "stance threatening" in done.stderr and "words per article" in done.stderr
    lines = (project / "data/sample/gold.jsonl").read_text(encoding="utf-8").splitlines()
    row = json.loads(lines[0])
    lines[1] = json.dumps({**row, "statement_id": "x", "stance": ["hostile"]})
    lines[2] = json.dumps({**row, "statement_id": "y", "text": "changed"})
    (project / "data/sample/gold.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run_stance("data", "validate", *arguments, cwd=project)
    assert done.returncode == 1 and "2 problems." in done.stderr
    assert "gold.jsonl:2: label 'hostile' is not in the scheme 'stance'" in done.stderr
    assert "gold statement y: its spans do not give its text" in done.stderr


def test_formula_safe_csv(trained: Path, tmp_path: Path, run_stance) -> None:
    (tmp_path / "a.txt").write_text('"=1+1 is our answer," Ana Lund said.\n')
    arguments = ["extract", str(tmp_path / "a.txt"), "-o", str(tmp_path / "s.csv"), "--formula-safe"]
    assert run_stance(*arguments, cwd=tmp_path).returncode == 0
    with (tmp_path / "s.csv").open(newline="") as stream:
        assert next(csv.DictReader(stream))["text"].startswith("'=1+1")


def commands(command=None, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], object]]:
    command = command or get_command(app)
    found = [(path, command)]
    for name, below in getattr(command, "commands", {}).items():
        found += commands(below, (*path, name))
    return found


@pytest.mark.parametrize(("path", "command"), commands(), ids=lambda v: " ".join(v) if isinstance(v, tuple) else "")
def test_every_command_has_help_with_an_example(path: tuple[str, ...], command) -> None:
    text = f"{command.help} {command.epilog}"
    assert "Example:" in text and "stance" in text
    for parameter in command.params:
        assert getattr(parameter, "help", None) or parameter.name in ("help",), parameter.name


def cpu_seconds(*arguments: str) -> float:
    """The time that Python itself works on a command, the best of five: what else runs on the machine hardly shows."""
    best = math.inf
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def test_help_answers_at_once() -> None:
    """In 0.3 s, of which a third more is allowed for noise, where a bare Python starts in 15 ms; heavy things wait."""
    bare, took = cpu_seconds("-c", ""), cpu_seconds("-m", "toolkit", "--help")
    assert took < 0.4 * max(1.0, bare / 0.015), f"{took:.2f} s, of which {bare:.3f} s are Python's own"
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); import toolkit.__main__"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; toolkit.__main__.main()", "--help"], capture_output=True, text=True, check=True
    )
    loaded = done.stderr.split()
    assert "train" in done.stdout and "toolkit.cli.main" in loaded
    assert {name.partition(".")[0] for name in loaded}.isdisjoint({*HEAVY, "numpy", "pydantic", "yaml"})
    assert len(loaded) < 450  # 350 when this was written


def test_a_reader_that_leaves_early_is_no_error_to_speak_of(tmp_path: Path) -> None:
    """As with ``stance extract ... -o - | head -1``."""
    rows = (json.dumps({"article_id": str(i), "text": ARTICLE}) + "\n" for i in range(1000))
    (tmp_path / "a.jsonl").write_text("".join(rows), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "toolkit", "extract", "a.jsonl", "-o", "-"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and json.loads(process.stdout.readline())["article_id"] == "0"
    process.stdout.close()
    process.stdout = None
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1 and told == "extracting statements\n"


def test_an_input_is_never_overwritten(tmp_path: Path, run_stance) -> None:
    rows = json.dumps({"article_id": "a", "text": "Ana Lund said the talks had failed."}) + "\n"
    (tmp_path / "b.jsonl").write_text(rows, encoding="utf-8")
    never = "is read as an input, and so is never overwritten"
    for arguments, told in (
        (["b.jsonl", "-o", "b.jsonl", "--force"], never),
        (["b.jsonl", "-o", "s.jsonl", "--articles", "b.jsonl", "--force"], never),
        ([".", "-o", "./b.jsonl", "--force"], never),
        (["b.jsonl", "-o", "same.jsonl", "--articles", "./same.jsonl"], "--output and --articles name the same file"),
    ):
        done = run_stance("extract", *arguments, cwd=tmp_path)
        assert done.returncode == 2 and told in done.stderr, arguments
    assert (tmp_path / "b.jsonl").read_text(encoding="utf-8") == rows
    assert [path.name for path in tmp_path.iterdir()] == ["b.jsonl"]


def test_statements_are_not_extracted_again(tmp_path: Path, run_stance) -> None:
    (tmp_path / "a.txt").write_text("Ana Lund said the talks had failed.", encoding="utf-8")
    assert run_stance("extract", "a.txt", "-o", "s.jsonl", cwd=tmp_path).returncode == 0
    done = run_stance("predict", "s.jsonl", "--include", "said", "-o", "p.jsonl", cwd=tmp_path)
    assert done.returncode == 2 and "these inputs are statements already" in done.stderr


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("by", [KeyboardInterrupt, console.Terminated])
def test_a_signal_that_python_drops_ends_the_work_at_its_next_step(
    by: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "asked_to_end", None)
    monkeypatch.setattr("sys.unraisablehook", lambda dropped: None)

    class Thing:
        pass

    thing = Thing()
    kept = weakref.ref(thing, lambda gone: console.end(by))
    del thing  # the callback raises, and Python drops it
    assert kept() is None
    with pytest.raises(by), console.Bars() as bars:
        bars.step()


def test_a_full_disk_is_no_fault_of_the_toolkit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_stance) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    done = run_stance("extract", "a.txt", "-o", "s.jsonl", cwd=tmp_path)
    assert done.returncode == 1 and "work.json: no space left on device." in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
