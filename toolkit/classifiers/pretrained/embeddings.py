"""Frozen sentence embeddings, cached on disk, and a linear head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from toolkit.classifiers.heads import DenseHead, LinearHead
from toolkit.classifiers.pretrained.weights import (
    Pretrained,
    calm,
    check_keys,
    copy_weights,
    digest,
    find_weights,
    need,
    use_threads,
)
from toolkit.errors import ModelError, first_line
from toolkit.labels import LabelScheme
from toolkit.work import NOWHERE, Cache, Work, cache_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

__all__ = ["Embeddings", "EmbeddingsModel", "load_sentence_transformer"]

_HEAD = "head.safetensors"


class EmbeddingsModel(Pretrained):
    """Frozen sentence embeddings, cached on disk, and a linear head.

    Sentence-BERT (Reimers and Gurevych 2019) or static embeddings distilled from it (model2vec, Tulkens and
    van Dongen 2024).
    """

    kind: Literal["embeddings"]
    head: DenseHead
    """The linear classifier on top: its ``kind`` and settings."""
    encoder: Literal["sentence_transformers", "model2vec"] = "sentence_transformers"
    """The library that embeds; static embeddings (model2vec) need no torch."""


class Embeddings:
    """Embeds every text with frozen weights and fits a linear head on top.

    Texts go through the encoder in batches, and which ones share a batch moves the last bits of an embedding.
    """

    Settings = EmbeddingsModel
    thresholds = None

    def __init__(self, config: EmbeddingsModel, scheme: LabelScheme, seed: int) -> None:
        self.config = config
        self._folder: Path | None = None
        self._cache: Cache | None = None
        self._encoder: Any = None
        self._head = LinearHead(config.head, len(scheme.labels), scheme.multi_label, seed)

    def fit(self, texts: Sequence[str], targets: NDArray[Any], folds: NDArray[np.int64], work: Work = NOWHERE) -> None:
        """Embed and fit the head. Raises ModelError where the weights cannot be had."""
        if self.config.encoder != "model2vec":
            use_threads(work.threads)
        self._folder = find_weights(self.config)
        kind = f"{digest(self._folder)}-{self.config.encoder}-{self.config.max_length}"
        self._cache = Cache(cache_folder() / "embeddings" / f"{kind}.sqlite")
        self._head.fit(self._embed(texts), targets, folds)

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities, (n, labels)."""
        return self._head.predict_proba(self._embed(texts))

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Write the head, and a copy of the encoder, so that the model needs nothing else."""
        if self._folder is None:
            raise ModelError("this model has not been fitted.")
        copy_weights(self._folder, folder / "encoder", code=self.config.trust_remote_code)
        return {"encoder": digest(self._folder), **self._head.save(folder / _HEAD)}

    @staticmethod
    def packages(config: EmbeddingsModel) -> tuple[str, ...]:
        """What a model of this kind needs to be served."""
        return ("model2vec",) if config.encoder == "model2vec" else ("torch", "transformers", "sentence-transformers")

    @classmethod
    def restore(cls, config: EmbeddingsModel, scheme: LabelScheme, folder: Path, told: Mapping[str, Any]) -> Embeddings:
        """Load what was saved. Raises ModelError where the head does not fit the settings."""
        model = cls(config, scheme, seed=0)
        model._folder = folder / "encoder"
        model._head.load(folder / _HEAD, told)
        return model

    def _embed(self, texts: Sequence[str]) -> Matrix:
        import numpy as np

        if self._cache is None:
            return self._encode(texts)
        kept = self._cache.through(texts, lambda new: [vector.tobytes() for vector in self._encode(new)])
        return np.stack([np.frombuffer(vector, dtype=np.float32) for vector in kept])

    def _encode(self, texts: Sequence[str]) -> Matrix:
        import numpy as np

        if self._folder is None:
            raise ModelError("this model has not been fitted.")
        if self._encoder is None:
            self._encoder = _load(self._folder, self.config)
        options = {"max_length": self.config.max_length} if self.config.encoder == "model2vec" else {}
        with_bars = {"show_progress_bar": False, "batch_size": self.config.batch_size, **options}
        return np.asarray(self._encoder.encode(list(texts), **with_bars), dtype=np.float32)


def _load(folder: Path, config: EmbeddingsModel) -> Any:
    if config.encoder == "model2vec":
        try:
            return need("model2vec").StaticModel.from_pretrained(str(folder), force_download=False)
        except ModelError:
            raise
        except Exception as error:  # whatever a damaged folder makes it raise
            raise ModelError(f"{config.model}: is no model2vec model: {error}.") from None
    return load_sentence_transformer(folder, config)


def load_sentence_transformer(folder: Path, config: Pretrained) -> Any:
    """Load a sentence encoder; a plain transformer gets mean pooling. Raises ModelError where weights are missing."""
    library = need("sentence_transformers")
    with calm():
        try:
            encoder = library.SentenceTransformer(
                str(folder),
                local_files_only=True,
                trust_remote_code=config.trust_remote_code,
                model_kwargs={"use_safetensors": True},
            )
            if not config.trust_remote_code and (folder / "config.json").is_file():
                info = need("transformers").AutoModel.from_pretrained(
                    folder, output_loading_info=True, use_safetensors=True, local_files_only=True
                )[1]
                check_keys(info, folder, new=("pooler",), unused=True)
        except ModelError:
            raise
        except Exception as error:  # whatever a damaged folder makes it raise
            raise ModelError(f"{config.model}: is no sentence encoder: {first_line(error)}.") from None
    encoder.max_seq_length = min(config.max_length, encoder.max_seq_length or config.max_length)
    encoder.eval()
    return encoder
