"""Inputs and outputs under URLs, a folder as the output, and parts that are kept elsewhere."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.predict.test_interrupted import statements
from toolkit.errors import DataError, UsageError
from toolkit.model import own_models
from toolkit.prediction import Inputs, Job, Names, Output, Plan, on_disk, predict, remote, said
from toolkit.storage import file_sha256, read_rows

MODEL = ["-m", str(own_models()["stance"])]
STANCE = ("toolkit:stance", own_models()["stance"])


@pytest.fixture
def memory() -> Iterator[Any]:
    """A file system of this process alone."""
    import fsspec

    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


@pytest.fixture
def both(tmp_path: Path, memory: Any) -> Path:
    """Thirty statements with two rows that cannot be read, on disk and under ``memory://in/s.jsonl``."""
    lines = statements(tmp_path / "s.jsonl", 30).read_text().splitlines(keepends=True)
    (tmp_path / "s.jsonl").write_text("".join([*lines[:3], "{\n", *lines[3:9], '{"text": ""}\n', *lines[9:]]))
    memory.pipe_file("/in/s.jsonl", (tmp_path / "s.jsonl").read_bytes())
    return tmp_path


def run(run_stance, folder: Path, *arguments: str, code: int = 0) -> str:
    done = run_stance("predict", *arguments, *MODEL, cwd=folder)
    assert done.returncode == code and "Traceback" not in done.stderr, done.stderr
    return done.stderr


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# -------------------------------------------------------------------------------------------------------- URLs


def test_a_url_is_read_and_written_as_a_file_is(both: Path, memory: Any, run_stance) -> None:
    here = run(run_stance, both, "s.jsonl", "-o", "p.jsonl")
    there = run(run_stance, both, "memory://in/s.jsonl", "-o", "memory://out/p.jsonl")
    assert there == here.replace("p.jsonl", "memory://out/p.jsonl").replace("s.jsonl:", "memory://in/s.jsonl:")
    assert memory.cat_file("/out/p.jsonl") == (both / "p.jsonl").read_bytes()
    rejected = [json.loads(line) for line in memory.cat_file("/out/p.jsonl.rejected.jsonl").splitlines()]
    assert [one["where"] for one in rejected] == ["memory://in/s.jsonl:4", "memory://in/s.jsonl:11"]
    record = json.loads(memory.cat_file("/out/p.jsonl.run.json"))
    assert record["inputs"] == [{"file": "memory://in/s.jsonl", "sha256": file_sha256(both / "s.jsonl")}]
    beside = ["/out/p.jsonl", "/out/p.jsonl.rejected.jsonl", "/out/p.jsonl.run.json"]
    assert sorted(memory.find("/out")) == beside  # nothing of the way there is left
    assert names(both) == ["p.jsonl", "p.jsonl.rejected.jsonl", "p.jsonl.run.json", "s.jsonl"]


def test_what_stands_there_is_not_overwritten(both: Path, memory: Any, run_stance) -> None:
    run(run_stance, both, "s.jsonl", "-o", "memory://p.jsonl")
    before = memory.cat_file("/p.jsonl")
    told = run(run_stance, both, "s.jsonl", "-o", "memory://p.jsonl", code=2)
    assert "error: memory://p.jsonl: exists already; name another or allow overwriting with --force." in told
    (both / "s.jsonl").write_text('{"statement_id": "a", "text": "We deny it."}\n')
    run(run_stance, both, "s.jsonl", "-o", "memory://p.jsonl", "--force")
    assert memory.cat_file("/p.jsonl") != before and not memory.exists("/p.jsonl.rejected.jsonl")
    for source in ("memory://in/s.jsonl", "memory://in/*.jsonl", "memory://in/"):
        told = run(run_stance, both, source, "-o", "memory://in/s.jsonl", "--force", code=2)
        assert "error: memory://in/s.jsonl: is read as an input, and so is never overwritten" in told
    told = run(run_stance, both, (both / "s.jsonl").as_uri(), "-o", "s.jsonl", "--force", code=2)
    assert "error: s.jsonl: is read as an input, and so is never overwritten" in told


