"""Label schemes: codebooks as data. Nothing in the toolkit knows a label by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

__all__ = ["Label", "LabelScheme"]

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def _is_name(name: str) -> str:
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is no name: lower-case letters, digits and _ are allowed, a letter first")
    return name


def _is_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
    return pattern


Name = Annotated[str, AfterValidator(_is_name)]
Pattern = Annotated[str, AfterValidator(_is_pattern)]


class Label(BaseModel):
    """One label of a codebook: what it means, what counts, and the patterns that give it away."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    definition: str
    counts: list[str] = []
    does_not_count: list[str] = []
    examples: list[str] = []
    cues: list[Pattern] = []
    """Regular expressions, matched anywhere in the text, upper and lower case alike."""
    hypothesis: str | None = None
    """A sentence that is true of a text with the label, for zero-shot models; without it the definition is asked."""
    plover: list[str] = []
    """PLOVER event types that correspond to the label."""
    cameo: list[str] = []
    """CAMEO codes that correspond to the label."""


class LabelScheme(BaseModel):
    """A codebook: a question and the labels that answer it.

    In a multi-label scheme a statement has any number of labels, none included; otherwise it has exactly one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Name
    question: str
    multi_label: bool
    labels: dict[Name, Label] = Field(min_length=1)

    @model_validator(mode="after")
    def _enough_labels(self) -> LabelScheme:
        if not self.multi_label and len(self.labels) < 2:
            raise ValueError("a single-label scheme needs at least two labels")
        return self

    @property
    def label_names(self) -> list[str]:
        """The names of the labels, in codebook order: the order of every matrix of the toolkit."""
        return list(self.labels)

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
