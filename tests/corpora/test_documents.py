"""Documents as sites and archives publish them, in small files written here in their formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.config import load_corpus
from toolkit.corpora import Imported, import_corpus
from toolkit.corpora.documents import read_documents
from toolkit.corpora.passages import surroundings
from toolkit.errors import DataError
from toolkit.storage import read_articles

BRIEFING = """---
tags: press-briefings
date: '2031-04-02'
source_url: https://archive.example/briefing-room/press-briefings/2031/04/02/a-briefing/
published_time: 2031-04-02 19:06:00-05:00
title: "Briefing by Ana\\_Lund\\
  \\ on the\\_dam"
---
 
The small room

7:06 P.M. EST  
   
MS. LUND:  Good evening.  The dam
holds.  We talked to St. Maren \\[the town\\] today. 

And we will talk again.

Q    And if it breaks?

Who pays?

\u00a0\u00a0 MR. McREED (via telephone): No.

SENIOR WATER OFFICIAL:  **We have** asked [the ministry](https://a.example/b_c).

END  
\\###
"""
RELEASE = """---
tags: statements-releases
date: '2031-04-03'
source_url: https://archive.example/briefing-room/statements-releases/2031/04/03/a-release/
title: Readout
---

NOTE: The two sides *met* on the 3<sup>rd</sup>.

## Next steps

-   Build a wall
    of sand;
-   Wait.
"""
PAGE = """<!doctype html><html><body><p>Menu</p>
<h1 class="entry-title p-name" itemprop="name">Meeting in
 the harbour</h1><time datetime="2031-05-06" itemprop="datePublished">May 6, 2031</time>
<div class="entry-content read__internal_content" itemprop="articleBody">
 <div class="slider masha-ignore"><div><p>A picture of boats.</p></div></div>
 <p>The boats <b>stay</b>, the harbour&rsquo;s master
 said.<p>Nobody asked.<script>var p = "<p>no</p>";</script>
 <div><blockquote>A third line</blockquote></div>
 <div class="read__bottommeta hidden-copy"><p>Publication status</p></div>
</div><div><p>Footer</p></div></body></html>
"""
CSV = (
    "url,date,title,text\n"
    'https://wiki.example//wiki/Dam_%27holds%27,2031-04-01,Dam holds,"Tuesday  \n\n\nThe dam holds, ""for now"",'
    ' Ana  Lund said.\n"\nhttps://wiki.example//wiki/Empty,2031-04-02,Empty,\n'
)


def imported(name: str, path: Path) -> Imported:
    return import_corpus(*load_corpus(name), path)


def test_wikinews_is_named_by_its_page(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "wikinews_2031.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / "data" / "other.csv").write_text("a,b\n1,2\n")
    found = imported("wikinews", tmp_path)
    [article] = found.articles
    assert article.article_id == "Dam_%27holds%27" and article.published == "2031-04-01"
    assert article.text == 'Tuesday\n\nThe dam holds, "for now", Ana Lund said.'
    [(where, reason)] = found.rejected
    assert where.endswith("wikinews_2031.csv:7") and "url and text are expected" in reason
    assert imported("wikinews", tmp_path / "data" / "wikinews_2031.csv").articles == found.articles


def test_turns_of_a_briefing_become_statements(tmp_path: Path) -> None:
    (tmp_path / "2031").mkdir()
    (tmp_path / "2031" / "2031-04-02-a-briefing.md").write_text(BRIEFING, encoding="utf-8")
    (tmp_path / "2031" / "README.md").write_text("nothing")
    found = imported("whitehouse", tmp_path)
    [article] = found.articles
    assert article.article_id == "2031-04-02-a-briefing" and article.title == "Briefing by Ana Lund on the dam"
    assert article.published == "2031-04-02" and not found.labelled
    said = [(s.speaker, s.text) for s, _ in found.statements]
    assert said == [
        ("Ms. Lund", "Good evening. The dam holds."),
        ("Ms. Lund", "We talked to St. Maren [the town] today."),
        ("Ms. Lund", "And we will talk again."),
        ("Mr. Mcreed", "No."),
        ("Senior Water Official", "We have asked the ministry."),
    ]
    for statement, labels in found.statements:
        assert statement.kind == "direct" and not labels.by_scheme
        assert [article.text[a:b] for a, b in statement.spans] == [statement.text]
    first = found.statements[0][0]
    assert article.text[first.speaker_start : first.speaker_end] == "MS. LUND"
    assert first.context == "Good evening. The dam holds. We talked to St. Maren [the town] today."


def test_a_release_is_an_article_without_marks_and_turns(tmp_path: Path) -> None:
    path = tmp_path / "2031-04-03-a-release.md"
    path.write_text(RELEASE, encoding="utf-8")
    found = imported("whitehouse", path)
    assert found.articles[0].text == (
        "NOTE: The two sides met on the 3rd.\n\nNext steps\n\nBuild a wall of sand;\n\nWait."
    )
    assert found.statements == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no front matter", ":1: a front matter with date, source_url and title is expected"),
        ("---\ntitle: [\n---\nx", ":1: the front matter is not YAML"),
        ("---\ntitle: x\n---\nx", ":1: a front matter with date"),
    ],
)
def test_a_release_that_cannot_be_read_is_set_aside(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "2031-04-03-a-release.md").write_text(RELEASE)
    (tmp_path / "2031-04-04-broken.md").write_text(text)
    [(_, told)] = imported("whitehouse", tmp_path).rejected
    assert reason in told


def test_a_page_is_read_by_its_body(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    folder.mkdir()
    (folder / "123.html").write_text(PAGE, encoding="utf-8")
    (folder / "124.html").write_text("<html><body><p>Nothing</p></body></html>")
    (folder / "print.html").write_text(PAGE, encoding="utf-8")
    found = imported("kremlin", tmp_path)
    [article] = found.articles
    assert (article.article_id, article.title) == ("kremlin-123", "Meeting in the harbour")
    assert (article.published, article.url) == ("2031-05-06", "http://en.kremlin.ru/d/123")
    assert article.text == "The boats stay, the harbour’s master said.\n\nNobody asked.\n\nA third line"
    assert "124.html: there is no element with itemprop" in found.rejected[0][1]


def test_speeches_are_cut_in_ones_and_twos(tmp_path: Path) -> None:
    (tmp_path / "Session 99 - 2044").mkdir()
    speech = tmp_path / "Session 99 - 2044" / "XYZ_99_2044.txt"
    speech.write_text("\ufeffMr. President, we came. We saw.  We\tleave!\r\n\r\n“Peace?” they ask.\n", encoding="utf-8")
    (tmp_path / "._XYZ_99_2044.txt").write_bytes(b"\xff\x00")
    found = imported("ungd", tmp_path)
    assert found.articles[0].article_id == "XYZ_99_2044" and found.articles[0].published is None
    said = [(s.speaker, s.text) for s, _ in found.statements]
    assert said == [("XYZ", "Mr. President, we came. We saw."), ("XYZ", "We leave!"), ("XYZ", "“Peace?” they ask.")]


def test_the_same_document_twice_and_folders_without_any(tmp_path: Path) -> None:
    for folder, text in (("a", "We came."), ("b", "We  came.\n"), ("d", "We went.")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "XYZ_99_2044.txt").write_text(text)
    found = imported("ungd", tmp_path)
    [(where, reason)] = found.rejected
    assert [article.text for article in found.articles] == ["We came."]
    assert where.endswith("d/XYZ_99_2044.txt") and "reads otherwise than in " in reason
    with pytest.raises(DataError, match=r"there is no file here whose name is like .* It is published at https"):
        imported("kremlin", tmp_path)
    with pytest.raises(DataError, match="nothing could be imported"):
        (tmp_path / "c").mkdir()
        (tmp_path / "c" / "ABC_99_2044.txt").write_text(" \n")
        imported("ungd", tmp_path / "c")


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    for name in ("ABC", "XYZ"):
        (tmp_path / f"{name}_99_2044.txt").write_text("We came." if name == "XYZ" else " ")
    rejected: list[tuple[str, str]] = []
    found = list(read_documents("ungd", tmp_path, rejected.append, {"XYZ_99_2044"}))
    assert [article.article_id for article in found] == ["XYZ_99_2044"] and rejected == []


def test_surroundings_are_whole_sentences() -> None:
    text = "One is here. Two said that it rains, and left. Three. Four.\n\nFive is elsewhere."
    inside = text.index("it rains")
    assert surroundings(text, [(inside, inside + 8)]) == "Two said that it rains, and left."
    four = text.index("Four")
    assert surroundings(text, [(four, four + 5)]) == "Two said that it rains, and left. Three. Four."
    assert surroundings(text, [(four, four + 5), (four + 7, len(text))]).endswith("Four. Five is elsewhere.")


@pytest.mark.parametrize("kind", ["whitehouse", "kremlin", "ungd"])
def test_time_grows_with_the_length(tmp_path: Path, kind: str) -> None:
    sentence = "MS. LUND: We came *here* <b>and</b> [there](x) today. "
    written = {
        "whitehouse": ("2031-04-02-long.md", BRIEFING + "\n" + sentence * 20_000),
        "kremlin": ("1.html", PAGE.replace("Nobody asked.", sentence * 20_000)),
        "ungd": ("XYZ_99_2044.txt", sentence * 20_000),
    }
    name, text = written[kind]
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = imported(kind, tmp_path)  # a million characters in one paragraph: minutes, were it quadratic
    assert len(found.articles[0].text) > 600_000
    assert len(found.statements) >= (0 if kind == "kremlin" else 10_000)


def test_what_is_imported_is_read_again(tmp_path: Path, run_stance) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "123.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "in" / "124.html").write_text("<p>")
    done = run_stance("data", "import", "kremlin", "in", "-o", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 document could not be read" in done.stderr and "1 article and 0 statements: out" in done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "articles.jsonl",
        "statements.jsonl.rejected.jsonl",
    ]
    [article] = read_articles([tmp_path / "out" / "articles.jsonl"])
    assert article.text.startswith("The boats stay")
