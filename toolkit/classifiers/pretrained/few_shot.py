"""Contrastive fine-tuning of a sentence encoder on few examples, then a linear head (SetFit, Tunstall et al. 2022).

SetFit's own trainer makes the pairs and tunes the encoder; the head is ours, since SetFit would pickle it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from toolkit.classifiers.heads import DenseHead, LinearHead
from toolkit.classifiers.pretrained.embeddings import load_sentence_transformer
from toolkit.classifiers.pretrained.weights import Pretrained, calm, find_weights, need, use_threads
from toolkit.errors import ModelError
from toolkit.labels import LabelScheme
from toolkit.settings import Most
from toolkit.work import NOWHERE, Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FewShot", "FewShotModel", "draw_examples"]

_HEAD = "head.safetensors"


class FewShotModel(Pretrained):
    """Contrastive fine-tuning of a sentence encoder on pairs of few examples, then a linear head.

    The method of SetFit (Tunstall et al. 2022).
    """

    kind: Literal["few_shot"]
    head: DenseHead
    """The linear classifier on top: its ``kind`` and settings."""
    examples_per_label: int | None = Field(default=16, ge=2, le=Most.EXAMPLES)
    """How many examples of each label are drawn from the training part; null takes all."""
    pairs_per_example: int = Field(default=20, ge=1, le=Most.EXAMPLES)
    """Pairs of like and as many of unlike examples that every example is put into."""
    epochs: int = Field(default=1, ge=1, le=Most.EPOCHS)
    """How often the encoder sees every pair."""
    learning_rate: float = Field(default=2e-5, gt=0, le=1)
    """Of the encoder."""


class FewShot:
    """Draws a few examples of each label, tunes the encoder on pairs of them, and fits the head on the same few."""

    Settings = FewShotModel
    thresholds = None

    def __init__(self, config: FewShotModel, scheme: LabelScheme, seed: int) -> None:
        self.config = config
        self.multi_label = scheme.multi_label
        self.seed = seed
        self._encoder: Any = None
        self._head = LinearHead(config.head, len(scheme.labels), scheme.multi_label, seed)

    def fit(self, texts: Sequence[str], targets: NDArray[Any], folds: NDArray[np.int64], work: Work = NOWHERE) -> None:
        """Tune the encoder and fit the head. Raises ModelError where the weights cannot be had."""
        setfit = need("setfit")
        use_threads(work.threads)
        targets = (targets >= 0.5).astype(int)
        drawn = draw_examples(targets, self.config.examples_per_label, self.seed)
        few, labels = [texts[i] for i in drawn], targets[drawn]
        self._encoder = load_sentence_transformer(find_weights(self.config), self.config)
        with tempfile.TemporaryDirectory() as folder, calm():
            arguments = setfit.TrainingArguments(
                output_dir=folder,
                batch_size=self.config.batch_size,
                num_epochs=self.config.epochs,
                num_iterations=self.config.pairs_per_example,
                body_learning_rate=self.config.learning_rate,
                seed=self.seed,
                report_to="none",
                save_strategy="no",
                logging_strategy="no",
                show_progress_bar=False,
            )
            need("transformers").set_seed(self.seed)
            strategy = "one-vs-rest" if self.multi_label else None
            model = setfit.SetFitModel(model_body=self._encoder, multi_target_strategy=strategy)
            trainer = setfit.Trainer(model=model, args=arguments)
            trainer.st_trainer.args.disable_tqdm = True
            trainer.st_trainer.remove_callback(need("transformers").PrinterCallback)
            given = labels.tolist() if self.multi_label else labels.argmax(axis=1).tolist()
            trainer.train_embeddings(few, given)
        self._encoder.eval()
        self._head.fit(self._embed(few), labels, folds[drawn])

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities, (n, labels)."""
        return self._head.predict_proba(self._embed(texts))

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Write the tuned encoder and the head as safetensors."""
        if self._encoder is None:
            raise ModelError("this model has not been fitted.")
        with calm():
            self._encoder.save_pretrained(str(folder / "encoder"), create_model_card=False, safe_serialization=True)
        return self._head.save(folder / _HEAD)

    @staticmethod
    def packages(config: FewShotModel) -> tuple[str, ...]:
        """What a model of this kind needs to be served."""
        return ("torch", "transformers", "sentence-transformers")

    @classmethod
    def restore(cls, config: FewShotModel, scheme: LabelScheme, folder: Path, told: Mapping[str, Any]) -> FewShot:
        """Load what was saved. Raises ModelError where the head does not fit the settings or weights are missing."""
        model = cls(config, scheme, seed=0)
        model._head.load(folder / _HEAD, told)
        model._encoder = load_sentence_transformer(folder / "encoder", config)
        return model

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        if self._encoder is None:
            raise ModelError("this model has not been fitted.")
        embedded = self._encoder.encode(list(texts), batch_size=self.config.batch_size, show_progress_bar=False)
        return np.asarray(embedded, dtype=np.float32)


def draw_examples(targets: NDArray[np.int64], per_label: int | None, seed: int) -> NDArray[np.int64]:
    """Return the positions, ascending, of so many examples of each label, and of none of them; None takes all."""
    import numpy as np

    if per_label is None:
        return np.arange(len(targets))
    order = np.random.default_rng(seed).permutation(len(targets))
    classes = [*targets.T, targets.sum(axis=1) == 0]
    drawn = {int(i) for has in classes for i in order[np.asarray(has)[order] == 1][:per_label]}
    return np.array(sorted(drawn), dtype=np.int64)
