"""What is small as a file and large in the memory, or slow, ends in one sentence; the good rows beside it are read."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.limits import in_little_memory
from toolkit.errors import DataError
from toolkit.storage import read_articles

GOOD = '{"statement_id": "good", "text": "We deny it."}'
ROWS = {
    "deep": "'\"text\": ' + '[' * 900 + ']' * 900",
    "deeper": "'\"text\": ' + '[' * 200_000",
    "deep spans": "'\"text\": \"x\", \"spans\": ' + '[' * 900 + ']' * 900",
    "digits": "'\"text\": ' + '9' * 100_000",
    "a long text": "'\"text\": \"' + 'We deny it. ' * 2_000_000 + '\"'",
    "a long word": "'\"text\": \"' + 'x' * 20_000_000 + '\"'",
    "a large offset": '\'"text": "x", "speaker_start": 99999999999999999999999\'',
    "a long offset": '\'"text": "x", "speaker_start": "\' + \'9\' * 100_000 + \'"\'',
    "a superscript": '\'"text": "x", "speaker_start": "\\u00b2"\'',
    "a large span": '\'"text": "x", "spans": [[0, 99999999999999999999999]]\'',
    "an infinite span": '\'"text": "x", "spans": [[0, 1e400]]\'',
    "a number for a text": "'\"text\": 7'",
}


@pytest.mark.parametrize("row", ROWS)
def test_a_bomb_among_good_rows_is_set_aside(tmp_path: Path, row: str) -> None:
    done = in_little_memory(
        f"""
        from pathlib import Path
        from toolkit.storage import read_statements
        path = Path({str(tmp_path)!r}) / "s.jsonl"
        path.write_text({GOOD!r} + "\\n" + '{{"statement_id": "bad", ' + {ROWS[row]} + '}}\\n' + {GOOD.replace("good", "other")!r})
        aside = []
        read = [one.statement_id for one in read_statements(path, lambda where, reason, row=None: aside.append(reason))]
        assert read == ["good", "other"], read
        print(*aside)
        """
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1 and "s.jsonl:2: " in done.stdout and len(done.stdout) < 500


@pytest.mark.parametrize("cell", ["[" * 900 + "]" * 900, "[" * 100_000, "[[0, 1e400]]", "[[0, 99999999999999999999]]"])
def test_a_bomb_in_a_cell_of_a_csv_is_set_aside(tmp_path: Path, cell: str, run_stance) -> None:
    (tmp_path / "s.csv").write_text(f'statement_id,text,spans\na,We deny it.,\nb,x,"{cell}"\nc,Fine.,\n')
    done = run_stance("predict", "s.csv", "-o", "p.jsonl", cwd=tmp_path)
    assert done.returncode == 0 and "s.csv:3: column 'spans' must " in done.stderr, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert [row["statement_id"] for row in rows] == ["a", "c"]


def test_too_little_memory_is_told_as_such(tmp_path: Path, run_stance, monkeypatch: pytest.MonkeyPatch) -> None:
    def bomb(*given: object, **named: object) -> None:
        raise MemoryError

    monkeypatch.setattr("toolkit.prediction.predict", bomb)
    (tmp_path / "s.jsonl").write_text(GOOD)
    done = run_stance("predict", "s.jsonl", "-o", "p.jsonl", cwd=tmp_path)
    assert done.returncode == 1 and "there is not enough memory for this" in done.stderr
    assert "fault of the toolkit" not in done.stderr


# ----------------------------------------------------------------------------------------------------------- pages

TEXT = "<p>" + "A sentence of words stands here. " * 30 + "</p>"
PAGES = {
    "deep": ("'<html><body>' + '<div>' * 15_000 + TEXT", "no article was found in this page"),
    "deep bold": ("'<html><body><p>' + '<b>' * 30_000 + TEXT", "no article was found in this page"),
    "paragraphs": ("'<html><body><article>' + TEXT * 30_000", "the page has "),
    "tags": ("'<html><body>' + '<i>x</i>' * 30_000 + TEXT", "the page has 60,0"),
    "attributes": ("'<html><body><p ' + ' '.join(f'a{i}=\"1\"' for i in range(200_000)) + '>' + TEXT", "a tag of the page has more than"),
    "bare attributes": ("'<html><body><p ' + ' '.join(f'a{i}' for i in range(200_000)) + '>' + TEXT", "a tag of the page has more than"),
    "letters": ("'<html><body><article><p>' + 'word ' * 1_000_000 + '</p>'", "the page has 5,000,0"),
    "entities": (
        "'<!DOCTYPE x [<!ENTITY a \"' + 'x' * 1000 + '\"><!ENTITY b \"' + '&a;' * 1000 + '\"><!ENTITY c \"' + '&b;' * 1000 + '\">]><html><body><p>&c;</p>'",
        "no article was found in this page",
    ),
    "less than": ("'<' * 3_000_000", "the page has 3,000,000 tags; at most 40,000 are read"),
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_is_a_bomb_ends_in_one_sentence(tmp_path: Path, page: str) -> None:
    made, told = PAGES[page]
    done = in_little_memory(
        f"""
        from pathlib import Path
        from toolkit.errors import DataError
        from toolkit.storage import read_articles
        TEXT = {TEXT!r}
        path = Path({str(tmp_path)!r}) / "a.html"
        path.write_text({made})
        try:
            print("read", len(list(read_articles([path]))[0].text))
        except DataError as error:
            print(error)
        """
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1 and f"a.html: {told}" in done.stdout and len(done.stdout) < 300, done.stdout


def test_a_long_page_is_read_in_little_time(tmp_path: Path) -> None:
    """As large as the bounds allow, with what newspapers put beside an article."""
    script = "<script>" + "if (a<b && c<d) { f('x y z'); }\n" * 4000 + "</script>"
    paragraphs = "".join(f"<p>In paragraph {i} stands this: {'a sentence of words. ' * 10}</p>" for i in range(12_000))
    image = f'<img src="data:image/png;base64,{"A" * 500_000}" alt="a b">'
    (tmp_path / "a.html").write_text(
        f"<html><head>{script}</head><body><article>{image}{paragraphs}</article></body></html>"
    )
    started = time.perf_counter()
    (article,) = read_articles([tmp_path / "a.html"])
    assert len(article.text) > 2_500_000 and time.perf_counter() - started < 30


def test_a_page_that_breaks_the_parser_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object, **named: object) -> None:
        raise AttributeError("'NoneType' has no attribute 'text'")

    monkeypatch.setattr("trafilatura.bare_extraction", broken)
    (tmp_path / "a.html").write_text("<html>")
    with pytest.raises(DataError, match=r"a\.html: the page cannot be read: 'NoneType' has no attribute 'text'\."):
        list(read_articles([tmp_path / "a.html"]))