def test_patterns_and_folders_of_a_url_are_the_files_in_them_in_order(both: Path, memory: Any, run_stance) -> None:
    for number in (2, 1):
        row = {"statement_id": f"n{number}", "text": "We deny it."}
        memory.pipe_file(f"/many/{number}.jsonl", json.dumps(row).encode())
    memory.pipe_file("/many/README", b"no table")
    for source in ("memory://many/*.jsonl", "memory://many", "memory://many/"):
        run(run_stance, both, source, "-o", "p.jsonl", "--force")
        assert [row.values["statement_id"] for row in read_rows(both / "p.jsonl")] == ["n1", "n2"]
    told = run(run_stance, both, "memory://many/*.csv", "-o", "q.jsonl", code=1)
    assert "error: memory://many/*.csv: there is no such file or folder." in told


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["memory://in/none.jsonl", "-o", "p.jsonl"], 1, "memory://in/none.jsonl: there is no such file or folder."),
        (["foo://in/s.jsonl", "-o", "p.jsonl"], 2, "foo://in/s.jsonl: nothing is known of foo://."),
        (["oss://b/s.jsonl", "-o", "p.jsonl"], 2, "oss://b/s.jsonl: needs the package ossfs: pip install ossfs."),
        (["s.jsonl", "-o", "oss://b/p.jsonl"], 2, "oss://b/p.jsonl: needs the package ossfs: pip install ossfs."),
        (["s.jsonl", "-o", "memory://b/p.txt"], 2, "memory://b/p.txt: the ending tells the format"),
        (["memory://in/s.jsonl", "-o", "p.jsonl", "--strict"], 1, "memory://in/s.jsonl:4: is not a JSON object"),
    ],
)
def test_what_is_wrong_with_a_url_is_a_sentence(
    both: Path, arguments: list[str], code: int, told: str, run_stance
) -> None:
    assert f"error: {told}" in run(run_stance, both, *arguments, code=code)
    assert names(both) == ["s.jsonl"]


def test_a_file_that_cannot_be_put_there_keeps_the_work(
    both: Path, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with remote("memory://out/p.jsonl", Names()) as far:
        plan, job = Plan(Inputs((both / "s.jsonl",))), Job((STANCE,))
        with monkeypatch.context() as patch:
            patch.setattr(type(memory), "mv", lambda *a, **k: (_ for _ in ()).throw(OSError("the line is down")))
            with pytest.raises(DataError, match=r"^memory://out/p\.jsonl: cannot be written: the line is down\.$"):
                predict(plan, job, Output(far.local, work=both, deliver=far.put))
        assert memory.find("/out") == [] and (both / ".p.jsonl.work").is_dir()
        plan = Plan(Inputs((both / "s.jsonl",)))
        done = predict(plan, job, Output(far.local, resume=True, work=both, deliver=far.put))
    assert done.resumed == 1 and memory.find("/out") == ["/out/p.jsonl"] and names(both) == ["s.jsonl"]


def test_passwords_and_keys_in_a_url_are_not_told() -> None:
    assert said("https://me:secret@host/a.jsonl?key=1") == "https://host/a.jsonl"
    assert said("s3://bucket/a.jsonl") == "s3://bucket/a.jsonl"
    assert on_disk(["a.jsonl", "s3://b/c", "file:///d/e.csv"]) == [Path("a.jsonl"), Path("/d/e.csv")]


@pytest.mark.enable_socket
def test_a_page_is_fetched(both: Path, start_stance) -> None:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *told: object) -> None:
            """Say nothing."""

    handler = functools.partial(Quiet, directory=str(both))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        try:
            good = start_stance("predict", f"{url}/s.jsonl?key=secret", "-o", "p.csv", *MODEL, cwd=both)
            bad = start_stance("predict", f"{url}/none.jsonl", "-o", "q.csv", *MODEL, cwd=both)
            written = start_stance("predict", "s.jsonl", "-o", f"{url}/q.csv", *MODEL, cwd=both)
        finally:
            server.shutdown()
    assert good.returncode == 0 and f"{url}/s.jsonl:4: is not a JSON object" in good.stderr, good.stderr
    assert "secret" not in (both / "p.csv.run.json").read_text()
    assert (bad.returncode, bad.stderr.count("\n")) == (1, 1) and "there is no such file or folder" in bad.stderr
    assert (written.returncode, written.stderr.count("\n")) == (1, 1) and "cannot be written" in written.stderr


