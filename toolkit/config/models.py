"""What a model's configuration may say: one strict model per kind, told apart by ``kind``."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

__all__ = [
    "SGD",
    "CodebookModel",
    "ComplementNB",
    "CuesModel",
    "EmbeddingsModel",
    "EnsembleModel",
    "FewShotModel",
    "Head",
    "LinearModel",
    "LinearSVM",
    "LogisticRegression",
    "Lora",
    "MajorityModel",
    "ModelConfig",
    "Pretrained",
    "Range",
    "Search",
    "Strict",
    "TransformerModel",
    "ZeroShotModel",
]


class Strict(BaseModel):
    """Unknown keys and guessed types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


# ------------------------------------------------------------------------------------------- what a model reads

Input = Literal["text", "cue", "context", "speaker", "target", "relation"]


class _Model(Strict):
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


# -------------------------------------------------------------------------------------------- hyper-parameters


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


# -------------------------------------------------------------------------------------------------------- heads


class LogisticRegression(Strict):
    """L2-regularised logistic regression, one label against the rest in multi-label schemes."""

    kind: Literal["logistic_regression"]
    C: float = Field(default=1.0, gt=0)
    class_weight: Literal["balanced"] | None = "balanced"
    solver: Literal["newton-cg", "lbfgs", "liblinear"] = "newton-cg"


class LinearSVM(Strict):
    """Linear support vector machine whose scores are turned into probabilities by a sigmoid (Platt 1999)."""

    kind: Literal["linear_svm"]
    C: float = Field(default=1.0, gt=0)
    class_weight: Literal["balanced"] | None = "balanced"


class ComplementNB(Strict):
    """Complement naive Bayes (Rennie et al. 2003); for counts and TF-IDF only."""

    kind: Literal["complement_nb"]
    alpha: float = Field(default=1.0, gt=0)
    norm: bool = False


class SGD(Strict):
    """A linear model learnt by stochastic gradient descent; the choice for hundreds of thousands of texts."""

    kind: Literal["sgd"]
    loss: Literal["log_loss", "modified_huber"] = "log_loss"
    alpha: float = Field(default=1e-5, gt=0)
    class_weight: Literal["balanced"] | None = "balanced"


DenseHead: TypeAlias = Annotated[LogisticRegression | LinearSVM | SGD, Field(discriminator="kind")]
Head: TypeAlias = Annotated[LogisticRegression | LinearSVM | ComplementNB | SGD, Field(discriminator="kind")]


# ------------------------------------------------------------------------------------------------------- models


class MajorityModel(_Model):
    """The baseline that answers with the training part's label shares, whatever it reads."""

    kind: Literal["majority"]


class CuesModel(_Model):
    """The baseline that looks for the label scheme's own cue patterns."""

    kind: Literal["cues"]
    calibration: Literal["none"] = "none"
    """A match decides, not a probability: there is nothing to calibrate and no threshold to choose."""
    thresholds: Literal["tuned"] = "tuned"


class CodebookModel(_Model):
    """The label scheme's own rules, read with their grammar; what each is worth is counted in the training part."""

    has_rules: ClassVar[bool] = True
    kind: Literal["codebook"]
    thresholds: Literal["tuned", "rules"] | float = "rules"
    """rules: a label is given where any of its rules counts; tuned, or a number: where one counts that was right often
    enough."""


class LinearModel(_Model):
    """TF-IDF or hashed word and character n-grams and a linear head."""

    kind: Literal["linear"]
    head: Head
    word_ngrams: Annotated[list[int], Field(min_length=2, max_length=2)] | None = [1, 2]
    char_ngrams: Annotated[list[int], Field(min_length=2, max_length=2)] | None = None
    min_df: int = Field(default=1, ge=1)
    sublinear_tf: bool = True
    hash_bits: int | None = Field(default=None, ge=10, le=24)
    """Hash n-grams to 2 to the power of so many columns instead of keeping a vocabulary; without ``min_df``."""
    cues: float = Field(default=0.0, ge=0)
    """Weight of one more feature per label: whether a cue pattern of the codebook occurs. 0 leaves them out."""
    codebook: float = Field(default=0.0, ge=0)
    """Weight of more features: which rules of the codebook count, which are found and voided by the grammar, and which
    labels they give. 0 leaves them out."""

    @field_validator("word_ngrams", "char_ngrams")
    @classmethod
    def _ordered(cls, value: list[int] | None) -> list[int] | None:
        if value is not None and not 1 <= value[0] <= value[1]:
            raise ValueError("give the shortest and the longest n-gram, [1, 2] for example")
        return value

    @model_validator(mode="after")
    def _some_features(self) -> LinearModel:
        if not self.word_ngrams and not self.char_ngrams:
            raise ValueError("give word_ngrams, char_ngrams or both")
        return self


