"""Briefings and statements of the White House: Markdown with a front matter, a file for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from toolkit.corpora.passages import passages
from toolkit.corpora.text import iso_date, paragraphs
from toolkit.errors import DataError, first_line
from toolkit.records import Article, Statement
from toolkit.storage import read_text

__all__ = ["read_release", "turns"]

_FRONT = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)
_MARKS = re.compile(r"\\([^\w\s])|(\*{1,3}|</?[a-z]\w*(?: [^<>\n]*)?/?>)|!?\[([^\[\]\n]*)\]\([^()\s]*\)")
_BEGINS = re.compile(r"(?:#+ |> |[-+] {1,3})(?=\S)")
_TURN = re.compile(r"(?:(Q)(?= )|((?:[A-Z][A-ZÀ-Þa-z.’'-]*+ ){0,5}[A-ZÀ-Þ][A-ZÀ-Þa-z.’'-]*+)(?: \([^()\n]{1,60}\))?:) ")
_OVER = re.compile(r"END\b")


def read_release(identity: str, path: Path) -> Article:
    """Return a briefing or a release; lines that were wrapped are joined, the marks of Markdown taken off.

    Raises DataError where there is no front matter with ``date``, ``source_url`` and ``title``.
    """
    page = read_text(path)
    front = _FRONT.match(page)
    told = _front_matter(front[1], path) if front else None
    if not front or not isinstance(told, dict) or not {"date", "source_url", "title"} <= told.keys():
        raise DataError(f"{path}:1: a front matter with date, source_url and title is expected.")
    blocks = re.split(r"\n\s*\n", page[front.end() :])
    lines = [line for block in blocks for line in _items(block)]
    return Article(
        article_id=identity,
        text=paragraphs(line for line in lines if any(map(str.isalnum, line))),
        title=" ".join(str(told["title"]).split()),
        source="White House",
        published=iso_date(str(told["date"])),
        url=str(told["source_url"]),
        language="en",
    )


def _front_matter(text: str, path: Path) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DataError(f"{path}:1: the front matter is not YAML: {first_line(error)}.") from None


def _items(block: str) -> list[str]:
    """Return a block's lines joined into one, or into one for each item where it is a list."""
    items: list[list[str]] = []
    for line in map(str.strip, block.split("\n")):
        begins = _BEGINS.match(line)
        if begins or not items:
            items.append([])
        items[-1].append(line[begins.end() if begins else 0 :])
    return [_MARKS.sub(_unmarked, " ".join(item)) for item in items]


def _unmarked(match: re.Match[str]) -> str:
    return match[1] or match[3] or ""


def turns(article: Article) -> Iterator[Statement]:
    """Yield what officials say in the transcript of a briefing, one or two sentences each.

    A turn begins with the speaker in capitals (``MS. LUND: Good morning``) and goes on until the next one; questions of
    journalists (``Q``) and what stands below ``END`` are left out. A release has no turns.
    """
    if "/press-briefings/" not in (article.url or ""):
        return
    speaker, mention = None, (0, 0)
    for line in re.finditer(r"[^\n]+", article.text):
        begins = _TURN.match(line[0])
        start = line.start() + (begins.end() if begins else 0)
        if _OVER.match(line[0]) or (begins and begins[1]):
            speaker = None
        elif begins and _in_capitals(begins[2]):
            speaker, mention = _as_name(begins[2]), (line.start(), line.start() + begins.end(2))
        else:
            start = line.start()
        if speaker is not None:
            yield from passages(article, start, line.end(), speaker, mention)


def _in_capitals(name: str) -> bool:
    """Whether a turn's head is a name: ``MS. LUND``, ``MR. McLEOD``; ``The numbers`` is a sentence."""
    letters = [c for c in name if c.isalpha()]
    return len(letters) > 1 and sum(map(str.isupper, letters)) >= 0.8 * len(letters)


def _as_name(name: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda match: match[0].capitalize(), name)
