"""What is performed and named by words, and who is accused, urged or threatened."""

from __future__ import annotations

import pytest

from toolkit.quotes import Extraction, extract
from toolkit.records import Article


def read(text: str, **choice: object) -> list[tuple[str | None, str | None, str | None, str]]:
    """Return act, speaker, addressee and text of every statement."""
    return [(s.act, s.speaker, s.addressee, s.text) for s in Extraction(**choice)(Article("a", text))]


@pytest.mark.parametrize(
    ("text", "speaker", "addressee", "said"),
    [
        ("Norland urged Karsovia to withdraw its troops.", "Norland", "Karsovia", "Karsovia to withdraw its troops"),
        ("Ana Lund asked for a pause in the fighting.", "Ana Lund", None, "a pause in the fighting"),
        ("The ministry called on residents to stay indoors.", "ministry", "residents", "residents to stay indoors"),
        ("Norland accused Karsovia of arming the rebels.", "Norland", "Karsovia", "Karsovia of arming the rebels"),
        ("Norland blamed Karsovia for the raid on Monday.", "Norland", "Karsovia", "Karsovia for the raid"),
        ("The council condemned the raid in a statement.", "council", None, "the raid"),
        ("The premier rejected Karsovia's offer of talks.", "premier", "Karsovia", "Karsovia's offer of talks"),
        ("The company declined to comment on the case.", "company", None, "to comment on the case"),
        ("Norland pledged to reopen the border.", "Norland", None, "to reopen the border"),
        ("Norland threatened to sanction Karsovia.", "Norland", "Karsovia", "to sanction Karsovia"),
        ("The group claimed responsibility for the attack.", "group", None, "responsibility for the attack"),
        ("The court ruled the arrest of Boris Kane to be unlawful.", "court", None, "the arrest of Boris Kane to be unlawful"),
        ("The governor declared a state of emergency.", "governor", None, "a state of emergency"),
        ("Broadcasters projected a narrow win for the premier.", "Broadcasters", None, "a narrow win for the premier"),
        ("Ana Lund thanked Georgia for its help.", "Ana Lund", "Georgia", "Georgia for its help"),
        ("Ana Lund described the talks as a success.", "Ana Lund", None, "the talks as a success"),
        ("Ana Lund credited the doctors with saving her life.", "Ana Lund", "doctors", "the doctors with saving her life"),
        ("Ana Lund recalled swimming in the lake.", "Ana Lund", None, "swimming in the lake"),
        ("Meridian announced investigating itself.", "Meridian", None, "investigating itself"),
        ("Ana Lund mentioned the rain.", "Ana Lund", None, "the rain"),
        ("Ana Lund called it unlikely that the port would open.", "Ana Lund", None, "it unlikely that the port would open"),
        ("Norland has, in recent days, rejected the offer.", "Norland", None, "the offer"),
    ],
)  # fmt: skip
def test_what_words_perform(text: str, speaker: str, addressee: str | None, said: str) -> None:
    assert read(text) == [("performed", speaker, addressee, said)]


@pytest.mark.parametrize(
    ("text", "act", "speaker", "said"),
    [
        ("Officials recalled Norland's threat to close the strait.", "named", "Norland's", "to close the strait"),
        ("His claim that the vote was stolen found no echo.", "named", None, "the vote was stolen found no echo"),
        ("Residents were told to stay off the roads.", "performed", None, "Residents to stay off the roads"),
        ("The plan was condemned by Ana Lund.", "performed", "Ana Lund", "The plan"),
        ("Boris Kane was accused by Norland of fraud.", "performed", "Norland", "Boris Kane of fraud"),
        ("The envoy is reported to have left the city.", "performed", None, "The envoy to have left the city"),
        ("The minister's position is that the ships must leave.", "named", "minister", "the ships must leave"),
        ("The premier's claims of fraud have found no echo.", "named", "premier", "fraud"),
    ],
)
def test_nouns_and_passives(text: str, act: str, speaker: str | None, said: str) -> None:
    found = read(text)
    assert [(a, t) for a, _, _, t in found] == [(act, said)]
    if speaker is not None:
        assert found[0][1] is not None and found[0][1].startswith(speaker.removesuffix("'s"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Karsovia was warned by Norland not to cross the river.", "Karsovia not to cross the river"),
        ("Karsovia was urged not to cross the river.", "Karsovia not to cross the river"),
        ("The premier pledged never to cross the river.", "never to cross the river"),
        ("The premier pledged on Monday to cross the river.", "to cross the river"),
        ("Norland urged Karsovia on Monday to leave the town.", "Karsovia on Monday to leave the town"),
        ("She was urged by her chairman, Boris Kane, to leave the town.", "She to leave the town"),
    ],
)
def test_no_negation_and_no_infinitive_is_lost(text: str, said: str) -> None:
    assert [text for _, _, _, text in read(text)] == [said]


@pytest.mark.parametrize(
    "text",
    [
        "Norland never threatened to close the strait.",
        "Norland has not accused Karsovia of the attack.",
        "The premier did not condemn the raid.",
        "Nobody said that the talks had failed.",
        "The premier did not say that she would resign.",
        "The ministry hasn't announced that the port will open.",
        "The army won't say anything of it.",
        "Critics may say that the plan was late.",
        "Norland was expected to pass by Karsovia.",
        "The minister was told by the envoy of a strike.",
        "It was mentioned by the minister.",
    ],
)
def test_what_nobody_did_is_no_statement(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Norland opposes all sanctions, spokeswoman Ana Lund said.", "Ana Lund"),
        ("Norland will not accept a “fait accompli” in the strait, Ana Lund said.", "Ana Lund"),
        ("Norland's promise to end the war has not been kept, Ana Lund said.", "Ana Lund"),
    ],
)
def test_who_reports_that_somebody_acts_is_the_speaker(text: str, speaker: str) -> None:
    assert [(who, told) for _, who, _, told in read(text)] == [(speaker, text.rsplit(", ", 1)[0])]


