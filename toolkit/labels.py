"""Label schemes: codebooks as data. Nothing in the toolkit knows a label by name."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from toolkit.records import Labels, Statement, columns

__all__ = ["Example", "Label", "LabelScheme", "Party", "Rule", "Void"]

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_MAX_NAME = 60
_COLUMNS = {*columns(Statement), *columns(Labels), "model", "corpus", "licence", "sampled", "agreed"}
"""What other columns of a table are called."""
_FIGURES = {"macro", "micro", "withheld", "evidence", "codebook"}
"""What stands beside labels among figures (``f1/macro``) and columns (``stance_withheld``)."""


def _is_name(name: str) -> str:
    if not _NAME.match(name) or len(name) > _MAX_NAME:
        told = f"lower-case letters, digits and _ are allowed, a letter first, at most {_MAX_NAME} characters"
        raise ValueError(f"{name[:80]!r} is no name: {told}")
    return name


def _is_free(taken: Iterable[str]) -> AfterValidator:
    def check(name: str) -> str:
        if name in taken:
            raise ValueError(f"{name!r} is taken by the toolkit ({', '.join(sorted(taken))})")
        return name

    return AfterValidator(check)


def _is_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
    return pattern


Name = Annotated[str, AfterValidator(_is_name)]
Pattern = Annotated[str, AfterValidator(_is_pattern)]


Party: TypeAlias = Literal["own", "other", "third"]
Void: TypeAlias = Literal["noun", "question", "hypothesis", "hearsay", "call"]


class _Strict(BaseModel):
    """Unknown keys and guessed types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Example(_Strict):
    """A statement that a rule is checked with: its text, and where it matters its cue, speaker and addressee.

    A plain string is a text that stands in quotation marks.
    """

    text: str
    cue: str | None = None
    speaker: str | None = None
    addressee: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value


class Rule(_Strict):
    """One way of doing what a label names: the act, who does it to whom, and what voids it.

    The act is a verb (all its forms are meant; a particle may follow: ``break off``), a noun or an adjective with a
    verb of its own (``ready``), or a fixed phrase. A rule is read in the clause in which its act stands.
    """

    verbs: list[str] = []
    """Predicates, found in all their forms."""
    nouns: list[str] = []
    """Nouns and adjectives, as they stand and in the plural: ``intention``, ``ready``."""
    phrases: list[str] = []
    """Words that stand together, in just these forms; ``*`` ends an open one: ``red line*``."""
    by: Literal["own", "state", "other", "anyone"] = "own"
    """Who acts: the speaker's own side; that, or a state or government by its name, as its speakers speak of it;
    another; or it does not matter."""
    to: list[Party] = Field(default=["own", "other", "third"], min_length=1)
    """Whom the act may be aimed at, where somebody is named: the own side, whoever is spoken to, a third party."""
    polarity: Literal["affirmed", "negated", "either"] = "affirmed"
    """``negated``: the rule counts only where the act is denied or refused, for instance "no plans"."""
    time: Literal["announced", "present", "coming", "current", "done", "any"] = "any"
    """``announced``: to come (``will``, ``may``, ``threatened to``); ``coming``: that, possible (``can``) or under way;
    ``current``: that or just done (``have lifted``; in reported speech and in a bare sentence the past); ``done``: only
    the past. An act that the cue names is done by being said: any time will do, unless ``announced`` is asked for, or
    the cue refuses it: ``would not``."""
    condition: bool = False
    """Whether the rule counts only on a condition, named in the same clause: ``if``, ``unless``, ``whoever``."""
    takes: list[str] = []
    """What follows the act, one of: ``object``, ``clause``, ``gerund``, ``nothing``, or a word (``to``, ``that``)."""
    about: list[str] = []
    """Words of which one must stand in the same clause (singular and plural; ``*`` ends an open one); ``@business``
    stands for the scheme's words of that name."""
    not_about: list[str] = []
    """Words of which none may stand behind the act in its clause; ``@business`` here too."""
    despite: list[Void] = []
    """What does not void this rule although it voids others: use as a noun, a question, a condition that is not the
    speaker's own, the mention of what somebody else says, a call for what all or others must do."""
    counts: list[Example] = Field(min_length=1)
    """Statements that the rule finds; checked whenever the scheme is read."""
    does_not_count: list[Example] = Field(min_length=1)
    """Statements that it must not find; checked too."""

    @model_validator(mode="after")
    def _an_act(self) -> Rule:
        if not (self.verbs or self.nouns or self.phrases):
            raise ValueError("name the act: give verbs, nouns or phrases")
        return self


