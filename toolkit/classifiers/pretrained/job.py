"""What is to be fine-tuned, on what, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from toolkit.classifiers.pretrained.weights import Pretrained
from toolkit.settings import Most, Strict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Job", "Lora", "TransformerModel"]


class Lora(Strict):
    """Low-rank adapters (Hu et al. 2021); merged into the weights when the model is saved."""

    r: int = Field(default=8, ge=1, le=Most.RANK)
    alpha: int = Field(default=16, ge=1, le=Most.RANK)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    target_modules: list[str] | None = None
    """Names of the layers that get adapters; null: PEFT's choice for the architecture, else every linear layer."""


class TransformerModel(Pretrained):
    """A transformer with a classification head, fine-tuned as a whole."""

    kind: Literal["transformer"]
    epochs: int = Field(default=5, ge=1, le=Most.EPOCHS)
    """How often it sees every training statement, at most."""
    learning_rate: float = Field(default=5e-5, gt=0, le=1)
    """The highest, after the warm-up."""
    weight_decay: float = Field(default=0.01, ge=0, le=1)
    """How much weights shrink at every step."""
    warmup: float = Field(default=0.1, ge=0, lt=1)
    """Share of the steps in which the learning rate rises."""
    gradient_accumulation: int = Field(default=1, ge=1, le=Most.BATCH)
    """Batches that are added up before a step."""
    loss: Literal["cross_entropy", "focal"] = "cross_entropy"
    """Focal loss: Lin et al. 2017."""
    focal_gamma: float = Field(default=2.0, ge=0, le=100)
    """How little what is already right weighs; for ``loss: focal``."""
    class_weight: Literal["balanced"] | None = None
    """Whether rare labels weigh more."""
    early_stopping: int | None = Field(default=None, ge=1, le=Most.EPOCHS)
    """Stop after so many epochs without a better loss on one fold of the training articles; the best epoch is kept."""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """auto: bf16 on a GPU that has it, otherwise fp32. bf16 is for answers too, where the processor has it: about
    twice as many in the same time, probabilities to two digits. Otherwise answers are computed in fp32."""
    codebook: bool = False
    """Whether what the rules of the label scheme find in a statement is said in words before it."""
    lora: Lora | None = None
    """Train low-rank adapters (Hu et al. 2021) instead of all weights: their settings; null trains all."""
    seeds: int = Field(default=1, ge=1, le=Most.SEEDS)
    """Trained so many times from different seeds; their probabilities are averaged."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be fine-tuned on what: one text, one row of targets and one fold each."""

    config: TransformerModel
    labels: Sequence[str]
    multi_label: bool
    texts: Sequence[str]
    targets: NDArray[Any]
    folds: NDArray[np.int64]
    seed: int
