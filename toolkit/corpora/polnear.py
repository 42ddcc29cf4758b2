"""PolNeAR 1.0: attributions in US political news, annotated as brat stand-off (Newell, Margolin and Ruths 2018).

A folder holds ``text/NAME.txt`` and ``attributions/NAME_ANNOTATOR.ann``; an attribution event names the spans of its
source, cue and content. Where several annotators read an article, the first file by name is taken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from toolkit.errors import DataError
from toolkit.marks import quoted_letters
from toolkit.records import Article, Kind, Span, Statement, statement_id

__all__ = ["read_polnear"]

_ANNOTATION = re.compile(r"[TE]\d+")
_ROLES = ("Source", "Cue", "Content")


def read_polnear(folder: Path) -> Iterator[tuple[Article, list[Statement]]]:
    """Yield every article with its gold statements, one per attribution that has content.

    ``speaker`` is the source as printed and ``cue`` the cue's words; a source of several spans is marked by its first.
    Raises DataError where the folder is not laid out so, or an annotation does not fit its text.
    """
    texts = sorted((folder / "text").glob("*.txt"))
    if not texts or not (folder / "attributions").is_dir():
        published = "PolNeAR is published on GitHub (networkdynamics/PolNeAR)"
        raise DataError(f"{folder}: text/*.txt and attributions/*.ann are expected; {published}.")
    for path in texts:
        article = Article(
            path.stem, path.read_text(encoding="utf-8"), source=path.stem.partition("_")[0], language="en"
        )
        annotations = sorted((folder / "attributions").glob(f"{path.stem}_*.ann"))
        yield article, list(_statements(article, annotations[0])) if annotations else []


def _statements(article: Article, path: Path) -> Iterator[Statement]:
    spans: dict[str, list[Span]] = {}
    events: list[dict[str, list[Span]]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        key, _, rest = line.partition("\t")
        if not _ANNOTATION.fullmatch(key):
            continue  # a note, or the rest of an annotated text that holds a line end
        try:
            if key.startswith("T"):
                offsets = rest.partition("\t")[0].partition(" ")[2]
                pairs = [piece.split() for piece in offsets.split(";")]
                spans[key] = sorted((int(start), int(end)) for start, end in pairs)
            else:
                events.append(_event(rest, spans))
        except (ValueError, KeyError) as error:
            raise DataError(f"{path}:{number}: is no brat annotation: {error}.") from None
    quoted = quoted_letters(article.text)
    seen: set[str] = set()
    for event in events:
        statement = _statement(article, event, quoted)
        if statement is not None and statement.statement_id not in seen:
            seen.add(statement.statement_id)
            yield statement


def _event(rest: str, spans: dict[str, list[Span]]) -> dict[str, list[Span]]:
    event: dict[str, list[Span]] = defaultdict(list)
    for argument in rest.split()[1:]:
        role, _, reference = argument.partition(":")
        role = re.sub(r"\d+$", "", role)
        if role in _ROLES:
            event[role] += spans.get(reference, [])  # the published files name spans that are not there
    return event


def _statement(article: Article, event: dict[str, list[Span]], quoted: set[int]) -> Statement | None:
    text = article.text
    content = _merged(event["Content"])
    content = tuple((start, end) for start, end in content if any(c.isalnum() for c in text[start:end]))
    if not content:
        return None
    source = sorted(event["Source"])
    return Statement(
        statement_id=statement_id(article.article_id, content),
        article_id=article.article_id,
        text=" ".join(text[start:end] for start, end in content),
        spans=content,
        kind=_kind(text, content, quoted),
        speaker=" ".join(text[start:end] for start, end in source) or None,
        speaker_start=source[0][0] if source else None,
        speaker_end=source[0][1] if source else None,
        cue=" ".join(text[start:end] for start, end in sorted(event["Cue"])) or None,
        source=article.source,
    )


def _kind(text: str, content: tuple[Span, ...], quoted: set[int]) -> Kind:
    """Return the kind as the corpus's scorer has it: at least nine in ten letters inside marks are direct."""
    letters = [i for start, end in content for i in range(start, end) if text[i].isalnum()]
    inside = sum(i in quoted for i in letters)
    return "indirect" if not inside else "direct" if inside >= 0.9 * len(letters) else "mixed"


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return tuple(merged)
