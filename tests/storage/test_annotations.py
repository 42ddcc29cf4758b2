"""What an annotation file leaves out is made from article and spans."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.errors import DataError
from toolkit.records import statement_id
from toolkit.storage import read_annotations

TEXTS = {"a": '"We will talk," Ana Lund said. The ministry denied it.'}


def test_id_text_and_kind_are_made(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"article_id": "a", "spans": [[1, 13]]}\n{"article_id": "a", "spans": [[4, 8], [51, 53]]}\n')
    first, second = read_annotations(path, TEXTS)
    assert (first.statement_id, first.text, first.kind) == (statement_id("a", [(1, 13)]), "We will talk", "direct")
    assert (second.text, second.kind) == ("will it", "mixed")


def test_what_the_file_has_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text('statement_id,article_id,text,kind,spans\n7,a,as told,mixed,"[[1, 13]]"\n,a,,,"[[1, 13]]"\n')
    first, second = read_annotations(path, TEXTS)
    assert (first.statement_id, first.text, first.kind) == ("7", "as told", "mixed")
    assert (second.statement_id, second.text, second.kind) == (statement_id("a", [(1, 13)]), "We will talk", "direct")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"article_id": "b", "spans": [[1, 13]]}', "gold.jsonl:2: there is no article 'b'."),
        ('{"article_id": "a", "spans": [[1, 99]]}', "gold.jsonl:2: its spans do not lie in the article's text."),
        ('{"article_id": "a", "spans": []}', "gold.jsonl:2: its spans do not lie in the article's text."),
        ('{"article_id": "a", "spans": [[1]]}', "gold.jsonl:2: column 'spans' must hold pairs of offsets"),
        ('{"spans": [[1, 13]]}', "gold.jsonl:2: column 'article_id' is empty."),
        ('{"article_id": "a", "spans": [[0, 4]]}', "gold.jsonl:2: the same spans of the article 'a' stand twice."),
    ],
)
def test_what_cannot_be_made_is_told_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"article_id": "a", "spans": [[0, 4]]}\n' + line + "\n")
    with pytest.raises(DataError) as error:
        list(read_annotations(path, TEXTS))
    assert message in str(error.value)


def test_a_file_without_spans_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"article_id": "a"}\n')
    with pytest.raises(DataError, match="column 'spans' is missing"):
        list(read_annotations(path, TEXTS))
