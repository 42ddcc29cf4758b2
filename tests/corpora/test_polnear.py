"""Stand-off annotation in PolNeAR's form becomes articles and gold statements."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.corpora.polnear import read_polnear
from toolkit.errors import DataError

TEXT = 'The dam is full, Ana Lund said. "Come and see," she added, "before Friday."\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "text").mkdir()
    (tmp_path / "attributions").mkdir()
    (tmp_path / "text" / "gazette_1.txt").write_text(TEXT)
    lines = [
        "T1\tContent 0 15\tThe dam is full",
        "T2\tSource 17 25\tAna Lund",
        "T3\tCue 26 30\tsaid",
        "E1\tAttribution:T3 Content:T1 Source:T2 Cue:T3",
        'T4\tContent 58 75;32 47\t"before Friday." "Come and see,"',
        "T5\tSource 48 51\tshe",
        "T6\tCue 52 57\tadded",
        "E2\tAttribution:T6 Content:T4 Source:T5 Cue:T6 Content2:T99",
        "E3\tAttribution:T6 Source:T5 Cue:T6",
        "#1\tNote T1\tsomething",
        "The rest of a text that went over a line end",
    ]
    (tmp_path / "attributions" / "gazette_1_ab.ann").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_attributions_become_statements(folder: Path) -> None:
    [(article, statements)] = list(read_polnear(folder))
    assert (article.article_id, article.source, article.text) == ("gazette_1", "gazette", TEXT)
    first, second = statements
    assert (first.text, first.kind, first.speaker, first.cue) == ("The dam is full", "indirect", "Ana Lund", "said")
    assert TEXT[first.speaker_start : first.speaker_end] == "Ana Lund"
    assert second.spans == ((32, 47), (58, 75)) and second.kind == "direct"


def test_a_folder_of_another_shape_and_a_broken_line_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"text/\*\.txt and attributions/\*\.ann are expected"):
        list(read_polnear(tmp_path / "nowhere"))
    path = folder / "attributions" / "gazette_1_ab.ann"
    path.write_text("T1\tContent here there\tx\n")
    with pytest.raises(DataError, match=r"gazette_1_ab\.ann:1: is no brat annotation"):
        list(read_polnear(folder))
