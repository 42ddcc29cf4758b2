"""What every model may be told: strict settings, a search space over them, and settings with some values changed.

Each kind of model brings settings of its own (``toolkit.classifiers``); unknown keys and guessed types are errors.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from toolkit.errors import ConfigError, nearest

__all__ = ["ModelSettings", "Range", "Search", "Strict", "with_changes"]

M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """Unknown keys and guessed types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Range(Strict):
    """Numbers between two bounds, both included; whole numbers where both bounds are whole."""

    low: int | float
    high: int | float
    log: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.low >= self.high or (self.log and self.low <= 0):
            raise ValueError("low must lie below high, and above 0 with log")
        return self


Choices: TypeAlias = Annotated[list[Any], Field(min_length=1)]


class Search(Strict):
    """A search space and how to walk through it; see Optuna (Akiba et al. 2019), TPE (Bergstra et al. 2011)."""

    space: dict[str, Choices | Range] = Field(min_length=1)
    """By dotted path into the model: a list of values, or bounds."""
    method: Literal["grid", "random", "tpe"] = "grid"
    trials: int = Field(default=20, ge=1)
    """How many points are tried; a grid is walked through as a whole."""
    prune: bool = False
    """Whether a point is given up when after a fold it lies below the median of the points before it."""

    @model_validator(mode="after")
    def _grid_of_lists(self) -> Search:
        if self.method == "grid" and any(isinstance(values, Range) for values in self.space.values()):
            raise ValueError("a grid needs lists of values; use method: tpe or random for bounds")
        if self.method == "grid" and self.prune:
            raise ValueError("a grid is walked through as a whole; use method: tpe or random to prune")
        return self


Input = Literal["text", "cue", "context", "speaker", "target", "relation"]


class ModelSettings(Strict):
    """What models of every kind may be told."""

    has_rules: ClassVar[bool] = False
    """Whether the label scheme's rules can decide."""
    input: list[Input] = ["text"]
    """Fields of the statement that the model reads, joined by a space; absent ones are left out. ``relation`` is the
    text from the speaker's to the target's mention with three words around, or the text where one is not in it."""
    roles: Literal["keep", "mark", "mask"] = "keep"
    """Mentions of the speaker and the target inside the text: kept, marked in front, or replaced by their role."""
    names: Literal["keep", "mask"] = "keep"
    """Names of people, countries and organisations: kept, or replaced by typed placeholders, so that a model cannot
    learn who speaks instead of what is said."""
    calibration: Literal["none", "sigmoid", "isotonic", "temperature"] = "none"
    """How out-of-fold probabilities of the training part correct the model's own."""
    thresholds: Literal["tuned", "rules"] | float = "tuned"
    """Multi-label: where a label is given. tuned: by the best F1 out of fold, which fits corpora like the training
    one; a number, 0.5 for example (more likely than not), holds where labels are rarer or plainer than there. rules,
    for kind: codebook alone: where a rule of the label scheme counts."""
    abstain_below: float | None = Field(default=None, gt=0, lt=1)
    """Below this confidence (the probability of the least certain decision) a prediction is marked as withheld."""
    search: Search | None = None
    """Hyper-parameters to choose by cross-validation in the training part."""

    @field_validator("thresholds")
    @classmethod
    def _a_probability(cls, value: str | float) -> str | float:
        if isinstance(value, float) and not 0 < value < 1:
            raise ValueError("give tuned, or a number between 0 and 1")
        if value == "rules" and not cls.has_rules:
            raise ValueError("give tuned, or a number between 0 and 1; rules decide in kind: codebook alone")
        return value

    @field_validator("input")
    @classmethod
    def _reads_something(cls, value: list[str]) -> list[str]:
        if not {"text", "context", "relation"} & set(value) or len(set(value)) != len(value):
            raise ValueError("name text, context or relation, and each field once")
        return value

    @property
    def runs_remote_code(self) -> bool:
        """Whether Python code that came with the weights is run."""
        return False

    def found_below(self, root: Path) -> Self:
        """Return the settings with folders of weights that lie below the project's folder named in full."""
        return self


def with_changes(model: M, changes: Mapping[str, Any]) -> M:
    """Return a model with values changed by dotted path. Raises ConfigError where a path or value is wrong."""
    value = model.model_dump()
    for key, new in changes.items():
        *parents, last = key.split(".")
        place: Any = value
        for step in parents:
            place = place.get(step) if isinstance(place, dict) else None
        if not isinstance(place, dict) or last not in place or last in ("kind", "search"):
            known = [k for k in _leaves(value) if not k.startswith("search") and not k.endswith("kind")]
            hint = f"{nearest(key, known)}; known: {', '.join(known)}"
            raise ConfigError([f"{key!r} is no hyper-parameter of this model{hint}."])
        place[last] = new
    try:
        return type(model).model_validate(value)
    except ValidationError as error:
        raise ConfigError([f"{item['msg']}, not {item['input']!r}." for item in error.errors()]) from None


def _leaves(value: Mapping[str, Any], prefix: str = "") -> Iterable[str]:
    pairs = ((f"{prefix}{key}", below) for key, below in value.items())
    return itertools.chain.from_iterable(
        _leaves(below, f"{key}.") if isinstance(below, dict) and below else [key] for key, below in pairs
    )
