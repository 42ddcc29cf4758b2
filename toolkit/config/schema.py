"""What a configuration may say: strict models, one discriminated union per choice."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = [
    "ComplementNB",
    "CuesModel",
    "DataConfig",
    "EvaluationConfig",
    "ExperimentConfig",
    "LinearModel",
    "LinearSVM",
    "LogisticRegression",
    "MajorityModel",
    "ModelConfig",
    "SplitConfig",
    "TuningConfig",
]


class Strict(BaseModel):
    """Unknown keys and guessed types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DataConfig(Strict):
    """Where the articles and their gold labels are; paths are relative to the project's folder."""

    articles: list[str] = Field(min_length=1)
    gold: str
    min_overlap: float = Field(default=0.5, gt=0, le=1)
    """How much of their letters an extracted and a gold statement must share (intersection over union)."""


class SplitConfig(Strict):
    """How articles are divided into a training and a held-out part."""

    kind: Literal["grouped"] = "grouped"
    test_size: float = Field(default=0.3, gt=0, lt=1)
    near_duplicate: float = Field(default=0.8, gt=0, le=1)
    """Articles with statements whose word trigrams agree at least so far (Jaccard) stay on one side."""


class LogisticRegression(Strict):
    """L2-regularised logistic regression, one label against the rest in multi-label schemes."""

    kind: Literal["logistic_regression"]
    C: float = Field(default=1.0, gt=0)
    class_weight: Literal["balanced"] | None = "balanced"
    solver: Literal["newton-cg", "lbfgs", "liblinear"] = "lbfgs"


class LinearSVM(Strict):
    """Linear support vector machine whose scores are turned into probabilities by a sigmoid (Platt 1999)."""

    kind: Literal["linear_svm"]
    C: float = Field(default=1.0, gt=0)
    class_weight: Literal["balanced"] | None = "balanced"


class ComplementNB(Strict):
    """Complement naive Bayes (Rennie et al. 2003)."""

    kind: Literal["complement_nb"]
    alpha: float = Field(default=1.0, gt=0)
    norm: bool = False


Field_ = Literal["text", "cue", "context", "speaker"]
Search = dict[str, Annotated[list[Any], Field(min_length=1)]]


class _Model(Strict):
    input: list[Field_] = ["text"]
    """Fields of the statement that the model reads, joined by a space; absent ones are left out."""

    @field_validator("input")
    @classmethod
    def _reads_something(cls, value: list[str]) -> list[str]:
        if not {"text", "context"} & set(value) or len(set(value)) != len(value):
            raise ValueError("name text or context, and each field once")
        return value


class MajorityModel(_Model):
    """The baseline that answers with the training part's label shares, whatever it reads."""

    kind: Literal["majority"]


class CuesModel(_Model):
    """The baseline that looks for the label scheme's own cue patterns."""

    kind: Literal["cues"]


class LinearModel(_Model):
    """TF-IDF word and character n-grams and a linear head."""

    kind: Literal["linear"]
    head: Annotated[LogisticRegression | LinearSVM | ComplementNB, Field(discriminator="kind")]
    word_ngrams: Annotated[list[int], Field(min_length=2, max_length=2)] | None = [1, 2]
    char_ngrams: Annotated[list[int], Field(min_length=2, max_length=2)] | None = None
    min_df: int = Field(default=1, ge=1)
    sublinear_tf: bool = True
    search: Search = {}
    """Hyper-parameters to try, by dotted path into this file: ``head.C: [1, 10]``."""

    @field_validator("word_ngrams", "char_ngrams")
    @classmethod
    def _ordered(cls, value: list[int] | None) -> list[int] | None:
        if value is not None and not 1 <= value[0] <= value[1]:
            raise ValueError("give the shortest and the longest n-gram, [1, 2] for example")
        return value


ModelConfig = Annotated[MajorityModel | CuesModel | LinearModel, Field(discriminator="kind")]


class TuningConfig(Strict):
    """Repeated grouped cross-validation inside the training part, for hyper-parameters and thresholds."""

    folds: int = Field(default=5, ge=3)
    """At least 3: a model that calibrates inside a training fold needs two folds there."""
    repeats: int = Field(default=2, ge=1)
    metric: Literal["macro_f1", "micro_f1", "macro_average_precision"] = "macro_f1"
    """What chooses hyper-parameters and the champion, on out-of-fold predictions of the training part."""


class EvaluationConfig(Strict):
    """The one evaluation on the held-out part."""

    resamples: int = Field(default=2000, ge=100)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)


class ExperimentConfig(Strict):
    """A whole experiment."""

    name: str = Field(min_length=1)
    description: str = ""
    seed: int = Field(ge=0, lt=2**31)
    threads: int = Field(default=1, ge=1)
    data: DataConfig
    schemes: list[str] = Field(min_length=1)
    split: SplitConfig = SplitConfig()
    models: dict[str, ModelConfig] = Field(min_length=1)
    tuning: TuningConfig = TuningConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    register_champion: bool = True
