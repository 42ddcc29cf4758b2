"""A page is whole in itself, the same bytes twice, and shows hostile texts as texts; charts say in words what they draw."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from toolkit.report import (
    Bin,
    Chart,
    Code,
    Group,
    Items,
    Line,
    Measured,
    Note,
    Page,
    PageTable,
    Quotation,
    Section,
    Terms,
    Value,
    bars,
    coverage_risk,
    forest,
    heat,
    over_time,
    page_html,
    reliability,
)
from toolkit.report.page import filled

HOSTILE = "<script>alert(1)</script></title></style>\"'><img src=x onerror=alert(1)> javascript:alert(1) \u202edlrow"
VOID = {"meta", "link", "img", "br", "hr", "input"}


class Read(HTMLParser):
    """What a page holds: tags with their attributes, texts by the tag around them, whether all that is opened closes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data.strip()))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


ROWS = [Measured("a", 0.64, 0.57, 0.7, 321), Measured("b", 0.6, 0.5, 0.7, 321), Measured("none", None)]
CURVE = tuple((k / 400, 0.3 * k / 400) for k in range(1, 401))
CHARTS = {
    "forest": forest("Macro F1", ROWS, unit="macro F1", reference=0.5),
    "bars": bars("Shares", ROWS, unit="share"),
    "reliability": reliability("Reliability", [Bin(0.1, 0.05, 0.0, 0.1, 200), Bin(0.8, 0.7, None, None, 3)]),
    "coverage_risk": coverage_risk("Coverage and risk", [Line("a", CURVE), Line("b", ())]),
    "over_time": over_time(
        "By month",
        ["2024-01", "2024-02", "2024-03"],
        [Line("yes", ((0.1, 0.0, 0.2), (None, None, None), (0.3, 0.2, 0.4)))],
        unit="share",
    ),
    "heat": heat("From whom", ["x", "y"], ["z"], [[3], [None]], across="addressee", down="speaker"),
}


def a_page(text: str = "plain") -> Page:
    parts = (
        text,
        Note(text),
        Code(text),
        Items((text,)),
        Terms(((text, text),)),
        Quotation(text, text, ((text, text),)),
        PageTable(text, (text, "n"), ((text, 3), (text, None), (text, Value(0.5, 0.4, 0.6))), text),
        Group(text, (forest(text, [Measured(text, 0.1, 0.0, 0.2)], unit=text),), folded=True),
        Group("open", (heat(text, [text], [text], [[1]], across=text, down=text),)),
    )
    sections = (Section("One", parts), Section("Charts", tuple(CHARTS.values())))
    return Page(text, (text,), ((text, text, text),), sections, text)


def test_a_hostile_text_stays_a_text_wherever_it_stands() -> None:
    html = page_html(a_page(HOSTILE))
    page = Read(html)
    assert not page.open
    assert not page.all("script") and not page.all("img") and len(page.all("style")) == 1
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert all(a["href"].startswith("#") for a in page.all("a"))
    assert next(t for tag, t in page.texts if tag == "title").startswith("<script>alert(1)</script></title>")
    assert "\u202e" not in html and "�dlrow" in html
    texts = [t for _, t in page.texts]
    assert len([t for t in texts if t.startswith("<script>alert(1)</script></title></style>")]) > 20


def test_a_very_long_text_is_cut_and_says_so() -> None:
    html = page_html(a_page("x" * 10_000))
    assert "x" * 1201 not in html and "8,800 more characters" in html


def test_what_cannot_be_written_as_utf_8_is_written_all_the_same() -> None:
    assert page_html(a_page("half \ud800 a letter \x00\x1b[31m")).encode("utf-8")


def test_nothing_is_loaded_from_anywhere() -> None:
    html = page_html(a_page())
    page = Read(html)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "video"}
    assert not re.search(r"url\(|@import|https?://", html)
    assert any("default-src 'none'" in meta.get("content", "") for meta in page.all("meta"))


def test_headings_are_in_order_ids_are_unique_and_the_contents_lead_to_every_section() -> None:
    page = Read(page_html(a_page()))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"] for a in page.all("a")} == {"#main", "#one", "#charts"} and {"main", "one", "charts"} <= set(ids)
    assert page.all("html") == [{"lang": "en"}] and page.all("nav") == [{"aria-label": "Contents"}]


def test_every_table_has_a_caption_and_heads_of_rows_and_columns() -> None:
    html = page_html(a_page())
    for table in re.findall(r"<table>.*?</table>", html, re.S):
        assert "<caption" in table and 'scope="col"' in table and 'scope="row"' in table


@pytest.mark.parametrize("kind", CHARTS)
def test_a_chart_says_in_words_and_in_a_table_what_it_shows(kind: str) -> None:
    chart = CHARTS[kind]
    drawing = Read(chart.svg)
    assert drawing.tags[0][0] == "svg" and drawing.tags[0][1]["role"] == "img" and not drawing.open
    assert [tag for tag, _ in drawing.tags[1:3]] == ["title", "desc"]
    assert drawing.texts[0] == ("title", chart.table.caption) and len(drawing.texts[1][1]) > 20
    assert len({len(row) for row in chart.table.rows} | {len(chart.table.columns)}) == 1
    assert "nan" not in chart.svg.lower() and "inf" not in chart.svg.lower()


def test_undefined_is_told_and_never_nought() -> None:
    chart = CHARTS["forest"]
    assert chart.table.rows[2][1] is None and "none: undefined" in chart.svg
    html = page_html(Page("t", (), (), (Section("s", (chart,)),), "m"))
    assert '<span class="aside">undefined</span>' in html and "0.64 [0.57, 0.70]" in html
    gap = CHARTS["over_time"].table.rows[1]
    assert gap == ("2024-02", None)


@pytest.mark.parametrize(
    "chart",
    [
        forest("t", [], unit="u"),
        forest("t", [Measured("a", 0.0, 0.0, 0.0)], unit="u"),
        forest("t", [Measured("a", -3e6, -4e6, 5e6)], unit="u"),
        bars("t", [Measured("a", None)], unit="u"),
        reliability("t", []),
        coverage_risk("t", []),
        over_time("t", ["2024"], [Line("a", ((0.5, 0.5, 0.5),))], unit="u"),
        over_time("t", [], [], unit="u"),
        heat("t", [], [], [], across="a", down="b"),
        heat("t", ["a"], ["b"], [[0]], across="a", down="b"),
    ],
)
def test_next_to_nothing_is_drawn_too(chart: Chart) -> None:
    assert not Read(chart.svg).open and "nan" not in chart.svg


def test_the_same_page_is_the_same_bytes_and_another_is_not() -> None:
    assert page_html(a_page()) == page_html(a_page()) != page_html(a_page("other"))


def test_a_name_that_a_template_misses_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        filled("base.html", {})
