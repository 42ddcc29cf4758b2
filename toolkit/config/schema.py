"""What an experiment may say: its data, its split, its models, and how they are tuned and evaluated."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, ValidationInfo, field_validator, model_validator

from toolkit.classifiers import AnyModel
from toolkit.records import ACTS, Act
from toolkit.settings import EachOnce, Most, PlainName, Strict

__all__ = [
    "CurveConfig",
    "DataConfig",
    "EvaluationConfig",
    "ExperimentConfig",
    "FixedSplit",
    "GroupedSplit",
    "LeaveOutSplit",
    "NestedSplit",
    "RollingSplit",
    "ShiftedSplit",
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
    """Files or folders of articles; statements are extracted from them."""
    gold: str | None = None
    """The labelled statements of these articles: what is extracted is joined to them by the overlap of spans."""
    min_overlap: float = Field(default=0.5, gt=0, le=1)
    """How much of their letters an extracted and a gold statement must share (intersection over union)."""
    parser: str | None = None
    """A spaCy pipeline (its name or folder) that extraction reads sentences with; rules alone without one."""
    include: list[Act] = Field(default_factory=lambda: list(ACTS), min_length=1)
    """Which acts are extracted: what is ``said``, ``performed`` (urged, condemned), ``named`` (his threat to)."""
    statements: EachOnce = Field(default_factory=list)
    """Labelled statements that are taken as they are."""
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
    """The share of articles to hold out."""


class NestedSplit(_Split):
    """Nested cross-validation: every article is held out once, and everything is tuned anew without it.

    The model that is logged is then tuned and fitted on all articles.
    """

    kind: Literal["nested"]
    folds: int = Field(default=5, ge=2, le=Most.FOLDS)
    """Into how many parts the articles are divided."""


class FixedSplit(_Split):
    """Labelled files are held out; training statements that are near-identical to one of them are dropped and
    listed.
    """

    kind: Literal["fixed"]
    held_out: EachOnce = Field(min_length=1)
    """Labelled files."""


class _Shifted(_Split):
    gap: bool = False
    """Whether every model is also cross-validated over all the data, to tell by how much it falls on what is unlike
    what it learnt from: a fit more for every fold of ``tuning``."""


class LeaveOutSplit(_Shifted):
    """Each of some sources is held out in turn, and what is left trains: how well a model does on an unseen source.

    The model that is logged learns from everything, its figure is that of the sources it had not seen, and that
    figure chooses between models.
    """

    kind: Literal["leave_out"]
    sources: EachOnce = Field(min_length=2)
    """Values of the column ``source``; statements of others only train."""


class RollingSplit(_Shifted):
    """Rolling origin (Tashman 2000): from a month on, every window of months is held out in turn, and all months before
    it train: how well a model does on what had not happened yet.

    Statements without a month of publication are dropped and told. The model that is logged learns from all the others;
    its figure is that of the months it had not seen, and that figure chooses between models.
    """

    kind: Literal["rolling"]
    start: str
    """The first month that is held out, as 2024-01."""
    months: int = Field(default=1, ge=1, le=1200)
    """How many months are held out at a time; a window without a statement is passed over."""

    @field_validator("start")
    @classmethod
    def _a_month(cls, value: str) -> str:
        if not re.fullmatch(r"[12][0-9]{3}-(0[1-9]|1[0-2])", value):
            raise ValueError("a month is written as 2024-01")
        return value


ShiftedSplit: TypeAlias = LeaveOutSplit | RollingSplit
"""Splits whose held-out parts are unlike what trained, by source or by time."""

SplitConfig: TypeAlias = Annotated[
    GroupedSplit | NestedSplit | FixedSplit | LeaveOutSplit | RollingSplit, Field(discriminator="kind")
]


class CurveConfig(Strict):
    """A learning curve: every model is trained again on smaller draws of the training part, and judged on the same
    held-out part. A list of sizes alone will do: ``curve: [250, 500]``.
    """

    sizes: list[Annotated[int, Field(ge=1, le=Most.ROWS)]] = Field(min_length=1, max_length=100)
    """Numbers of training statements, ascending; whole groups of articles are drawn, so that there are at most as many.
    The whole training part comes last by itself."""
    draws: int = Field(default=3, ge=1, le=Most.SEEDS)
    """How often each size is drawn, by the seed; a smaller draw lies in every larger one of the same number."""

    @field_validator("sizes")
    @classmethod
    def _ascending(cls, value: list[int]) -> list[int]:
        if sorted(set(value)) != value:
            raise ValueError("sizes ascend, and none stands twice")
        return value


class TuningConfig(Strict):
    """Repeated grouped cross-validation inside the training part, for hyper-parameters and thresholds."""

    folds: int = Field(default=5, ge=3, le=Most.FOLDS)
    """At least 3: a model that calibrates inside a training fold needs two folds there."""
    repeats: int = Field(default=2, ge=1, le=Most.REPEATS)
    """How often the folds are drawn anew."""
    metric: Literal["macro_f1", "micro_f1", "macro_average_precision"] = "macro_f1"
    """What chooses hyper-parameters and the model to register, on out-of-fold predictions of the training part; whether
    that one replaces the champion is said by the same figure on the held-out part."""


class EvaluationConfig(Strict):
    """The one evaluation on the held-out part."""

    resamples: int = Field(default=2000, ge=100, le=Most.RESAMPLES)
    """How often articles are drawn again for an interval."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """The share of resamples inside an interval."""


class TrackingConfig(Strict):
    """What MLflow's page shows besides the headline figures; all of it is among the artifacts in any case."""

    intervals: bool = False
    """Whether the bounds of headline figures are metrics too: ``f1/macro.ci.low`` and ``f1/macro.ci.high``."""
    trials: bool = False
    """Whether every point of a search is a run of its own; otherwise a step of one metric of the model's run."""