@pytest.mark.parametrize(
    "text",
    [
        "The agency quoted Ana Lund as saying the talks had failed.",
        "Ana Lund was quoted by the agency as saying that the talks had failed.",
        "The army denied it had failed.",
    ],
)
def test_quoted_as_saying_and_denied_it(text: str) -> None:
    speaker = "army" if "army" in text else "Ana Lund"
    assert [(act, who) for act, who, _, _ in read(text)] == [("said", speaker)]


def test_coordinated_cues_with_a_content_each_are_two_statements() -> None:
    found = read("Ana Lund threatened to bar inspectors unless the ban ends, but said it remained willing to talk.")
    assert found == [
        ("performed", "Ana Lund", None, "to bar inspectors unless the ban ends"),
        ("said", "Ana Lund", None, "it remained willing to talk"),
    ]


def test_the_accused_is_not_the_speaker() -> None:
    found = read("The European Commission accused Meridian Steel of dumping and said it could fine the company.")
    assert found == [
        ("performed", "European Commission", "Meridian Steel", "Meridian Steel of dumping"),
        ("said", "European Commission", None, "it could fine the company"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The calls for a strike grew louder.",
        "The offer lay on the table for weeks.",
        "The virus claimed 6,606 lives.",
        "Prices in the two states report no change.",
        "The company will announce its results on Monday.",
        "Drought threatened the harvest in May.",
        "The alleged attack took place at night.",
        "Radio Norland journalists report the news in 30 languages.",
        "TBILISI (AN) — The rain went on.",
        "Some delegates pledged to Senator Ana Lund left early.",
        "This was Kane's second attempt to cross the lake.",
        "A talk at the Norland think tank Delta was well attended.",
        "The court ruled on the appeal of that order.",
        "Amongst reported losses the harbour is the worst.",
        "By the end of June, when polls opened, Ana Lund maintained her lead.",
    ],
)
def test_nothing_is_performed(text: str) -> None:
    assert read(text) == []


def test_include_chooses_by_act() -> None:
    text = 'Ana Lund condemned the raid. "We will talk," she said. Norland repeated its threat to close the strait.'
    acts = {act for act, *_ in read(text)}
    assert {"said", "performed"} <= acts
    assert {act for act, *_ in read(text, include=("said",))} == {"said"}
    assert {act for act, *_ in read(text, include=("performed", "named"))} == acts - {"said"}
    whole = {s.statement_id: s for s in extract(Article("a", text))}
    for act in ("said", "performed", "named"):
        for statement in Extraction(include=(act,))(Article("a", text)):  # type: ignore[arg-type]
            assert whole[statement.statement_id] == statement


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ana Lund said Karsovia had broken the truce and that it would respond.", ["Karsovia had broken the truce and that it would respond"]),
        ("Ana Lund said if Karsovia did not stop, Norland would attack.", ["if Karsovia did not stop, Norland would attack"]),
        ('Ana Lund said the West must "stop", adding: "We will not wait."', ['the West must "stop"', "We will not wait."]),
        ("Ana Lund urged Karsovia to stop, accusing it of fraud.", ["Karsovia to stop", "it of fraud"]),
        ("The ministry, which said it was neutral, sent nobody.", ["it was neutral, sent nobody"]),
        ("Ana Lund told the press her nephew was ill.", ["her nephew was ill"]),
        ("Ana Lund told local media Kane's trial was over.", ["Kane's trial was over"]),
        ("Ana Lund estimated this would take 24 hours.", ["this would take 24 hours"]),
        ("The firm said in its filing the matter was closed.", ["the matter was closed"]),
        ("Ana Lund warned the delayed strike could lead to shortages.", ["the delayed strike could lead to shortages"]),
        ("According to the Port Authority (PA), two ships sank.", ["two ships sank"]),
        ('Ana Lund said it was "late," further saying Kane had left.', ['it was "late,"', "Kane had left"]),
        ('"We wait", Ana Lund said in a letter released on Monday in Oslo.', ["We wait"]),
        ('Ana Lund said the talks had failed: "We tried," she added, "for weeks."', ["the talks had failed", "We tried, for weeks."]),
        ("Ana Lund does not think that the port will open.", ["the port will open"]),
        ("If the port opens, said Ana Lund, the ships will sail.", ["If the port opens the ships will sail"]),
        ("The ministry did not say whether the port would open.", ["whether the port would open"]),
    ],
)  # fmt: skip
def test_nothing_of_a_content_is_lost(text: str, said: list[str]) -> None:
    assert [text for _, _, _, text in read(text)] == said


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("Ana Lund would not commit to a handover of power.", "would not commit"),
        ("Ana Lund won't apologise for the raid.", "won't apologise"),
        ("Ana Lund does not think that the port will open.", "does not think"),
        ("Ana Lund refused to commit to a truce.", "refused"),
        ("Ana Lund says that the port will open.", "says"),
    ],
)
def test_a_cue_says_what_was_not_done(text: str, cue: str) -> None:
    assert [statement.cue for statement in extract(Article("a", text))] == [cue]


def test_nobody_is_aimed_at_by_oneself() -> None:
    assert read("Boris Kane met Ana Lund in Oslo. Boris Kane defended his decision.") == [
        ("performed", "Boris Kane", None, "his decision")
    ]