# ----------------------------------------------------------------------------------------------------- a folder


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Partitions of ten statements, files of at least 25 rows."""
    monkeypatch.setattr("toolkit.prediction.plan._STATEMENTS", 10)
    monkeypatch.setattr("toolkit.prediction.parted._ROWS", 25)


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        pytest.param("p", "parquet", marks=pytest.mark.slow),
        ("p.parquet", "parquet"),
        pytest.param("p.csv.gz", "csv.gz", marks=pytest.mark.slow),
        ("p.jsonl", "jsonl"),
    ],
)
def test_a_folder_holds_what_a_file_does(tmp_path: Path, small: None, name: str, ending: str, run_stance) -> None:
    statements(tmp_path / "s.jsonl", 95)
    run(run_stance, tmp_path, "s.jsonl", "-o", f"{name}/")
    run(run_stance, tmp_path, "s.jsonl", "-o", f"whole.{ending}")
    assert names(tmp_path / name) == [f"part-0000{number}.{ending}" for number in range(4)]
    parts = [[row.values for row in read_rows(path)] for path in sorted((tmp_path / name).iterdir())]
    assert [len(part) for part in parts] == [30, 30, 30, 5]
    assert [row for part in parts for row in part] == [row.values for row in read_rows(tmp_path / f"whole.{ending}")]
    if ending == "parquet":
        assert pq.read_table(tmp_path / name).equals(pq.read_table(tmp_path / "whole.parquet"))
    run(run_stance, tmp_path, f"{name}/", "-o", "again.jsonl")
    assert len(list(read_rows(tmp_path / "again.jsonl"))) == 95
    assert names(tmp_path) == sorted(
        [file + more for file in (name, f"whole.{ending}", "again.jsonl") for more in ("", ".run.json")] + ["s.jsonl"]
    )


def test_a_folder_is_overwritten_only_where_it_is_an_output(tmp_path: Path, small: None, run_stance) -> None:
    statements(tmp_path / "s.jsonl", 60)
    (tmp_path / "p").mkdir()
    run(run_stance, tmp_path, "s.jsonl", "-o", "p/")  # an empty one is as good as none
    assert "p: exists already; name another folder" in run(run_stance, tmp_path, "s.jsonl", "-o", "p/", code=2)
    statements(tmp_path / "s.jsonl", 20)
    run(run_stance, tmp_path, "s.jsonl", "-o", "p/", "--force")
    assert names(tmp_path / "p") == ["part-00000.parquet"]
    told = run(run_stance, tmp_path, "p", "-o", "p/", "--force", code=2)
    assert "p: is read as an input, and so is never overwritten" in told
    (tmp_path / "p" / "thesis.tex").write_text("mine")
    told = run(run_stance, tmp_path, "s.jsonl", "-o", "p/", "--force", code=2)
    assert "p: holds other things than the parts of an output; name another folder." in told
    assert "is a file, a folder is expected" in run(run_stance, tmp_path, "s.jsonl", "-o", "s.jsonl/", code=2)
    assert "no folder none to write into" in run(run_stance, tmp_path, "s.jsonl", "-o", "none/p/", code=2)
    assert "the ending tells the format" in run(run_stance, tmp_path, "s.jsonl", "-o", "p.txt/", code=2)
    assert names(tmp_path) == ["p", "p.run.json", "s.jsonl"]


def test_a_folder_without_a_row_has_the_columns(tmp_path: Path, run_stance) -> None:
    (tmp_path / "a.txt").write_text("It rained.\n")
    run(run_stance, tmp_path, "a.txt", "-o", "p/")
    table = pq.read_table(tmp_path / "p" / "part-00000.parquet")
    assert len(table) == 0 and "stance_denial" in table.column_names


def test_a_folder_under_a_url_is_marked_when_it_is_whole(both: Path, memory: Any, small: None, run_stance) -> None:
    run(run_stance, both, "memory://in/s.jsonl", "-o", "memory://out/p.parquet/")
    whole = ["/out/p.parquet/_SUCCESS", "/out/p.parquet/part-00000.parquet"]
    assert sorted(memory.find("/out/p.parquet")) == whole
    assert memory.exists("/out/p.parquet.run.json") and memory.exists("/out/p.parquet.rejected.jsonl")
    told = run(run_stance, both, "s.jsonl", "-o", "memory://out/p.parquet/", code=2)
    assert "memory://out/p.parquet: exists already" in told
    memory.rm_file("/out/p.parquet/_SUCCESS")  # as after a kill
    run(run_stance, both, "s.jsonl", "-o", "memory://out/p.parquet/")
    assert sorted(memory.find("/out/p.parquet")) == whole
    run(run_stance, both, "memory://out/p.parquet/", "-o", "again.jsonl")
    assert len(list(read_rows(both / "again.jsonl"))) == 30
    memory.pipe_file("/out/p.parquet/mine.txt", b"")
    told = run(run_stance, both, "s.jsonl", "-o", "memory://out/p.parquet/", "--force", code=2)
    assert "holds other things than the parts of an output" in told


# -------------------------------------------------------------------------------------------------- --work


def test_parts_are_kept_where_they_are_told(tmp_path: Path, small: None, run_stance) -> None:
    statements(tmp_path / "s.jsonl", 60)
    for name in ("work", "out"):
        (tmp_path / name).mkdir()
    shutil.copytree(STANCE[1], tmp_path / "model")

    class Stops(Exception):
        pass

    def stop(done: int) -> None:
        raise Stops

    job, output = Job((STANCE,)), Output(tmp_path / "out" / "p.jsonl", work=tmp_path / "work")
    with pytest.raises(Stops):
        predict(Plan(Inputs((tmp_path / "s.jsonl",))), job, output, on_part=stop)
    assert names(tmp_path / "work") == [".p.jsonl.work"] and names(tmp_path / "out") == []
    with pytest.raises(UsageError, match=r"an interrupted run of 'p.jsonl' is there"):
        predict(Plan(Inputs((tmp_path / "s.jsonl",))), job, output)
    output = Output(output.path, resume=True, work=output.work)
    assert predict(Plan(Inputs((tmp_path / "s.jsonl",))), job, output).resumed >= 1
    assert names(tmp_path / "work") == [] and names(tmp_path / "out") == ["p.jsonl"]
    run(run_stance, tmp_path, "s.jsonl", "-o", "out/q.jsonl", "--work", "work")
    assert names(tmp_path / "work") == []
    told = run(run_stance, tmp_path, "s.jsonl", "-o", "out/r.jsonl", "--work", "none", code=2)
    assert "error: --work: there is no folder none." in told
