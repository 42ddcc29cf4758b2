"""Labels that stand apart from the texts: joined with documents, refused where a document reads otherwise."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from toolkit.config import load_corpus, load_scheme
from toolkit.corpora import Imported, import_corpus
from toolkit.errors import DataError
from toolkit.storage import read_labelled, read_rows

SPEECH = "We came. We will build the dam, our minister said.\nThank you.\n"
TEXT = "We came. We will build the dam, our minister said.\n\nThank you."
ATTRIBUTIONS = Path(__file__).resolve().parents[2] / "data" / "real" / "attributions.jsonl"
PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "documents"


def row(identity: str, spans: list[list[int]], **changes: Any) -> dict[str, Any]:
    text = " ".join(TEXT[start:end] for start, end in spans)
    told: dict[str, Any] = {
        "statement_id": identity, "corpus": "ungd", "document": "XYZ_99_2044", "spans": spans,
        "sha256": hashlib.sha256(text.encode()).hexdigest(), "speaker": "XYZ", "speaker_start": 32, "speaker_end": 44,
        "cue": "said", "kind": "indirect", "stance": ["conciliatory"], "sentiment": "positive",
        "annotators": {"A": ["conciliatory"], "B": ["conciliatory"]}, "agreed": True, "sampled": "rare",
        "licence": "CC0 1.0", "url": None, "published": "2044",
    }  # fmt: skip
    return told | changes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "documents" / "ungd").mkdir(parents=True)
    (tmp_path / "documents" / "ungd" / "XYZ_99_2044.txt").write_text(SPEECH, encoding="utf-8")
    return tmp_path / "documents"


def joined(folder: Path, *rows: dict[str, Any]) -> Imported:
    path = folder.parent / "annotations.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in rows), encoding="utf-8")
    config, schemes = load_corpus("real")
    reader = config.reader.model_copy(update={"annotations": str(path)})
    return import_corpus(config.model_copy(update={"reader": reader}), schemes, folder)


def test_labels_find_their_statements(folder: Path) -> None:
    differ = {"agreed": False, "stance": [], "annotators": {"A": ["threatening"], "B": []}}
    found = joined(folder, row("r1", [[9, 30]]), row("r2", [[0, 8], [52, 62]], sentiment="neutral", **differ))
    assert [article.text for article in found.articles] == [TEXT]
    (first, labels), (second, other) = found.statements
    assert (first.text, first.cue, first.kind) == ("We will build the dam", "said", "indirect")
    assert TEXT[first.speaker_start : first.speaker_end] == "our minister"
    assert first.context == "We will build the dam, our minister said."
    assert labels.by_scheme == {"stance": ("conciliatory",), "sentiment": ("positive",)} and labels.annotator == "A+B"
    assert second.text == "We came. Thank you." and other.by_scheme["stance"] == ()
    assert found.columns["r1"]["readings"] is None
    assert found.columns["r2"]["readings"] == [
        {"annotator": "A", "stance": ["threatening"]},
        {"annotator": "B", "stance": []},
    ]
    assert found.counted == ["ungd: 2 of 2 statements placed."] and found.rejected == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"document": "ABC_99_2044"}, "the document 'ABC_99_2044' is not in "),
        ({"corpus": "kremlin"}, "the document 'XYZ_99_2044' is not in "),
        ({"corpus": "gazette"}, "the corpus 'gazette' is none of wikinews"),
        ({"spans": [[9, 3000]]}, "its spans do not lie in the document 'XYZ_99_2044'"),
        ({"spans": []}, "its spans do not lie in the document"),
        ({"spans": [[9, 2]]}, "column 'spans' must be in order"),
        ({"speaker_end": 3000}, "its spans do not lie in the document"),
        ({"sha256": "0" * 64}, "the document 'XYZ_99_2044' reads otherwise there"),
        ({"stance": ["angry"]}, "stance is 'angry', which is none of conciliatory, threatening, denial"),
        ({"sentiment": None}, "sentiment is None, which is none of negative"),
        ({"statement_id": "r1"}, "the statement_id 'r1' stands twice"),
    ],
)
def test_what_does_not_fit_is_set_aside_with_its_line(folder: Path, changes: dict[str, Any], reason: str) -> None:
    found = joined(folder, row("r1", [[9, 30]]), row("r2", [[0, 8]]) | changes)
    assert [statement.statement_id for statement, _ in found.statements] == ["r1"]
    [(where, told)] = found.rejected
    assert where.endswith("annotations.jsonl:2") and told.startswith(f"{where}: ") and reason in told


def test_a_document_that_was_changed_is_refused(folder: Path) -> None:
    rows = [row("r1", [[0, 8]]), row("r2", [[9, 30]])]
    (folder / "ungd" / "XYZ_99_2044.txt").write_text(SPEECH.replace("build", "break"), encoding="utf-8")
    found = joined(folder, *rows)
    assert [statement.statement_id for statement, _ in found.statements] == ["r1"]
    assert found.counted == ["ungd: 1 of 2 statements placed."]
    (folder / "ungd" / "XYZ_99_2044.txt").write_text("Oh. " + SPEECH, encoding="utf-8")
    with pytest.raises(DataError, match=r"nothing could be imported: .*annotations\.jsonl:1: .* reads otherwise"):
        joined(folder, *rows)


def test_a_folder_without_the_corpora_and_no_file_of_labels(folder: Path, tmp_path: Path, run_stance) -> None:
    with pytest.raises(DataError, match="a folder with wikinews/, whitehouse/, kremlin/, ungd/ is expected"):
        joined(folder / "ungd", row("r1", [[0, 8]]))
    command = ["data", "import", "real", "documents", "-o", "out", "--annotations", "none.jsonl"]
    done = run_stance(*command, cwd=tmp_path)
    assert done.returncode == 1 and "none.jsonl: there is no such file." in done.stderr
    done = run_stance("data", "import", "ungd", "documents", *command[4:], cwd=tmp_path)
    assert done.returncode == 2 and "--annotations: the labels of ungd lie in its own files" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_command_writes_what_is_read_again(folder: Path, tmp_path: Path, repository: Path, run_stance) -> None:
    joined(folder, row("r1", [[9, 30]]), row("r2", [[0, 8]], agreed=False), row("r3", [[0, 8]], document="no"))
    command = ["data", "import", "real", "documents", "-o", "out", "--annotations", "annotations.jsonl"]
    done = run_stance(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "ungd: 2 of 3 statements placed." in done.stderr and "1 row could not be read" in done.stderr
    schemes = [load_scheme(name, repository) for name in ("stance", "sentiment")]
    statements = [statement for statement, _ in read_labelled(tmp_path / "out" / "gold.jsonl", schemes)]
    assert [statement.text for statement in statements] == ["We will build the dam", "We came."]
    written = [line.values for line in read_rows(tmp_path / "out" / "gold.jsonl")]
    assert [line["agreed"] for line in written] == [True, False]
    assert written[1]["readings"][1] == {"annotator": "B", "stance": ["conciliatory"]}
    [rejected] = read_rows(tmp_path / "out" / "gold.jsonl.rejected.jsonl")
    assert rejected.values["where"].endswith("annotations.jsonl:3")


def test_the_shipped_labels_hold_no_text(repository: Path) -> None:
    rows = [line.values for line in read_rows(repository / "data" / "real" / "annotations.jsonl")]
    assert len(rows) == len({line["statement_id"] for line in rows}) == 3535
    assert all(list(line) == list(row("r1", [[0, 8]])) for line in rows)
    longest = max(len(str(line[name] or "")) for line in rows for name in ("speaker", "cue"))
    assert longest < 120, "a name and a cue are words, not sentences"


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the corpora as published lie beside the repository, not in it")
def test_the_shipped_labels_find_nearly_all_their_statements() -> None:
    found = import_corpus(*load_corpus("real"), PUBLISHED)
    placed = Counter(str(found.columns[statement.statement_id]["corpus"]) for statement, _ in found.statements)
    annotated = {"wikinews": 1412, "whitehouse": 1023, "kremlin": 669, "ungd": 434}
    assert all(placed[name] >= 0.97 * annotated[name] for name in annotated), placed
    assert found.rejected == []


def test_attributions_need_no_labels(folder: Path, run_stance) -> None:
    lines = [json.loads(line) for line in ATTRIBUTIONS.read_text(encoding="utf-8").splitlines()]
    assert len({line["statement_id"] for line in lines}) == len(lines) > 800
    assert all("text" not in line and len(line["sha256"]) == 64 for line in lines)
    path = folder.parent / "attributions.jsonl"
    bare = {k: v for k, v in row("a1", [[9, 30]]).items() if k not in ("stance", "sentiment", "annotators", "agreed")}
    path.write_text(json.dumps(bare) + "\n", encoding="utf-8")
    arguments = ["attributions", str(folder), "--annotations", str(path), "-o", "out"]
    done = run_stance("data", "import", *arguments, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    (gold,) = read_rows(folder.parent / "out" / "gold.jsonl")
    assert gold.values["text"] == "We will build the dam" and "stance" not in gold.values


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published documents do not lie beside the repository")
def test_every_attribution_is_placed() -> None:
    config, schemes = load_corpus("attributions")
    found = import_corpus(config, schemes, PUBLISHED)
    assert found.counted == ["wikinews: 855 of 855 statements placed."] and not found.rejected
