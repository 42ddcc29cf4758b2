"""From a statement to the text that a model reads: fields, the roles of speaker and target, masked names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from toolkit.inputs.masking import mask_names
from toolkit.records import Statement

__all__ = ["compose", "mentions"]

_WORD = re.compile(r"\S+")
_MARGIN = 3
Mention = tuple[int, int, str]


def compose(statement: Statement, fields: Sequence[str], *, roles: str = "keep", names: str = "keep") -> str:
    """Return what a model reads of a statement: its fields joined by a space, the text where all are absent.

    ``fields`` are text, cue, context, speaker, target and relation (see the model configuration). ``roles`` keeps,
    marks or masks the mentions of speaker and target in the text and the context; ``names`` keeps or masks the names
    of people, countries and organisations.
    """
    pieces = []
    for field in fields:
        if field == "relation":
            piece = _relation(statement, roles)
        elif field in ("text", "context"):
            piece = getattr(statement, field) or ""
            if roles != "keep":
                piece = _with_roles(piece, mentions(statement, field), roles)
        elif roles == "mask" and field in ("speaker", "target") and getattr(statement, field):
            piece = f"_{field.upper()}_"
        else:
            piece = getattr(statement, field) or ""
        if piece:
            pieces.append(piece)
    text = " ".join(pieces) or statement.text
    return mask_names(text) if names == "mask" else text


def mentions(statement: Statement, field: str = "text") -> list[Mention]:
    """Return where the speaker and the target stand in a field: (start, end, role), in order, without overlap.

    A mention whose place in the article is known is taken from there; besides, every place where the same name stands
    as words of their own is one. Of two that overlap, the longer counts.
    """
    text = getattr(statement, field) or ""
    found: list[Mention] = []
    for role in ("speaker", "target"):
        start, end = getattr(statement, f"{role}_start"), getattr(statement, f"{role}_end")
        name = getattr(statement, role)
        placed = _in_text(statement, start, end) if field == "text" else None
        if placed:
            found.append((*placed, role))
        # "she" is a mention only where the corpus says so.
        if name and any(character.isupper() for character in name):
            found += [(m.start(), m.end(), role) for m in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)]
    kept: list[Mention] = []
    for mention in sorted(set(found), key=lambda m: (m[0] - m[1], m[0], m[2])):
        if all(mention[1] <= other[0] or other[1] <= mention[0] for other in kept):
            kept.append(mention)
    return sorted(kept)


def _in_text(statement: Statement, start: int | None, end: int | None) -> tuple[int, int] | None:
    """Turn offsets of the article into offsets of the statement's text, whose pieces are joined by a space."""
    if start is None or end is None:
        return None
    before = 0
    for low, high in statement.spans:
        if low <= start and end <= high:
            return before + start - low, before + end - low
        before += high - low + 1
    return None


def _with_roles(text: str, found: Sequence[Mention], roles: str) -> str:
    if roles == "keep":
        return text
    for start, end, role in reversed(found):
        placeholder = f"_{role.upper()}_"
        replaced = placeholder if roles == "mask" else f"{placeholder} {text[start:end]}"
        text = text[:start] + replaced + text[end:]
    return text


def _relation(statement: Statement, roles: str) -> str:
    """Return the words from the speaker's to the nearest target's mention, and three to either side."""
    text, found = statement.text, mentions(statement)
    speakers = [m for m in found if m[2] == "speaker"]
    targets = [m for m in found if m[2] == "target"]
    if not speakers or not targets:
        return _with_roles(text, found, roles)
    one, other = min(
        ((s, t) for s in speakers for t in targets),
        key=lambda pair: max(pair[0][0], pair[1][0]) - min(pair[0][1], pair[1][1]),
    )
    low, high = min(one[0], other[0]), max(one[1], other[1])
    before = [word.start() for word in _WORD.finditer(text, 0, low)][-_MARGIN:]
    after = [word.end() for word in _WORD.finditer(text, high)][:_MARGIN]
    start, end = (before or [low])[0], (after or [high])[-1]
    inside = [(s - start, e - start, role) for s, e, role in found if start <= s and e <= end]
    return _with_roles(text[start:end], inside, roles)
