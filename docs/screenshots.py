"""Pictures of the terminal page on which people label, drawn from sentences of our own: ``make screenshots``."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from toolkit.config import load_scheme
from toolkit.labeling.people.journal import open_journal
from toolkit.labeling.people.page import LabelPage
from toolkit.labeling.people.project import Session
from toolkit.records import Statement

IMAGES = Path(__file__).parent / "images"
LABEL_PAGE = "label-page.svg"
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""They would be fetched from elsewhere."""
_BEFORE = "The ferry talks ended at noon without a timetable. "
_SAID = "“We will come back on Monday, but the crossing stays shut until the tolls are dropped,”"
_AFTER = " harbour minister Ilse Tamm told the Port Gazette."


def _statements() -> list[Statement]:
    context, said = _BEFORE + _SAID + _AFTER, (len(_BEFORE), len(_BEFORE + _SAID))
    first = Statement(
        "ferry#1", "ferry", _SAID, (said,), "direct", "Ilse Tamm", cue="told", addressee="the islands", context=context,
        title="No ferry before Monday", source="Port Gazette", published="2026-03-02",
    )  # fmt: skip
    return [first, Statement("ferry#2", "ferry", "Nobody has been turned away", ((0, 27),), "indirect")]


def label_page() -> str:
    """Return the page as it looks with two labels chosen, as SVG."""

    async def drawn(page: LabelPage) -> str:
        async with page.run_test(size=(100, 18)) as pilot:
            await pilot.press("1", "2")
            await pilot.pause()
            return page.export_screenshot(title="stance annotate label")

    scheme = load_scheme("stance", Path(__file__).parents[1])
    with tempfile.TemporaryDirectory() as folder, open_journal(Path(folder) / "anna.jsonl", scheme) as journal:
        return _FONTS.sub("", asyncio.run(drawn(LabelPage(Session(_statements(), journal)))))


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / LABEL_PAGE).write_text(label_page(), encoding="utf-8")
