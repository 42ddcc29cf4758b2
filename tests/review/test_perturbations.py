"""Changes of statements: what is changed reads well, and what is doubtful is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.records import Statement
from toolkit.review import perturbations as p
from toolkit.storage import read_statements

ROOT = Path(__file__).resolve().parents[2]
COUNTRIES = ["Norway", "Chile", "Japan"]


def said(text: str, speaker: str | None = None, **more: str) -> Statement:
    return Statement("1", "a", text, (), "direct", speaker, **more)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("We will strike Iran's ports.", "We will strike Norway's ports."),
        ("In Iran and beyond, nobody sleeps.", "In Norway and beyond, nobody sleeps."),
        ("Iran will pay, and Iran knows it.", "Norway will pay, and Norway knows it."),
        ("South Africa has agreed.", "Norway has agreed."),
        ("We spoke with the Iranian envoy of Iran.", None),  # the people are named too
        ("Iran spoke with Chile.", None),  # two states
        ("Iran called Tehran.", None),  # the capital is named too
        ("An Iran-backed group did it.", None),
        ("Iran Air flies there.", None),
        ("the Iran of our fathers", None),
        ("The Philippines are ready.", None),
        ("Michael Jordan was there.", None),
        ("The US will act.", None),
        ("Nobody is named.", None),
    ],
)
def test_countries_stand_where_another_could(text: str, changed: str | None) -> None:
    found = p.with_country(said(text), COUNTRIES)
    assert (found[0][1].text if found else None) == changed
    assert [value for value, _ in found] in ([], COUNTRIES)


def test_a_country_is_the_same_in_text_and_speaker() -> None:
    found = p.with_country(said("Iran will answer.", "Iran", addressee="Iran"), COUNTRIES)[1][1]
    assert (found.text, found.speaker, found.addressee) == ("Chile will answer.", "Chile", "Chile")
    assert not p.with_country(said("Iran will answer.", "the Iranian ministry"), COUNTRIES)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (
            "He told Mr Lund that he saw him with his dog himself.",
            "She told Ms Lund that she saw her with her dog herself.",
        ),
        ("She did it herself.", "He did it himself."),
        ("He’ll regret it.", "She’ll regret it."),
        ("He saw her.", None),
        ("We saw her there.", None),
        ("The house is his.", None),
        ("A friend of his, he said.", None),
        ("This is the theory.", None),
    ],
)
def test_genders_turn_together_or_not_at_all(text: str, changed: str | None) -> None:
    found = p.with_gender(said(text))
    assert (found[0][1].text if found else None) == changed


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("On Tuesday, or in June of 2019.", "On Thursday, or in September of 2022."),
        ("We may march in May.", None),
        ("We sold 2019 boats.", None),
        ("in January 31", None),
    ],
)
def test_dates_move_on(text: str, changed: str | None) -> None:
    found = p.with_dates(said(text))
    assert (found[0][1].text if found else None) == changed


def test_speakers_are_persons_of_the_same_gender_that_the_text_does_not_name() -> None:
    values = ["Ingrid Solheim", "Pavel Novotny"]
    assert [one.speaker for _, one in p.with_speaker(said("Her talk.", "Maria Lund"), values)] == ["Ingrid Solheim"]
    assert not p.with_speaker(said("Lund will go.", "Maria Lund"), values)
    assert not p.with_speaker(said("We will go.", "the ministry"), values)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("We will go now,", "We will go now. Lunch."),
        ("Will we go now?", "Will we go now? Lunch."),
        ("We will go now", "We will go now. Lunch."),
        ("it would go now", None),
        ("We will go...", None),
        ("Go now.", None),
    ],
)
def test_sentences_go_behind_whole_sentences(text: str, changed: str | None) -> None:
    found = p.appended(said(text), ["Lunch."])
    assert (found[0][1].text if found else None) == changed


def test_cues_that_say_nothing_change_places() -> None:
    values = ["said", "added"]
    assert [one.cue for _, one in p.with_cue(said("x", cue="Said"), values)] == ["added"]
    assert not p.with_cue(said("x", cue="warned"), values) and not p.with_cue(said("x"), values)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.one_of(st.none(), st.text(max_size=20)))
def test_whatever_is_said_no_change_fails_or_touches_the_rest(text: str, speaker: str | None) -> None:
    one = said(text, speaker, cue="said")
    changed = [
        *p.with_country(one, COUNTRIES),
        *p.with_speaker(one, ["Ingrid Solheim"]),
        *p.with_gender(one),
        *p.with_dates(one),
        *p.with_cue(one, ["said", "added"]),
        *p.appended(one, ["Lunch."]),
    ]
    assert all(new != one and (new.statement_id, new.kind) == (one.statement_id, one.kind) for _, new in changed)


def test_swapped_countries_of_the_sample_come_back() -> None:
    """Putting the first country back gives the statement itself: nothing else was touched."""
    tried = 0
    for one in read_statements(ROOT / "data" / "sample" / "gold.jsonl"):
        one = p.plain(one)
        for value, changed in p.with_country(one, ["Norway"]):
            back = [new for _, new in p.with_country(changed, ["Norway"])]
            assert back in ([changed], []) and value in f"{changed.text} {changed.speaker} {changed.addressee}"
            assert len(changed.text.split()) >= len(one.text.split()) - 2
            tried += 1
    assert tried > 40
