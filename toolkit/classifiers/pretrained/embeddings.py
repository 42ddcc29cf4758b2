"""Frozen sentence embeddings, cached on disk, and a linear head."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.classifiers.base import NOWHERE, Work
from toolkit.classifiers.heads import LinearHead, load_skops, save_skops
from toolkit.classifiers.pretrained.weights import (
    calm,
    check_keys,
    copy_weights,
    digest,
    find_weights,
    need,
    use_threads,
)
from toolkit.config import EmbeddingsModel, Pretrained
from toolkit.errors import ModelError
from toolkit.labels import LabelScheme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

__all__ = ["Cache", "Embeddings", "cache_folder", "load_sentence_transformer"]

_HEAD = "head.skops"


class Embeddings:
    """Embeds every text with frozen weights and fits a linear head on top.

    Texts go through the encoder in batches, and which ones share a batch moves the last bits of an embedding.
    """

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
        save_skops(self._head.estimator, folder / _HEAD)
        copy_weights(self._folder, folder / "encoder", code=self.config.trust_remote_code)
        return {"encoder": digest(self._folder), **self._head.told()}

    @classmethod
    def restore(cls, config: EmbeddingsModel, scheme: LabelScheme, folder: Path, told: Mapping[str, Any]) -> Embeddings:
        """Load what was saved. Raises ModelError where a file is not to be trusted."""
        from sklearn.base import BaseEstimator

        model = cls(config, scheme, seed=0)
        model._folder = folder / "encoder"
        model._head.restored(load_skops(folder / _HEAD, BaseEstimator), told)
        return model

    def _embed(self, texts: Sequence[str]) -> Matrix:
        if self._cache is None:
            return self._encode(texts)
        return self._cache.through(texts, self._encode)

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
            raise ModelError(f"{config.model}: is no sentence encoder: {str(error).splitlines()[0]}.") from None
    encoder.max_seq_length = min(config.max_length, encoder.max_seq_length or config.max_length)
    encoder.eval()
    return encoder


# -------------------------------------------------------------------------------------------------------- the cache


def cache_folder() -> Path:
    """Return where computed things are kept: ``STANCE_CACHE``, else ``~/.cache/stance-toolkit``."""
    given = os.environ.get("STANCE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(given).expanduser() if given else Path(base).expanduser() / "stance-toolkit"


class Cache:
    """Embeddings by the SHA-256 of their text, in one SQLite file per encoder and setting; safe for several
    processes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def through(self, texts: Sequence[str], encode: Any) -> Matrix:
        """Return the embeddings of texts, (n, dimensions), computing and keeping those that are not there yet."""
        import numpy as np

        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=60)) as database:
            database.execute("CREATE TABLE IF NOT EXISTS embeddings (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
            found: dict[bytes, Matrix] = {}
            for start in range(0, len(keys), 500):
                chunk = keys[start : start + 500]
                marks = ",".join("?" * len(chunk))
                rows = database.execute(f"SELECT key, vector FROM embeddings WHERE key IN ({marks})", chunk)
                found |= {key: np.frombuffer(vector, dtype=np.float32) for key, vector in rows}
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
            if missing:
                computed = encode(list(missing.values()))
                found |= dict(zip(missing, computed, strict=True))
                new = [
                    (key, vector.astype(np.float32).tobytes()) for key, vector in zip(missing, computed, strict=True)
                ]
                with database:
                    database.executemany("INSERT OR IGNORE INTO embeddings VALUES (?, ?)", new)
        return np.stack([found[key] for key in keys])
