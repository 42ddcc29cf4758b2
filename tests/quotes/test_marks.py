"""What stands in quotation marks, also where a mark is odd, and in British style."""

from __future__ import annotations

import pytest

from toolkit.marks import quoted_letters
from toolkit.quotes import extract
from toolkit.records import Article


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"We will go", said Ana Lund. "Tomorrow, even."', "We will go Tomorrow, even."),
        ('"We will go", Ana Lund said in a statement. "Tomorrow, even".', "We will go Tomorrow, even"),
        ('"Will we ever go?" Ana Lund asked.', "Will we ever go?"),
        (
            'The so-called "peace plan failed. "We will fight on until May," Ana Lund said.',
            "We will fight on until May,",
        ),
        ('He is 6\'2" tall. "We will go on until May," Ana Lund said.', "We will go on until May,"),
        ('Ana Lund said "We will not go," and the flag flew at half-mast.', "We will not go,"),
    ],
)
def test_a_direct_statement(text: str, said: str) -> None:
    found = extract(Article("a", text))
    assert [(s.kind, s.text, s.speaker) for s in found] == [("direct", said, "Ana Lund")]


@pytest.mark.parametrize("marks", ["''", "‘’"])
def test_single_marks_quote_where_an_article_has_no_others(marks: str) -> None:
    opener, closer = marks
    quote = f"{opener}We won{closer}t sell the farmers{closer} land,{closer} Ana Lund said."
    found = extract(Article("a", f"{quote} {opener}Not today.{closer}"))
    assert [(s.kind, s.text) for s in found] == [
        ("direct", f"We won{closer}t sell the farmers{closer} land, Not today.")
    ]
    beside_double = extract(Article("a", f'{quote}\n\nThe "plan" failed.'))
    assert [s.kind for s in beside_double] == ["indirect"]


def test_one_odd_mark_spoils_nothing_behind_its_paragraph() -> None:
    text = 'A board 3" thick and the "peace camp lay there.\n\n"We will fight on until May," Ana Lund said.'
    assert [s.text for s in extract(Article("a", text))] == ["We will fight on until May,"]


def test_letters_inside_marks_as_the_benchmark_counts_them() -> None:
    text = 'He said "no way" and “never” and «nie».\n"Open'
    assert "".join(text[i] for i in sorted(quoted_letters(text))) == "nowayneverneverOpen".replace(
        "nevernever", "nevernie"
    )