class Pretrained(_Model):
    """Whatever starts from weights that somebody else trained."""

    model: str = Field(min_length=1)
    """A folder (as it stands, or below the project's folder) or the id of a model on the Hugging Face hub."""
    revision: str | None = None
    """The commit, tag or branch of a hub id."""
    trust_remote_code: bool = False
    """Whether Python files that come with the model may be run. They can do whatever you can."""
    max_length: int = Field(default=128, ge=8)
    """Longer inputs are cut after so many word pieces."""
    batch_size: int = Field(default=16, ge=1)


class EmbeddingsModel(Pretrained):
    """Frozen sentence embeddings, cached on disk, and a linear head.

    Sentence-BERT (Reimers and Gurevych 2019) or static embeddings distilled from it (model2vec, Tulkens and
    van Dongen 2024).
    """

    kind: Literal["embeddings"]
    head: DenseHead
    encoder: Literal["sentence_transformers", "model2vec"] = "sentence_transformers"


class FewShotModel(Pretrained):
    """Contrastive fine-tuning of a sentence encoder on pairs of few examples, then a linear head.

    The method of SetFit (Tunstall et al. 2022).
    """

    kind: Literal["few_shot"]
    head: DenseHead
    examples_per_label: int | None = Field(default=16, ge=2)
    """How many examples of each label are drawn from the training part; null takes all."""
    pairs_per_example: int = Field(default=20, ge=1)
    """Pairs of like and as many of unlike examples that every example is put into."""
    epochs: int = Field(default=1, ge=1)
    learning_rate: float = Field(default=2e-5, gt=0)


class Lora(Strict):
    """Low-rank adapters (Hu et al. 2021); merged into the weights when the model is saved."""

    r: int = Field(default=8, ge=1)
    alpha: int = Field(default=16, ge=1)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    target_modules: list[str] | None = None
    """Names of the layers that get adapters; null: PEFT's choice for the architecture, else every linear layer."""


class TransformerModel(Pretrained):
    """A transformer with a classification head, fine-tuned as a whole."""

    kind: Literal["transformer"]
    epochs: int = Field(default=5, ge=1)
    learning_rate: float = Field(default=5e-5, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    warmup: float = Field(default=0.1, ge=0, lt=1)
    """Share of the steps in which the learning rate rises."""
    gradient_accumulation: int = Field(default=1, ge=1)
    loss: Literal["cross_entropy", "focal"] = "cross_entropy"
    """Focal loss: Lin et al. 2017."""
    focal_gamma: float = Field(default=2.0, ge=0)
    class_weight: Literal["balanced"] | None = None
    early_stopping: int | None = Field(default=None, ge=1)
    """Stop after so many epochs without a better loss on one fold of the training articles; the best epoch is kept."""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """auto: bf16 on a GPU that has it, otherwise fp32."""
    lora: Lora | None = None
    seeds: int = Field(default=1, ge=1)
    """Trained so many times from different seeds; their probabilities are averaged."""


class ZeroShotModel(Pretrained):
    """A natural language inference model that is asked the codebook's hypotheses (Yin et al. 2019)."""

    kind: Literal["zero_shot"]


class EnsembleModel(_Model):
    """Averaged or stacked probabilities of several models that read the same input."""

    kind: Literal["ensemble"]
    members: dict[str, ModelConfig] = Field(min_length=2)
    """In a file: a list of names of configs/models, or a mapping of names to models. A member's own search, calibration
    and abstention are not used; its first values are."""
    method: Literal["average", "stack"] = "average"
    """stack: a logistic regression on the members' out-of-fold probabilities (Wolpert 1992)."""
    weights: list[float] | None = None
    """With ``average``: one weight per member, in order."""

    @model_validator(mode="after")
    def _fits_together(self) -> EnsembleModel:
        for name, member in self.members.items():
            if isinstance(member, EnsembleModel):
                raise ValueError(f"the member {name!r} is an ensemble itself")
            for key in ("input", "roles", "names"):
                if getattr(member, key) != getattr(self, key):
                    given, own = getattr(member, key), getattr(self, key)
                    raise ValueError(f"the member {name!r} has {key}: {given}, the ensemble {own}; make them equal")
        if self.weights is not None and (len(self.weights) != len(self.members) or min(self.weights) <= 0):
            raise ValueError("give one weight above 0 per member")
        return self


ModelConfig: TypeAlias = Annotated[
    MajorityModel
    | CuesModel
    | CodebookModel
    | LinearModel
    | EmbeddingsModel
    | FewShotModel
    | TransformerModel
    | ZeroShotModel
    | EnsembleModel,
    Field(discriminator="kind"),
]
for _model in (
    MajorityModel,
    CuesModel,
    CodebookModel,
    LinearModel,
    EmbeddingsModel,
    FewShotModel,
    TransformerModel,
    ZeroShotModel,
):
    _model.model_rebuild()
EnsembleModel.model_rebuild()
