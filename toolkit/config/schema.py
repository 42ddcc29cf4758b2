"""What an experiment may say: its data, its split, its models, and how they are tuned and evaluated."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, ValidationInfo, field_validator, model_validator

from toolkit.classifiers import AnyModel
from toolkit.records import ACTS, Act
from toolkit.settings import EachOnce, Most, PlainName, Strict

__all__ = [
    "DataConfig",
    "EvaluationConfig",
    "ExperimentConfig",
    "FixedSplit",
    "GroupedSplit",
    "LeaveOutSplit",
    "NestedSplit",
    "SplitConfig",
    "TrackingConfig",
    "TuningConfig",
]


class DataConfig(Strict):
    """What models learn from; paths are relative to the project's folder.

    ``articles`` with their ``gold`` are extracted and joined as in real use; ``statements`` are labelled files that
    are taken as they are. Both can be given.
    """

    articles: EachOnce = Field(default_factory=list)
    gold: str | None = None
    min_overlap: float = Field(default=0.5, gt=0, le=1)
    """How much of their letters an extracted and a gold statement must share (intersection over union)."""
    parser: str | None = None
    """A spaCy pipeline (its name or folder) that extraction reads sentences with; rules alone without one."""
    include: list[Act] = Field(default_factory=lambda: list(ACTS), min_length=1)
    """Which acts are extracted: what is ``said``, ``performed`` (urged, condemned), ``named`` (his threat to)."""
    statements: EachOnce = Field(default_factory=list)
    absent: EachOnce = Field(default_factory=list)
    """Labels that the training data are known not to have, denial in PLOVER for example; no model gives them."""
    disputed: Literal["keep", "leave_out", "soft"] = "keep"
    """What is learnt from statements whose annotators did not agree (column ``readings``): the label that was settled
    on, nothing, or of every label the share of annotators who gave it. They are judged by the label settled on."""
    withheld_cues: float = Field(default=0.0, ge=0, lt=1)
    """The share of training statements whose cue and speaker are withheld, so that a bare text is read well too."""
    at_most: int | None = Field(default=None, ge=1, le=Most.ROWS)
    """Learn from so many of the ``statements`` at most, whole articles, drawn by a digest of their ids: for learning
    curves. None takes all."""
    max_errors: int | None = Field(default=None, ge=0, le=Most.ROWS)
    """How many rows that cannot be read are set aside before the experiment fails; None: any number. They are listed in
    ``rejected.jsonl`` of its run."""

    @model_validator(mode="after")
    def _something(self) -> DataConfig:
        if bool(self.articles) != (self.gold is not None):
            raise ValueError("articles and gold belong together: give both, or statements alone")
        if not self.articles and not self.statements:
            raise ValueError("give articles with gold, or statements, or both")
        return self


class _Split(Strict):
    near_duplicate: float = Field(default=0.8, gt=0, le=1)
    """Articles with statements whose word trigrams agree at least so far (Jaccard) stay on one side."""


class GroupedSplit(_Split):
    """A share of the articles is held out."""

    kind: Literal["grouped"] = "grouped"
    test_size: float = Field(default=0.3, gt=0, lt=1)


class NestedSplit(_Split):
    """Nested cross-validation: every article is held out once, and everything is tuned anew without it.

    The model that is logged is then tuned and fitted on all articles.
    """

    kind: Literal["nested"]
    folds: int = Field(default=5, ge=2, le=Most.FOLDS)


class FixedSplit(_Split):
    """Labelled files are held out; training statements that are near-identical to one of them are dropped and
    listed.
    """

    kind: Literal["fixed"]
    held_out: EachOnce = Field(min_length=1)


class LeaveOutSplit(_Split):
    """Each of some sources is held out in turn, and what is left trains: how well a model does on an unseen source.

    The model that is logged learns from everything, its figure is that of the sources it had not seen, and that
    figure chooses between models.
    """

    kind: Literal["leave_out"]
    sources: EachOnce = Field(min_length=2)
    """Values of the column ``source``; statements of others only train."""


SplitConfig: TypeAlias = Annotated[GroupedSplit | NestedSplit | FixedSplit | LeaveOutSplit, Field(discriminator="kind")]


class TuningConfig(Strict):
    """Repeated grouped cross-validation inside the training part, for hyper-parameters and thresholds."""

    folds: int = Field(default=5, ge=3, le=Most.FOLDS)
    """At least 3: a model that calibrates inside a training fold needs two folds there."""
    repeats: int = Field(default=2, ge=1, le=Most.REPEATS)
    metric: Literal["macro_f1", "micro_f1", "macro_average_precision"] = "macro_f1"
    """What chooses hyper-parameters and the model to register, on out-of-fold predictions of the training part; whether
    that one replaces the champion is said by the same figure on the held-out part."""


class EvaluationConfig(Strict):
    """The one evaluation on the held-out part."""

    resamples: int = Field(default=2000, ge=100, le=Most.RESAMPLES)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)


class TrackingConfig(Strict):
    """What MLflow's page shows besides the headline figures; all of it is among the artifacts in any case."""

    intervals: bool = False
    """Whether the bounds of headline figures are metrics too: ``f1/macro.ci.low`` and ``f1/macro.ci.high``."""
    trials: bool = False
    """Whether every point of a search is a run of its own; otherwise a step of one metric of the model's run."""


class ExperimentConfig(Strict):
    """A whole experiment."""

    name: PlainName
    description: str = ""
    seed: int = Field(ge=0, lt=2**31)
    threads: int = Field(default=1, ge=1, le=Most.THREADS)
    data: DataConfig
    schemes: EachOnce = Field(min_length=1)
    split: SplitConfig = GroupedSplit()
    models: dict[PlainName, AnyModel] = Field(min_length=1)
    tuning: TuningConfig = TuningConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    candidates: EachOnce | None = Field(default=None, min_length=1)
    """Which of the models may be registered; the others are there to compare with. None: all of them."""
    register_champion: bool = True
    """Whether the best model of every scheme is registered: as candidate, and as champion where it is not worse."""
    register_as: dict[PlainName, PlainName] = Field(default_factory=dict)
    """The name in the registry by label scheme; where none is given, the scheme's own."""
    tracking: TrackingConfig = TrackingConfig()

    @field_validator("candidates")
    @classmethod
    def _candidates_are_models(cls, value: list[str] | None, info: ValidationInfo) -> list[str] | None:
        models = info.data.get("models") or value or []
        for name in value or ():
            if name not in models:
                raise ValueError(f"{name!r} is none of the models ({', '.join(models)})")
        return value

    @field_validator("split", mode="before")
    @classmethod
    def _grouped_unless_said(cls, value: Any) -> Any:
        return {"kind": "grouped", **value} if isinstance(value, dict) and "kind" not in value else value
