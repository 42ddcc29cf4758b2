"""What a reader expects of extraction, one sentence at a time."""

from __future__ import annotations

import pytest

from toolkit.quotes import extract
from toolkit.records import Article, Statement

INTRO = "Foreign Minister Ana Lund met Boris Kane, the chief negotiator of Karsovia, in Oslo. "


def read(text: str) -> list[Statement]:
    return extract(Article("a", text, title="T", source="S", published="2024-01-01"))


def only(text: str) -> Statement:
    found = read(text)
    assert len(found) == 1, [s.text for s in found]
    return found[0]


@pytest.mark.parametrize(
    ("text", "kind", "said", "speaker", "cue"),
    [
        ('"We are open," Ana Lund said.', "direct", "We are open,", "Ana Lund", "said"),
        ("“We are open,” said Ana Lund, who chairs the board.", "direct", "We are open,", "Ana Lund", "said"),
        ("«We are open,» Ana Lund said.", "direct", "We are open,", "Ana Lund", "said"),
        ('"We are open," Ana Lund said. "Tomorrow, even."', "direct", "We are open, Tomorrow, even.", "Ana Lund", "said"),
        ('"We are open," Ana Lund said, "and we will stay open."', "direct", "We are open, and we will stay open.", "Ana Lund", "said"),
        ('Ana Lund told reporters on Monday: "We are open."', "direct", "We are open.", "Ana Lund", "told"),
        ('In an interview with the BBC, Ana Lund said, "We are open for talks."', "direct", "We are open for talks.", "Ana Lund", "said"),
        ('"Let [Vladimir] come and see for himself," Ana Lund said.', "direct", "Let [Vladimir] come and see for himself,", "Ana Lund", "said"),
        ('Ana Lund said the border was "a wound" that would heal.', "mixed", 'the border was "a wound" that would heal', "Ana Lund", "said"),
        ('Ana Lund called the proposal "a farce in three acts".', "mixed", 'the proposal "a farce in three acts"', "Ana Lund", "called"),
        ("Ana Lund said on Monday that the talks would resume in May.", "indirect", "the talks would resume in May", "Ana Lund", "said"),
        ("The talks would resume in May, Ana Lund said.", "indirect", "The talks would resume in May", "Ana Lund", "said"),
        ("The talks, Ana Lund said, would resume in May after a pause.", "indirect", "The talks would resume in May after a pause", "Ana Lund", "said"),
        ("Speaking in Oslo on Friday, Ana Lund said the talks would resume.", "indirect", "the talks would resume", "Ana Lund", "said"),
        ("According to the defence ministry, two ships were turned back.", "indirect", "two ships were turned back", "defence ministry", "According to"),
        ("Two ships were turned back, according to the defence ministry.", "indirect", "Two ships were turned back", "defence ministry", "according to"),
        ("The defence ministry denied having armed the group.", "indirect", "having armed the group", "defence ministry", "denied"),
        ("Ana Lund threatened to close the port.", "indirect", "to close the port", "Ana Lund", "threatened"),
        ("Moscow warned that the pipeline would be shut.", "indirect", "the pipeline would be shut", "Moscow", "warned"),
    ],
)  # fmt: skip
def test_one_statement(text: str, kind: str, said: str, speaker: str, cue: str) -> None:
    statement = only(text)
    assert (statement.kind, statement.text, statement.speaker, statement.cue) == (kind, said, speaker, cue)
    assert (statement.title, statement.source, statement.published) == ("T", "S", "2024-01-01")


@pytest.mark.parametrize(
    "text",
    [
        "By Dana Holt",
        "ALSO READ: “We will fight on,” says minister",
        "ALSO READ | Minister says talks will resume",
        "Follow us on every platform, said nobody.",
        "Sign up for our newsletter, the editor says.",
        "Coast guard ships “on patrol” off the island, officials said. (Photo: Harbour Agency)",
        "(Reporting by Jo Marsh; editing by Al Finn)",
        'The so-called "peace camp" met in the hall of the film "Casablanca".',
        "The two states report to the commission every year.",
        'A board 6\'2" wide and 3" thick lay on the road.',
        "",
    ],
)
def test_no_statement(text: str) -> None:
    assert read(text) == []


def test_a_quotation_over_two_paragraphs_is_one_statement() -> None:
    statement = only(
        '"We have waited long enough for an answer," Ana Lund said. "We waited in May.\n\n"We waited in June as well."'
    )
    assert statement.text == "We have waited long enough for an answer, We waited in May. We waited in June as well."
    assert len(statement.spans) == 3


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        (INTRO + '"Never," she said.', ["Ana Lund"]),
        (INTRO + '"Never," he said.', ["Boris Kane"]),
        (INTRO + '"Never," Lund said. "Ever," Mr. Kane replied.', ["Ana Lund", "Boris Kane"]),
        (INTRO + "The minister said that talks would go on.", ["Ana Lund"]),
        (INTRO + "The negotiator said that talks would go on.", ["Boris Kane"]),
        (INTRO + '"Never," the Karsovian envoy, Piotr Malin, said.', ["Piotr Malin"]),
        (
            '"Never," said a senior Western official. "It was late," the official added.',
            ["senior Western official"] * 2,
        ),
    ],
)
def test_who_is_meant(text: str, speakers: list[str]) -> None:
    assert [statement.speaker for statement in read(text)] == speakers


def test_the_mention_is_marked_as_printed_and_the_name_is_resolved() -> None:
    text = INTRO + '"Never," she said.'
    statement = only(text)
    assert statement.speaker_start is not None
    assert text[statement.speaker_start : statement.speaker_end] == "she"
    assert statement.context is not None and statement.context.endswith('"Never," she said.')


def test_only_the_outermost_attribution_counts() -> None:
    statement = only("Ana Lund said that Moscow had told her the dam would open.")
    assert (statement.speaker, statement.text) == ("Ana Lund", "Moscow had told her the dam would open")


def test_a_headline_with_a_colon() -> None:
    statement = only("Trade minister: no tariffs before the end of May\n\nThe harbour was quiet on Monday.")
    assert (statement.speaker, statement.cue) == ("Trade minister", ":")
    assert statement.text == "no tariffs before the end of May"


def test_two_attributions_side_by_side_are_two_statements() -> None:
    found = read("Ana Lund said that the dam was full, adding that the gates would open on Friday.")
    assert [(s.speaker, s.cue, s.text) for s in found] == [
        ("Ana Lund", "said", "the dam was full"),
        ("Ana Lund", "adding", "the gates would open on Friday"),
    ]
