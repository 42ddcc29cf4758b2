"""Who speaks: names, pronouns, offices, descriptions and documents back to whom they mean."""

from __future__ import annotations

import pytest

from toolkit.quotes import extract
from toolkit.records import Article

INTRO = "Foreign Minister Ana Lund met Boris Kane, the chief negotiator of Karsovia, in Oslo. "


def speakers(text: str) -> list[str | None]:
    return [statement.speaker for statement in extract(Article("a", text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("President Recep Tayyip Erdoğan met them. Erdogan said the talks would go on.", ["Recep Tayyip Erdoğan"]),
        ("The World Health Organization (WHO) met. The WHO said the outbreak was over.", ["World Health Organization"]),
        ("The government of Samoa met on Monday. The Samoan government said schools would close.", ["government of Samoa"]),
        ("Former Ambassador to the United Nations Mara Hale wrote that the vote was lost.", ["Mara Hale"]),
        ("Prime Minister of India Arun Mehta said the port would open.", ["Arun Mehta"]),
        ("Samoa Observer editor Keni Lesa said the paper would appear.", ["Keni Lesa"]),
        ("Superintendent Gil Mija of the police of the Autonomous Region in Mindanao said two men were held.", ["Gil Mija"]),
        ("Nils Haag of Rogaland Fire and Rescue said nobody was hurt.", ["Nils Haag"]),
        ("The supplier, Medlink, said it would pay.", ["Medlink"]),
        ("Jo Marsh, 27, a teacher in Oslo, said the school was shut.", ["Jo Marsh"]),
        ("On Monday morning, Director Ana Lund of the health agency, said the trial was over.", ["Ana Lund"]),
        ("On live television Lund said it was over.", ["Lund"]),
        ("Voters who watched the debate said they were bored.", ["Voters"]),
        ("A report published on Wednesday said the fleet was old.", ["report"]),
        ("In Baku officials said the talks would go on.", ["Baku officials"]),
        ("Officials in Munich, Germany said two men were ill.", ["Officials"]),
        ("Speaking in Munich, Ana Lund said two men were ill.", ["Ana Lund"]),
        ("A member of the council, Ana Lund said two men were ill.", ["Ana Lund"]),
        ("Two men were ill, according to officials on Thursday.", ["officials"]),
        ("A study in the Journal of Reefs said the coral was dead.", ["study in the Journal of Reefs"]),
        ("According to a 2019 Meridian University poll, most stay at home.", ["Meridian University"]),
        ("Director of National Archives Susan Roe said the files were safe.", ["Susan Roe"]),
        ("Norland left. The Norland Department of Roads said the bridge was shut.", ["Norland Department of Roads"]),
        ("A Norland Department of Roads spokesman, Boris Kane, said it was shut.", ["Boris Kane"]),
        ("Doris Day sang. Day said it was her last song.", ["Doris Day"]),
    ],
)  # fmt: skip
def test_one_speaker(text: str, expected: list[str]) -> None:
    assert speakers(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The one who spoke before goes on, not the one named last inside the quotation.
        (
            INTRO + '"After long talks, Minister Piotr Orlin made it plain that Viktor Vasko is not ready," Kane said. '
            '"We go home," he added.',
            ["Boris Kane", "Boris Kane"],
        ),
        (
            "Ana Lund visited the front. \"It is bad,\" she said. The ministry sent trucks. \"It is worse,\" she added.",
            ["Ana Lund", "Ana Lund"],
        ),
        ("The ministry issued a report. The report said the dam was safe.", ["ministry"]),
        ("According to a statement released by Mara Hale, the vote was lost.", ["Mara Hale"]),
        ("The WHO's website said the outbreak was over.", ["WHO"]),
        ("Local protesters met the mayor. They said the road was shut.", ["Local protesters"]),
        ("The mayor met a crowd of protesters. They said the road was shut.", ["protesters"]),
        ("The mayor met local protesters. They're saying that the road is shut.", ["local protesters"]),
        ("The ministry used an official government Twitter account. The government said it was hacked.", ["government"]),
        ("President Boris Kane met Vice President Ana Lund. The Vice President said they agreed.", ["Ana Lund"]),
        ("The World Health Organization (WHO) met. The WHO findings said the outbreak was over.", ["World Health Organization"]),
        ("((WN)) What now?\n\n((Mara Hale)) I think the dam will hold.", ["Mara Hale"]),
        ("Reporter: What now?\n\nMara Hale: Well, I think the dam will hold.", ["Mara Hale"]),
    ],
)  # fmt: skip
def test_whoever_is_meant(text: str, expected: list[str]) -> None:
    assert speakers(text) == expected


def test_one_form_of_a_name_all_through_an_article() -> None:
    text = (
        "Prime Minister Ana Maria Lund said talks would go on. Lund said the port was open. Mrs Lund said it would "
        "stay so. President Ana Lund added that ships were welcome. “Come,” Ana Maria Lund said."
    )
    found = speakers(text)
    assert len(found) == 5 and set(found[:3]) == {"Ana Maria Lund"} and found[-1] == "Ana Maria Lund"


def test_a_spokesman_is_not_the_one_he_speaks_for() -> None:
    text = "Premier Boris Kane left Oslo. Kane's spokesman said the talks had failed."
    assert speakers(text) == ["Kane's spokesman"]


def test_names_in_a_row_speak_together() -> None:
    assert speakers("The army left Oslo. France, Germany and Britain condemned the raid.") == [
        "France, Germany and Britain"
    ]
