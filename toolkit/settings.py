"""What every model may be told: strict settings, a search space over them, and settings with some values changed.

Each kind of model brings settings of its own (``toolkit.classifiers``); unknown keys and guessed types are errors. No
number is without an upper bound (:class:`Most`), so that a slip of the finger is told at once.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from toolkit.errors import ConfigError, nearest

__all__ = ["EachOnce", "ModelSettings", "Most", "PlainName", "Range", "Search", "Strict", "with_changes"]

M = TypeVar("M", bound=BaseModel)


class Most:
    """The most that a configuration may ask for: far more than anybody needs, and less than three zeros too many."""

    FOLDS = 100
    REPEATS = 1000
    RESAMPLES = 1_000_000
    THREADS = 1024
    POINTS = 10_000
    """Points of a search."""
    SEEDS = 100
    EPOCHS = 1000
    BATCH = 4096
    """Texts that go through a model together, and batches that are added up."""
    WORD_PIECES = 32_768
    EXAMPLES = 10_000
    """Examples of a label, and pairs of an example."""
    RANK = 4096
    NGRAM = 10
    WEIGHT = 1e6
    """A rate, a strength or a weight, of whatever kind."""
    ROWS = 10**9
    """Rows, statements, documents of a corpus."""


class Strict(BaseModel):
    """Unknown keys, guessed types and infinite numbers are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


_PLAIN = re.compile(r"[^\W_](?:[\w .()+=,-]{0,98}[\w.()+=-])?\Z")


def _is_plain(name: str) -> str:
    if not _PLAIN.match(name):
        raise ValueError(
            "a name is letters and digits, with spaces and . _ - + = , ( ) between them, at most 100 characters"
        )
    return name


PlainName: TypeAlias = Annotated[str, AfterValidator(_is_plain)]
"""The name of an experiment or a model: it becomes part of paths, and a name in MLflow."""


def _each_once(values: list[str]) -> list[str]:
    for value in values:
        if values.count(value) > 1:
            raise ValueError(f"{value!r} stands twice")
    return values


EachOnce: TypeAlias = Annotated[list[str], AfterValidator(_each_once)]
"""A list in which nothing stands twice."""


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


Choices: TypeAlias = Annotated[list[Any], Field(min_length=1, max_length=Most.POINTS)]


class Search(Strict):
    """A search space and how to walk through it; see Optuna (Akiba et al. 2019), TPE (Bergstra et al. 2011)."""

    space: dict[str, Choices | Range] = Field(min_length=1)
    """By dotted path into the model: a list of values, or bounds."""
    method: Literal["grid", "random", "tpe"] = "grid"
    """Every point of the lists, points at random, or points that look promising (tpe)."""
    trials: int = Field(default=20, ge=1, le=Most.POINTS)
    """How many points are tried; a grid is walked through as a whole."""
    prune: bool = False
    """Whether a point is given up when after a fold it lies below the median of the points before it."""

    @model_validator(mode="after")
    def _grid_of_lists(self) -> Search:
        if self.method == "grid" and any(isinstance(values, Range) for values in self.space.values()):
            raise ValueError("a grid needs lists of values; use method: tpe or random for bounds")
        if self.method == "grid" and self.prune:
            raise ValueError("a grid is walked through as a whole; use method: tpe or random to prune")
        points = math.prod(len(values) for values in self.space.values() if isinstance(values, list))
        if self.method == "grid" and points > Most.POINTS:
            raise ValueError(f"a grid of {points:,} points; at most {Most.POINTS:,} are allowed")
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
