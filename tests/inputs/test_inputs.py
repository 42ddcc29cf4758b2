"""What a model reads: fields, roles of speaker and target, masked names."""

from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.inputs import compose, mask_names, mentions
from toolkit.records import Statement

TEXT = "On Monday Norland accused Sudria of firing on ferries, which Norland had announced."


def statement(text: str = TEXT, **fields) -> Statement:
    return Statement("s", "a", text, ((10, 10 + len(text)),), "indirect", **fields)


def related(**fields) -> Statement:
    start = TEXT.index("Sudria") + 10
    return statement(
        speaker="Norland", speaker_start=20, speaker_end=27, target="Sudria", target_start=start, target_end=start + 6, **fields
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "roles", "expected"),
    [
        (["text"], "keep", TEXT),
        (["cue", "text"], "keep", f"accused {TEXT}"),
        (["context"], "keep", TEXT),  # absent: the text
        (["speaker", "target", "text"], "mask", "_SPEAKER_ _TARGET_ On Monday _SPEAKER_ accused _TARGET_ of firing on ferries, which _SPEAKER_ had announced."),
        (["text"], "mark", "On Monday _SPEAKER_ Norland accused _TARGET_ Sudria of firing on ferries, which _SPEAKER_ Norland had announced."),
        (["relation"], "keep", "On Monday Norland accused Sudria of firing on"),
        (["relation"], "mask", "On Monday _SPEAKER_ accused _TARGET_ of firing on"),
    ],
)  # fmt: skip
def test_fields_and_roles(fields: list[str], roles: str, expected: str) -> None:
    assert compose(related(cue="accused"), fields, roles=roles) == expected


def test_a_relation_without_both_mentions_is_the_text() -> None:
    assert compose(statement(speaker="Norland"), ["relation"]) == TEXT
    assert compose(statement("He left.", speaker="he", target="Norland"), ["relation"], roles="mask") == "He left."


def test_a_pronoun_is_a_mention_only_where_the_corpus_says_so() -> None:
    text = "They said they would not pay what they owe."
    told = Statement("s", "a", text, ((0, len(text)),), "indirect", target="they", target_start=10, target_end=14)
    assert mentions(told) == [(10, 14, "target")]
    assert mentions(Statement("s", "a", text, (), "indirect", target="they")) == []


def test_offsets_are_followed_into_the_second_piece() -> None:
    told = Statement(
        "s", "a", "We go. Sudria stays.", ((5, 11), (30, 43)), "direct", target="Sudria", target_start=30, target_end=36
    )
    assert mentions(told) == [(7, 13, "target")]


def test_part_of_a_word_is_no_mention() -> None:
    assert mentions(statement("Iranian talks and Iran", speaker="Iran")) == [(18, 22, "speaker")]


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet=string.ascii_letters + " .,'", max_size=60),
    st.text(alphabet="AbC", max_size=3),
    st.text(alphabet="AbC ", max_size=3),
)
def test_any_text_can_be_composed(text: str, speaker: str, target: str) -> None:
    told = Statement("s", "a", text, ((0, len(text)),), "indirect", speaker=speaker or None, target=target or None)
    found = mentions(told)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(found))
    for roles in ("keep", "mark", "mask"):
        for field in ("text", "relation"):
            assert isinstance(compose(told, [field], roles=roles, names="mask"), str)
    assert compose(told, ["text"]) == text
    # What is masked is every mention and nothing else.
    masked = compose(told, ["text"], roles="mask")
    placeholders = sum(len(f"_{role.upper()}_") - (end - start) for start, end, role in found)
    assert len(masked) == len(text) + placeholders


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Iranian Foreign Minister Reza Moradi met Lars Bakke.", "_COUNTRY_ Foreign Minister _PERSON_ met _PERSON_."),
        ("The United Nations on Tuesday left East Timor.", "The _ORGANISATION_ on Tuesday left _COUNTRY_."),
        ("Protesters in Baghdad said NATO must leave.", "Protesters in _COUNTRY_ said _ORGANISATION_ must leave."),
        ("“We will not talk,” Bakke said. Bakke left.", "“We will not talk,” _PERSON_ said. _PERSON_ left."),
        ("The U.S. envoy met the Ministry of Defence.", "The _COUNTRY_ envoy met the _ORGANISATION_."),
        ("President Ana Lund's aides waited in May.", "President _PERSON_'s aides waited in May."),
        ("Talks failed. Nobody knows why.", "Talks failed. Nobody knows why."),
        ("_SPEAKER_ warned _TARGET_.", "_SPEAKER_ warned _TARGET_."),
        ("", ""),
    ],
)
def test_names_become_typed_placeholders(text: str, masked: str) -> None:
    assert mask_names(text) == masked


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_masking_never_fails_and_leaves_placeholders_alone(text: str) -> None:
    assert mask_names(f"{mask_names(text)} _PERSON_ _COUNTRY_").endswith(" _PERSON_ _COUNTRY_")
    small = "".join(c for c in text.lower() if not c.isupper())  # some capitals of mathematics have no small letter
    assert mask_names(small) == small


def test_masking_hides_who_speaks_from_the_sample(repository) -> None:
    """The speakers' names, resolved by the annotators, are hardly to be found after masking."""
    from toolkit.storage import read_statements

    left = total = 0
    for told in read_statements(repository / "data/sample/gold.jsonl"):
        name = (told.speaker or "").split(" ")[-1]
        if told.context and len(name) > 3 and name[0].isupper() and name in told.context:
            total += 1
            left += name in mask_names(told.context)
    assert total > 300 and left / total < 0.1
