"""The forms of verbs: consonants are doubled where they are stressed, irregular forms are known."""

from __future__ import annotations

import pytest

from toolkit.lexicon.inflection import forms


@pytest.mark.parametrize(
    ("base", "third", "past", "participle", "gerund"),
    [
        ("beg", "begs", "begged", "begged", "begging"),
        ("submit", "submits", "submitted", "submitted", "submitting"),
        ("begin", "begins", "began", "begun", "beginning"),
        ("put", "puts", "put", "put", "putting"),
        ("answer", "answers", "answered", "answered", "answering"),
        ("deny", "denies", "denied", "denied", "denying"),
        ("argue", "argues", "argued", "argued", "arguing"),
        ("agree", "agrees", "agreed", "agreed", "agreeing"),
        ("stress", "stresses", "stressed", "stressed", "stressing"),
    ],
)
def test_forms(base: str, third: str, past: str, participle: str, gerund: str) -> None:
    assert forms(base) == (base, third, past, participle, gerund)