class ExperimentConfig(Strict):
    """A whole experiment."""

    name: PlainName
    """What it is called in MLflow."""
    description: str = ""
    """What it asks; shown in MLflow."""
    seed: int = Field(ge=0, lt=2**31)
    """Splits, folds, models and resamples are drawn with it: the same seed, the same figures."""
    threads: int = Field(default=1, ge=1, le=Most.THREADS)
    """Threads of numerical libraries."""
    data: DataConfig
    """What models learn from."""
    schemes: EachOnce = Field(min_length=1)
    """Label schemes, by name or path; a model is trained for each."""
    split: SplitConfig = GroupedSplit()
    """What is held out."""
    curve: CurveConfig | None = None
    """Smaller draws of the training part to learn from too: sizes in statements, and how many draws of each."""
    models: dict[PlainName, AnyModel] = Field(min_length=1)
    """Models by their names in ``configs/models``, or written out under a name of their own."""
    tuning: TuningConfig = TuningConfig()
    """How hyper-parameters and thresholds are chosen."""
    evaluation: EvaluationConfig = EvaluationConfig()
    """How held-out figures get their intervals."""
    candidates: EachOnce | None = Field(default=None, min_length=1)
    """Which of the models may be registered; the others are there to compare with. None: all of them."""
    register_champion: bool = True
    """Whether the best model of every scheme is registered: as candidate, and as champion where it is not worse."""
    register_as: dict[PlainName, PlainName] = Field(default_factory=dict)
    """The name in the registry by label scheme; where none is given, the scheme's own."""
    tracking: TrackingConfig = TrackingConfig()
    """What MLflow shows besides the headline figures."""

    @field_validator("candidates")
    @classmethod
    def _candidates_are_models(cls, value: list[str] | None, info: ValidationInfo) -> list[str] | None:
        models = info.data.get("models") or value or []
        for name in value or ():
            if name not in models:
                raise ValueError(f"{name!r} is none of the models ({', '.join(models)})")
        return value

    @field_validator("curve", mode="before")
    @classmethod
    def _sizes_alone(cls, value: Any) -> Any:
        return {"sizes": value} if isinstance(value, list) else value

    @field_validator("curve")
    @classmethod
    def _one_held_out_part(cls, value: CurveConfig | None, info: ValidationInfo) -> CurveConfig | None:
        split = info.data.get("split")
        if value is not None and split is not None and not isinstance(split, GroupedSplit | FixedSplit):
            raise ValueError(f"a learning curve needs one held-out part: split.kind grouped or fixed, not {split.kind}")
        return value

    @field_validator("split", mode="before")
    @classmethod
    def _grouped_unless_said(cls, value: Any) -> Any:
        return {"kind": "grouped", **value} if isinstance(value, dict) and "kind" not in value else value
