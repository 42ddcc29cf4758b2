"""What a file of behaviour tests may say: capabilities, each with the changes or the cases that try it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, ValidationInfo, field_validator, model_validator

from toolkit.config.blocks import block_names, find_block, project_root
from toolkit.config.document import Place, dotted, read
from toolkit.config.load import load_scheme
from toolkit.config.messages import validate
from toolkit.errors import ConfigError, UsageError, nearest
from toolkit.labels import LabelScheme
from toolkit.lexicon import states
from toolkit.settings import EachOnce, Most, PlainName, Strict

__all__ = ["Base", "BehaviourConfig", "Case", "Change", "Direction", "Functionality", "Invariance", "load_behaviour"]

Change: TypeAlias = Literal["speaker", "country", "gender", "date", "cue", "aside"]
_SLOT = re.compile(r"\{(\w*)\}")
_NEEDS_VALUES = {"speaker": 2, "country": 3, "cue": 2, "aside": 1}
"""How many ``values`` a change needs at least: a test of no difference compares three countries."""


class Base(Strict):
    """A statement to be changed; words in braces (``{country}``) are drawn from the lexicon."""

    text: str = Field(min_length=1)
    speaker: str | None = None
    cue: str | None = None
    kind: Literal["direct", "indirect"] = "direct"


class Case(Base):
    """A statement, or a template of many, and which labels it must and must not have."""

    has: EachOnce = Field(default_factory=list)
    lacks: EachOnce = Field(default_factory=list)

    @model_validator(mode="after")
    def _something_expected(self) -> Case:
        if not self.has and not self.lacks:
            raise ValueError("say what is expected: give has, lacks, or both")
        if both := sorted(set(self.has) & set(self.lacks)):
            raise ValueError(f"{both[0]!r} cannot be had and lacked")
        return self


class _Capability(Strict):
    about: str = ""
    """What is tried, in a sentence."""


class Functionality(_Capability):
    """Cases whose labels are known (minimum functionality tests)."""

    kind: Literal["functionality"]
    cases: list[Case] = Field(min_length=1)
    fills: int = Field(default=3, ge=1, le=Most.EXAMPLES)
    """How often a template is filled, at most."""


class Invariance(_Capability):
    """A change of a statement that must leave its labels as they are."""

    kind: Literal["invariance"]
    change: Change
    """``speaker``: another person; ``country``: another state; ``gender``: of the pronouns; ``date``: another weekday,
    month or year; ``cue``: another verb that says nothing of the stance; ``aside``: a sentence behind it that says
    nothing."""
    values: EachOnce = Field(default_factory=list)
    """What is put in: names of persons, states, cues, sentences. Gender and date need none."""
    each: int = Field(default=3, ge=1, le=Most.EXAMPLES)
    """How many of the values a statement is tried with; countries are tried all."""
    most: int = Field(default=200, ge=1, le=Most.ROWS)
    """How many statements are changed at most."""

    @field_validator("values")
    @classmethod
    def _enough(cls, values: list[str], info: ValidationInfo) -> list[str]:
        change = info.data.get("change")
        if change == "country":
            for value in values:
                _need_plain_country(value)
        return values

    @model_validator(mode="after")
    def _values_where_needed(self) -> Invariance:
        needed = _NEEDS_VALUES.get(self.change, 0)
        if len(self.values) < needed:
            raise ValueError(f"the change '{self.change}' needs at least {needed} values, not {len(self.values)}")
        if not needed and self.values:
            raise ValueError(f"the change '{self.change}' takes no values")
        return self


class Direction(_Capability):
    """A sentence behind a statement that must add a label, and take none away."""

    kind: Literal["direction"]
    append: EachOnce = Field(min_length=1)
    appears: str
    """The label that must be there afterwards."""
    keeps: bool = True
    """Whether the labels that were there must stay."""
    each: int = Field(default=1, ge=1, le=Most.EXAMPLES)
    most: int = Field(default=200, ge=1, le=Most.ROWS)


Capability: TypeAlias = Annotated[Functionality | Invariance | Direction, Field(discriminator="kind")]


class BehaviourConfig(Strict):
    """Behaviour tests of one label scheme (after CheckList; Ribeiro et al. 2020)."""

    scheme: str
    description: str = ""
    lexicon: dict[str, Annotated[EachOnce, Field(min_length=1)]] = Field(default_factory=dict)
    """Words for the templates, by the name that stands in their braces."""
    bases: list[Base] = Field(default_factory=list)
    """Statements that are changed where no table of statements is given."""
    capabilities: dict[PlainName, Capability] = Field(min_length=1)


def _need_plain_country(value: str) -> None:
    """Raise ValueError where a value cannot stand for another state without an article or another verb."""
    known = states()
    words = tuple(value.lower().replace(".", "").split())
    if known.get(words) != " ".join(words):
        raise ValueError(f"{value!r} is not the plain name of a state that the toolkit knows")
    if value.endswith("s") or words[0] in ("united", "central", "dominican", "czech"):
        raise ValueError(f"{value!r} takes an article or a plural; give states that stand alone, as 'Norway' does")


def load_behaviour(name: str) -> tuple[BehaviourConfig, LabelScheme]:
    """Read configs/behaviour/NAME.yaml (of the project around the working folder, else the shipped one), or a path.

    Raises ConfigError with every mistake, UsageError for an unknown name.
    """
    root = project_root(Path.cwd() / "-")
    found = (
        Path(name) if name.endswith((".yaml", ".yml")) and Path(name).is_file() else find_block(root, "behaviour", name)
    )
    if found is None:
        known = block_names(root, "behaviour")
        told = f"; known: {', '.join(known)}" if known else ""
        raise UsageError(f"{name!r} is no file of behaviour tests{nearest(name, known)}{told}, or a YAML file.")
    document = read(found)
    config = validate(BehaviourConfig, document)
    scheme = load_scheme(config.scheme, project_root(found), f"{document.where(('scheme',))}: scheme")
    problems = [
        f"{document.where(place)}: {dotted(place)}: {problem}."
        for place, problem in (*_wrong_labels(config, scheme), *_wrong_slots(config))
    ]
    if problems:
        raise ConfigError(problems)
    return config, scheme


def _wrong_labels(config: BehaviourConfig, scheme: LabelScheme) -> Iterator[tuple[Place, str]]:
    allowed = ", ".join(scheme.labels)
    for place, label in _labels(config):
        if label not in scheme.labels:
            yield place, f"label {label!r} is not in the scheme '{scheme.name}' (allowed: {allowed})"


def _labels(config: BehaviourConfig) -> Iterator[tuple[Place, str]]:
    for name, capability in config.capabilities.items():
        if isinstance(capability, Direction):
            yield ("capabilities", name, "appears"), capability.appears
        elif isinstance(capability, Functionality):
            for i, case in enumerate(capability.cases):
                for key in ("has", "lacks"):
                    for k, label in enumerate(getattr(case, key)):
                        yield ("capabilities", name, "cases", i, key, k), label


def _wrong_slots(config: BehaviourConfig) -> Iterator[tuple[Place, str]]:
    for place, base in _texts(config):
        for slot in _SLOT.findall(base.text) + _SLOT.findall(base.speaker or ""):
            if slot not in config.lexicon:
                known = nearest(slot, config.lexicon) or f" (known: {', '.join(config.lexicon) or 'none'})"
                yield place, f"{{{slot}}} is not in the lexicon{known}"


def _texts(config: BehaviourConfig) -> Iterable[tuple[Place, Base]]:
    yield from ((("bases", i), base) for i, base in enumerate(config.bases))
    for name, capability in config.capabilities.items():
        if isinstance(capability, Functionality):
            yield from ((("capabilities", name, "cases", i), case) for i, case in enumerate(capability.cases))
