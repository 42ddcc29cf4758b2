"""A sentence read with a dependency parser: what :class:`toolkit.quotes.grammar.reading.Reading` tells, from spaCy.

The parser sees the sentence as the rules do, a quotation being one word; so there is one code path behind both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from toolkit.errors import ModelError, UsageError
from toolkit.quotes.grammar.phrases import Place
from toolkit.quotes.grammar.reading import Reading
from toolkit.quotes.grammar.tagging import (
    ADVERB,
    AUXILIARY,
    BREAK,
    COMMA,
    CONJUNCTION,
    DETERMINER,
    GERUND,
    MARK,
    NAME,
    NOUN,
    NUMBER,
    OBJECT,
    POSSESSIVE,
    PREPOSITION,
    PRONOUN,
    QUOTATION,
    RELATIVE,
    THAT,
    TO,
    VERB,
)
from toolkit.quotes.grammar.words import Token

__all__ = ["ParsedReading", "Parser"]

_QUOTATION = "something"
"""What stands for a quotation in the sentence that the parser reads: a noun phrase that is said, or called."""
_TAGS = {
    "ADJ": NOUN,
    "ADP": PREPOSITION,
    "ADV": ADVERB,
    "AUX": AUXILIARY,
    "CCONJ": CONJUNCTION,
    "DET": DETERMINER,
    "INTJ": ADVERB,
    "NOUN": NOUN,
    "NUM": NUMBER,
    "PROPN": NAME,
    "SYM": NOUN,
    "X": NOUN,
}
"""Universal parts of speech as the classes of :mod:`toolkit.quotes.grammar.reading`."""
_KEPT = frozenset((QUOTATION, COMMA, MARK, TO, THAT, RELATIVE, OBJECT, PRONOUN, POSSESSIVE, BREAK, NAME))
"""Classes that the closed lists tell better than a statistical tagger."""
_HELPERS = frozenset("aux auxpass advmod neg mark punct npadvmod".split())
_SUBJECTS = frozenset("nsubj nsubjpass csubj".split())


class Parser:
    """A spaCy pipeline as a grammar: the tokens of a sentence in, a reading out. Raises UsageError without it."""

    def __init__(self, name: str) -> None:
        try:
            import spacy
        except ImportError:
            raise ModelError("--parser needs spaCy: pip install 'stance-toolkit[spacy]'.") from None
        try:
            self._nlp = spacy.load(name, exclude=["lemmatizer"])
        except (OSError, ValueError):
            raise UsageError(
                f"{name!r}: is no spaCy pipeline that is installed, nor a folder of one "
                "(python -m spacy download en_core_web_sm installs one)."
            ) from None
        missing = {"parser", "tagger"} - set(self._nlp.pipe_names)
        if missing and "morphologizer" not in self._nlp.pipe_names:
            raise ModelError(f"{name}: the pipeline has no {' and no '.join(sorted(missing))}.")

    def __call__(self, words: list[Token]) -> Reading:
        """Return the sentence as the parser reads it."""
        from spacy.tokens import Doc

        forms, origin = _split(words)
        doc = self._nlp(Doc(self._nlp.vocab, words=forms))
        return ParsedReading(words, doc, origin)


def _split(words: Sequence[Token]) -> tuple[list[str], list[int]]:
    """Return the forms that the parser expects (``Iran`` and ``'s`` apart), and the token that each comes from."""
    forms: list[str] = []
    origin: list[int] = []
    for i, word in enumerate(words):
        text = word.text if word.text[0] != '"' or len(word.text) == 1 else '"'
        parts = [_QUOTATION] if text == '"' and word.end - word.start > 1 else [text]
        for ending in ("n’t", "n't", "’s", "'s", "’re", "'re", "’ve", "'ve", "’ll", "'ll", "’d", "'d", "’m", "'m"):
            if text.endswith(ending) and len(text) > len(ending):
                parts = [text[: -len(ending)], ending.replace("’", "'")]
                break
        forms += [part.encode("utf-8", "replace").decode("utf-8") for part in parts]
        origin += [i] * len(parts)
    return forms, origin


class ParsedReading(Reading):
    """The tokens of a sentence with the parts of speech and the heads that a parser gave them."""

    def __init__(self, words: list[Token], doc: Any, origin: list[int]) -> None:
        super().__init__(words)
        self._origin = origin
        self._first = {i: k for k, i in reversed(list(enumerate(origin)))}
        self._doc = doc
        self.tags = [self._class(i, tag) for i, tag in enumerate(self.tags)]

    def _class(self, i: int, shallow: str) -> str:
        token = self._doc[self._first[i]]
        if shallow in _KEPT and not (
            shallow in (THAT, BREAK, POSSESSIVE, OBJECT) and token.pos_ in ("DET", "ADP", "NOUN", "VERB")
        ):
            return shallow
        if shallow == THAT:
            return DETERMINER
        if token.pos_ == "VERB":
            return GERUND if token.tag_ == "VBG" else NOUN if token.tag_ == "VB" else VERB
        if token.pos_ == "NOUN" and token.tag_ == "VBG":
            return GERUND
        return _TAGS.get(token.pos_, shallow)

    def is_verb(self, i: int) -> bool | None:
        """Whether the parser takes a form for a verb."""
        return bool(self._doc[self._first[i]].pos_ in ("VERB", "AUX"))

    def _verb(self, i: int) -> Any:
        """Return the verb that a token of its group hangs on."""
        token = self._doc[self._first[i]]
        for _ in range(4):
            if token.dep_ not in _HELPERS or token.head.i == token.i:
                break
            token = token.head
        return token

    def subject(self, i: int) -> Place | None:
        """Return the subject of the verb group that begins at ``i``: what the rules see, else the parser."""
        shallow = super().subject(i)
        if shallow is not None:
            return shallow
        verb = self._verb(i)
        for _ in range(4):
            subject = next((child for child in verb.lefts if child.dep_ in _SUBJECTS), None)
            if subject is not None:
                found = self._phrase(subject)
                return found if self.can_speak(*found) else None
            if verb.dep_ != "conj":
                break
            verb = verb.head
        return None

    def _phrase(self, head: Any) -> Place:
        """Return a noun phrase without what only adds to it: appositions, relative clauses."""
        first = head.left_edge.i
        while first < head.i and self._doc[first].dep_ in ("punct", "advmod", "cc", "mark", "case"):
            first += 1
        last = head.i
        for child in head.rights:
            if child.dep_ in ("prep", "conj", "cc", "nummod", "amod", "poss", "nmod", "flat", "case"):
                last = max(last, child.right_edge.i)
            elif child.dep_ == "appos" and child.left_edge.i == last + 1:
                last = child.right_edge.i  # "Council spokesperson Barend Leyts"
            elif child.dep_ in ("appos", "relcl", "acl", "punct"):
                break
        place = self._origin[first], self._origin[last]
        comma = next((k for k in range(place[0] + 1, place[1]) if self.tags[k] == ","), None)
        return place if comma is None else (place[0], max(place[0], comma - 1))

    def names(self) -> dict[str, str]:
        """Return the named entities of the sentence that can speak."""
        kinds = {"PERSON": "person", "PER": "person", "ORG": "body", "GPE": "body", "NORP": "body"}
        return {entity.text: kinds[entity.label_] for entity in self._doc.ents if entity.label_ in kinds}