class Label(_Strict):
    """One label of a codebook: what it means, what counts, and the rules and patterns that give it away."""

    definition: str
    """What the label means: shown to people and language models."""
    counts: list[str] = []
    """What is meant by it too, in words."""
    does_not_count: list[str] = []
    """What is not, though it looks like it."""
    examples: list[str] = []
    """Statements that have it."""
    cues: list[Pattern] = []
    """Regular expressions, matched anywhere in the text, upper and lower case alike: a word list, for comparison."""
    rules: dict[Name, Rule] = {}
    """The codebook proper: acts that are read with their grammar (see :mod:`toolkit.codebook`)."""
    hypothesis: str | None = None
    """A sentence that is true of a text with the label, for zero-shot models; without it the definition is asked."""
    plover: list[str] = []
    """PLOVER event types that correspond to the label."""
    cameo: list[str] = []
    """CAMEO codes that correspond to the label."""


class LabelScheme(_Strict):
    """A codebook: a question and the labels that answer it.

    In a multi-label scheme a statement has any number of labels, none included; otherwise it has exactly one.
    """

    name: Annotated[Name, _is_free(_COLUMNS)]
    """What it is called: the column of its labels, the registered model."""
    question: str
    """What is asked of every statement."""
    multi_label: bool
    """Whether a statement can have several labels, and none; otherwise exactly one."""
    words: dict[Name, list[str]] = {}
    """Lists of words that several rules share: ``@business`` among a rule's words stands for those of ``business``."""
    labels: dict[Annotated[Name, _is_free(_FIGURES)], Label] = Field(min_length=1)
    """The labels by name, in the order in which they are shown."""

    @model_validator(mode="after")
    def _known_words(self) -> LabelScheme:
        for label in self.labels.values():
            for name, rule in label.rules.items():
                for word in (*rule.about, *rule.not_about):
                    if word.startswith("@") and word[1:] not in self.words:
                        known = ", ".join(self.words) or "none"
                        raise ValueError(f"the rule '{name}' names {word!r}, which is not among the words ({known})")
        return self

    def spelt_out(self, words: Iterable[str]) -> list[str]:
        """Return a rule's words with the scheme's own in the place of their names."""
        return [each for word in words for each in (self.words[word[1:]] if word.startswith("@") else (word,))]

    @model_validator(mode="after")
    def _enough_labels(self) -> LabelScheme:
        if not self.multi_label and len(self.labels) < 2:
            raise ValueError("a single-label scheme needs at least two labels")
        return self

    @property
    def label_names(self) -> list[str]:
        """The names of the labels, in codebook order: the order of every matrix of the toolkit."""
        return list(self.labels)

    @property
    def digest(self) -> str:
        """What tells this codebook from every other version of it: 16 digits of the SHA-256 of all that it says."""
        told = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def problem_with(self, labels: Iterable[str]) -> str | None:
        """Say in a sentence why ``labels`` cannot be a statement's labels in this scheme, or return None."""
        given = list(labels)
        allowed = ", ".join(self.labels)
        for label in given:
            if label not in self.labels:
                return f"label {label!r} is not in the scheme '{self.name}' (allowed: {allowed})"
        if len(set(given)) != len(given):
            return f"a label stands twice in {given} for the scheme '{self.name}'"
        if not self.multi_label and len(given) != 1:
            return f"the scheme '{self.name}' takes exactly one label ({allowed}), not {len(given)}"
        return None

    @cached_property
    def _cues(self) -> list[re.Pattern[str] | None]:
        joined = ["|".join(f"(?:{cue})" for cue in label.cues) for label in self.labels.values()]
        return [re.compile(cues, re.IGNORECASE) if cues else None for cues in joined]

    def match_cues(self, text: str) -> list[bool]:
        """Say for every label, in codebook order, whether one of its cue patterns occurs in the text.

        A curly apostrophe is matched as a straight one.
        """
        text = text.replace("\u2019", "'")
        return [bool(cue and cue.search(text)) for cue in self._cues]

    def to_dict(self) -> Mapping[str, Any]:
        """Return the codebook as plain data, as it is saved with a model."""
        return self.model_dump(mode="json")
