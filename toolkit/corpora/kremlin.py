"""Pages of the Russian president's English site, read by the one element that holds the article's body.

The standard library's parser reads them: what a page's text is must not change with the version of a package.
"""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from toolkit.corpora.text import iso_date, paragraphs
from toolkit.errors import DataError
from toolkit.records import Article
from toolkit.storage import read_text

__all__ = ["read_page"]

_BLOCKS = frozenset("p div h1 h2 h3 h4 h5 h6 li ul ol blockquote table tr td th figure figcaption hr br".split())
_SILENT = frozenset("script style".split())
_BESIDE = ("masha-ignore", "read__bottommeta")
"""Classes of what stands inside the body and is no part of it: pictures, pointers to other pages, the small print."""


def read_page(identity: str, path: Path) -> Article:
    """Return the article of a page. Raises DataError where no element holds an ``articleBody``."""
    page = _Page()
    page.feed(read_text(path))
    page.close()
    text = paragraphs("".join(page.body).split("\n"))
    if not text:
        raise DataError(f'{path}: there is no element with itemprop="articleBody" and text in it.')
    return Article(
        article_id=identity,
        text=text,
        title=" ".join("".join(page.title).split()) or None,
        source="Kremlin",
        published=iso_date(page.published),
        url=f"http://en.kremlin.ru/d/{identity.rpartition('-')[2]}",
        language="en",
    )


class _Page(HTMLParser):
    """Collects title, date and paragraphs; ``div`` elements alone are counted, for they are always closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.body: list[str] = []
        """Pieces of text, and a line end wherever a block begins or ends."""
        self.title: list[str] = []
        self.published: str | None = None
        self._depth = 0  # of the body: how many div elements are open, the body's own with them
        self._beside = 0  # the depth at which something beside the text began
        self._silent = self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        classes = told.get("class") or ""
        if tag == "h1" and "entry-title" in classes:
            self._in_title = True
        elif tag == "time" and told.get("itemprop") == "datePublished" and self.published is None:
            self.published = told.get("datetime")
        if tag == "div" and (self._depth or (told.get("itemprop") == "articleBody" and not self.body)):
            self._depth += 1
            if not self._beside and any(name in classes for name in _BESIDE):
                self._beside = self._depth
        self._silent = self._silent or tag in _SILENT
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "h1":
            self._in_title = False
        self._break(tag)
        if tag == "div" and self._depth:
            if self._beside == self._depth:
                self._beside = 0
            self._depth -= 1
        if tag in _SILENT:
            self._silent = False

    def _break(self, tag: str) -> None:
        if self._depth and tag in _BLOCKS:
            self.body.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif self._depth and not self._beside and not self._silent:
            self.body.append(data.replace("\n", " "))
