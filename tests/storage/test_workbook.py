"""Excel workbooks: what a person sees in a cell is what is read; what cannot be told is set aside with its row."""

from __future__ import annotations

import datetime
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from tests.limits import told_by
from toolkit.errors import DataError, Remark
from toolkit.labels import LabelScheme
from toolkit.storage import SetAside, read_articles, read_labelled, read_rows, read_statements

Sheet = Any
TONE = LabelScheme.model_validate(
    {
        "name": "tone",
        "question": "?",
        "labels": {"a": {"definition": "a"}, "b": {"definition": "b"}},
        "multi_label": True,
    }
)


def book(path: Path, rows: list[list[Any]], change: Callable[[Sheet], None] = lambda sheet: None) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    for row in rows:
        sheet.append(row)
    change(sheet)
    workbook.save(path)
    return path


def changed(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """Change the text of a part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"


def shared(path: Path) -> Path:
    """Put the texts of a workbook where Excel puts them: into a part of their own, each once, with how it is spoken."""
    texts: list[str] = []

    def taken(found: re.Match[str]) -> str:
        if found[2] not in texts:
            texts.append(found[2])
        return f'<c{found[1]} t="s"><v>{texts.index(found[2])}</v></c>'

    changed(
        path, "xl/worksheets/sheet1.xml", lambda xml: re.sub(r'<c([^>]*) t="inlineStr"><is>(.*?)</is></c>', taken, xml)
    )
    target = f'<Relationship Type="{RELATED}" Target="sharedStrings.xml" Id="rId9"/></Relationships>'
    changed(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace("</Relationships>", target))
    with zipfile.ZipFile(path, "a") as archive:
        spoken = '<rPh sb="0" eb="1"><t>spoken</t></rPh>'
        archive.writestr("xl/sharedStrings.xml", f"<sst>{''.join(f'<si>{text}{spoken}</si>' for text in texts)}</sst>")
    return path


def cells_of(path: Path, name: str = "value") -> list[Any]:
    return [row.values[name] for row in read_rows(path)]


@pytest.mark.parametrize("where", [lambda path: path, shared], ids=["in the cells", "shared"])
def test_cells_are_the_text_that_is_seen(tmp_path: Path, where: Callable[[Path], Path]) -> None:
    values = [
        ("007", "007"),
        (7, "7"),
        (7.0, "7"),
        (-3, "-3"),
        (0.1 + 0.2, "0.3"),
        (2.5, "2.5"),
        (1e-7, "1e-07"),
        (True, "true"),
        (False, "false"),
        (None, None),
        ("", None),
        ("NA", "NA"),
        ("None", "None"),
        ("null", "null"),
        ("  spaced ", "  spaced "),
        ("line\nbreak", "line\nbreak"),
        ("é—“” 🙂", "é—“” 🙂"),
        ("<b>&amp;", "<b>&amp;"),
        (datetime.date(2024, 3, 1), "2024-03-01"),
        (datetime.datetime(2024, 3, 1, 8, 30), "2024-03-01T08:30:00"),
        (datetime.time(8, 30), "08:30:00"),
        (datetime.date(1900, 1, 5), "1900-01-05"),
        (CellRichText("We ", TextBlock(InlineFont(b=True), "will"), " go."), "We will go."),
    ]
    path = book(tmp_path / "a.xlsx", [["id", "value"], *([n, value] for n, (value, _) in enumerate(values))])
    assert cells_of(where(path)) == [seen for _, seen in values]


def test_a_number_that_is_shown_with_leading_zeros(tmp_path: Path) -> None:
    def shown(sheet: Sheet) -> None:
        sheet["A2"].number_format, sheet["A3"].number_format = "000", "0.00"

    assert cells_of(book(tmp_path / "a.xlsx", [["value"], [7], [7]], shown)) == ["007", "7"]


def test_dates_that_count_from_1904(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["value"], [datetime.date(2024, 3, 1)]])
    changed(path, "xl/workbook.xml", lambda xml: re.sub(r"<workbookPr\s*/>", '<workbookPr date1904="1"/>', xml))
    assert cells_of(path) == ["2028-03-02"]


def test_labels_that_people_gave_in_excel(tmp_path: Path) -> None:
    rows = [["statement_id", "text", "tone", "confidence"], ["007", "We go.", '["a"]', 0.5], [8, "No.", None, None]]
    path = book(tmp_path / "a.xlsx", rows)
    found = list(read_labelled(path, [TONE]))
    assert [(s.statement_id, labels.by_scheme, labels.confidence) for s, labels in found] == [
        ("007", {"tone": ("a",)}, 0.5),
        ("8", {}, None),
    ]


def test_rows_that_cannot_be_told_are_set_aside(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["statement_id", "text"], *([f"s{n}", "text"] for n in range(2, 12))]

    def spoil(sheet: Sheet) -> None:
        sheet["B3"] = "#REF!"
        sheet["B3"].data_type = "e"
        sheet["B4"] = "=1+1"
        sheet.merge_cells("A6:A7")
        sheet["D8"] = "beyond"
        sheet["C9"] = 12345678901234567890
        sheet["A10"] = "s2"

    rows[0].append("n")
    aside = SetAside()
    path = book(tmp_path / "a.xlsx", rows, spoil)
    assert [s.statement_id for s in read_statements(path, aside)] == ["s2", "s5", "s11"]
    told = [json.loads(line) for line in aside.listed().splitlines()]
    assert [re.sub(r".*a\.xlsx: ", "", one["reason"]) for one in told] == [
        "row 3: cell B3 holds the error #REF!.",
        "row 4: cell B4 holds a formula without a value; open and save the file in Excel.",
        "row 6: holds merged cells.",
        "row 7: holds merged cells.",
        "row 8: column D has no name in the header.",
        "row 9: cell C9 holds what cannot be read: a number of more than 15 digits, which Excel does not keep; make it a text.",
        "row 10: the statement_id 's2' stands twice.",
    ]
    assert aside.count == 7
    assert [one["where"].rpartition(": ")[2] for one in told] == [f"row {n}" for n in (3, 4, 6, 7, 8, 9, 10)]
    assert told[1]["row"]["statement_id"] == "s4"


def test_a_formula_has_its_cached_value(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["value", "b"], ["=1+1", 1], ["=A1", 2], ['=""', 3]])

    def cached(xml: str) -> str:
        values = iter(["<v>2</v>", "<v>seen</v>", "<v></v>"])
        xml = re.sub(r"<v\s*/>|<v></v>", lambda _: next(values), xml)
        return re.sub(r'(<c r="A[34]")(?: t="\w+")?', r'\1 t="str"', xml)

    assert cells_of(changed(path, "xl/worksheets/sheet1.xml", cached)) == ["2", "seen", None]


def test_the_first_sheet_is_read_and_others_are_told(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.active.title = "Labels"
    workbook.active.append(["value"])
    workbook.active.append(["x"])
    workbook.create_sheet("Empty")
    workbook.create_sheet("Notes").append(["a note"])
    workbook.save(tmp_path / "a.xlsx")
    with pytest.warns(Remark, match=r"a\.xlsx: the sheet 'Labels' is read; there is more on 'Notes'\."):
        assert cells_of(tmp_path / "a.xlsx") == ["x"]


def test_empty_rows_and_columns_are_nothing(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx", [[], [None, "id", None, "value"], [], [None, 1, None, "x"], [None, None, None, None]]
    )
    assert [dict(row.values) for row in read_rows(path)] == [{"id": "1", "value": "x"}]
    assert next(read_rows(path)).where.endswith("a.xlsx: row 4")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"a\.xlsx: is an old \.xls workbook or locked by a password; save it as plain"),
        (b"text,id\n", r"a\.xlsx: cannot be read as an Excel workbook after row 0: File is not a zip file\."),
        (b"", r"a\.xlsx: the file is empty\."),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        list(read_rows(path))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["id", "id"], [1, 2]], r"a\.xlsx: row 1: a column name stands twice in the header: 'id'\."),
        ([["id", "body"], [1, 2]], r"a\.xlsx: row 1: column 'text' is missing \(found: id, body\)\."),
        ([["id", "text"]], r"a\.xlsx: there are no rows in this file\."),
        ([], r"a\.xlsx: there are no rows in this file\."),
        ([["=1+1", "text"], [1, "x"]], r"a\.xlsx: row 1: the header cell A1 holds a formula without a value"),
    ],
)
def test_a_header_that_cannot_be_used_is_told(tmp_path: Path, rows: list[list[Any]], message: str) -> None:
    path = book(tmp_path / "a.xlsx", rows)
    with pytest.raises(DataError, match=message):
        list(read_rows(path, required=["text"]))


def test_articles_come_in_a_workbook(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["article_id", "text", "published"],
            ["a1", "A text.", datetime.date(2024, 3, 1)],
            ["a2", "Another.", "1 Mar 2024"],
        ],
    )
    assert [(a.article_id, a.published) for a in read_articles([path])] == [("a1", "2024-03-01"), ("a2", "2024-03-01")]


def test_a_damaged_workbook_gives_its_rows_up_to_the_damage(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["statement_id", "text"], *([f"s{n}", f"text {n}"] for n in range(5000))])
    changed(path, "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2])
    aside = SetAside()
    found = list(read_statements(path, aside))
    assert len(found) > 2000 and aside.count == 1
    assert f"cannot be read as an Excel workbook after row {len(found) + 1}: " in aside.reasons[0]


# ------------------------------------------------------------------------------------------------------- bombs

READ = """
import json, resource, sys
from pathlib import Path
from toolkit.errors import DataError
from toolkit.storage import SetAside, read_rows
import openpyxl
resource.setrlimit(resource.RLIMIT_AS, (1024 * 2**20, 1024 * 2**20))
aside, read, error = SetAside(), 0, ""
try:
    for row in read_rows(Path(sys.argv[1]), reject=aside):
        read += 1
except DataError as told:
    error = str(told)
print(json.dumps([read, aside.count, error or " ".join(aside.reasons)]))
"""


def read_in_a_child(path: Path) -> tuple[int, int, str]:
    return told_by(READ, path)


def poured(path: Path, part: str, begin: bytes, again: bytes, times: int, end: bytes) -> Path:
    """Replace a part of a workbook by one that says the same thing again and again."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != part}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        with archive.open(part, "w", force_zip64=True) as stream:
            stream.write(begin)
            for _ in range(times // 1000):
                stream.write(again * 1000)
            stream.write(end)
    return path


MAIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
HEADER = b'<row r="1"><c r="A1" t="inlineStr"><is><t>text</t></is></c></row>'


@pytest.mark.parametrize(
    ("part", "begin", "again", "end", "message"),
    [
        pytest.param("xl/sharedStrings.xml", b"<sst>", b"<si><t>" + b"x" * 280 + b"</t></si>", b"</sst>", "larger than 256 MiB", marks=pytest.mark.slow),
        ("xl/styles.xml", b"<s>", b"<font>" + b" " * 50 + b"</font>", b"</s>", "larger than 16 MiB"),
        ("xl/workbook.xml", b"<w>", b"<sheet name='x'/>" + b" " * 50, b"</w>", "larger than 16 MiB"),
        ("xl/worksheets/sheet1.xml", MAIN + HEADER + b'<row r="2"><c r="A2" t="inlineStr"><is><t>', b"x" * 100, b"</t></is></c></row></sheetData></worksheet>", "row 2: is larger than 64 MiB"),
        pytest.param("xl/worksheets/sheet1.xml", MAIN + HEADER + b'<row r="2">', b'<c t="b"><v>1</v></c>' + b" " * 400, b"</row></sheetData></worksheet>", "holds what lies outside of a sheet", marks=pytest.mark.slow),
    ],
    ids=["strings", "styles", "sheets", "a cell", "a row"],
)  # fmt: skip
def test_a_workbook_of_a_few_kilobytes_cannot_fill_the_memory(
    tmp_path: Path, part: str, begin: bytes, again: bytes, end: bytes, message: str
) -> None:
    path = shared(book(tmp_path / "a.xlsx", [["text"], ["x"]]))
    count = 300_000 if b"<c t" in again else 1_000_000
    read, _, told = read_in_a_child(poured(path, part, begin, again, count, end))
    assert read == 0 and message in told, told


def test_entities_are_refused(tmp_path: Path) -> None:
    laugh = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    path = book(tmp_path / "a.xlsx", [["text"], ["x"]])
    changed(path, "xl/worksheets/sheet1.xml", lambda xml: laugh + re.sub(r"<\?xml.*?\?>", "", xml))
    with pytest.raises(DataError, match="declares a document type"):
        list(read_rows(path))


def test_a_row_far_to_the_right_or_far_down_costs_nothing(tmp_path: Path) -> None:
    def far(sheet: Sheet) -> None:
        sheet["XFD3"] = "far"
        sheet["A1048576"] = "down"

    aside = SetAside()
    path = book(tmp_path / "a.xlsx", [["text"], ["x"]], far)
    assert [row.values["text"] for row in read_rows(path, reject=aside)] == ["x", "down"]
    assert "row 3: column XFD has no name in the header" in aside.reasons[0]
