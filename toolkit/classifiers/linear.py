"""N-grams of words and characters with a linear head; scikit-learn estimators throughout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from toolkit.classifiers.coding import codebook_features
from toolkit.classifiers.heads import Head, LinearHead
from toolkit.classifiers.skops_files import load_skops, save_skops
from toolkit.codebook import Codebook
from toolkit.errors import ModelError, first_line
from toolkit.labels import LabelScheme
from toolkit.settings import ModelSettings
from toolkit.work import NOWHERE, Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Linear", "LinearModel"]

_FILE = "estimator.skops"


class LinearModel(ModelSettings):
    """TF-IDF or hashed word and character n-grams and a linear head."""

    kind: Literal["linear"]
    head: Head
    word_ngrams: Annotated[list[int], Field(min_length=2, max_length=2)] | None = Field(default=[1, 2])
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


class Linear:
    """TF-IDF (Salton and Buckley 1988) or hashed n-grams (Weinberger et al. 2009) and a linear head.

    With ``cues``, whether a cue pattern of the codebook occurs is one more feature per label; with ``codebook``, what
    its rules find are features too.
    """

    Settings = LinearModel
    thresholds = None

    def __init__(self, config: LinearModel, scheme: LabelScheme, seed: int) -> None:
        self.config = config
        self.scheme = scheme
        self._codebook = Codebook(scheme) if config.codebook else None
        self._features: Any = None
        self._head = LinearHead(config.head, len(scheme.labels), scheme.multi_label, seed)

    def fit(self, texts: Sequence[str], targets: NDArray[Any], folds: NDArray[np.int64], work: Work = NOWHERE) -> None:
        """Fit features and head. Raises ModelError where no feature is left."""
        features = _features(self.config)
        try:
            matrix = features.fit_transform(list(texts))
        except ValueError as error:
            raise ModelError(f"the linear model cannot be fitted: {first_line(error)}.") from error
        self._head.fit(self._with_scheme(matrix, texts), targets, folds)
        self._features = features

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities, (n, labels)."""
        if self._features is None:
            raise ModelError("this model has not been fitted.")
        return self._head.predict_proba(self._with_scheme(self._features.transform(list(texts)), texts))

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Write features and head as one skops file."""
        from sklearn.pipeline import Pipeline

        for _, part in self._features.transformer_list:
            # An address in memory that scikit-learn remembers, and looks up again where it is missing.
            vars(part.named_steps["hashed"] if isinstance(part, Pipeline) else part).pop("_stop_words_id", None)
        save_skops(Pipeline([("features", self._features), ("head", self._head.estimator)]), folder / _FILE)
        return {"file": _FILE, **self._head.told()}

    @classmethod
    def restore(cls, config: LinearModel, scheme: LabelScheme, folder: Path, told: Mapping[str, Any]) -> Linear:
        """Load what was saved. Raises ModelError where the file is not to be trusted."""
        from sklearn.pipeline import Pipeline

        pipeline = load_skops(folder / _FILE, Pipeline)
        if list(pipeline.named_steps) != ["features", "head"]:
            raise ModelError(
                f"{folder / _FILE}: holds the steps {', '.join(pipeline.named_steps)}, not features, head."
            )
        linear = cls(config, scheme, seed=0)
        linear._features = pipeline["features"]
        linear._head.restored(pipeline["head"], told)
        return linear

    @staticmethod
    def packages(config: LinearModel) -> tuple[str, ...]:
        """Nothing besides what every model needs."""
        return ()

    def _with_scheme(self, matrix: Any, texts: Sequence[str]) -> Any:
        """Return the features with what the label scheme says of the texts beside them."""
        import numpy as np
        from scipy.sparse import csr_matrix, hstack

        parts = [matrix]
        if self.config.cues:
            found = np.array([self.scheme.match_cues(text) for text in texts], dtype=np.float64)
            parts.append(csr_matrix(found.reshape(len(texts), -1) * self.config.cues))
        if self._codebook is not None:
            parts.append(codebook_features(self._codebook, texts) * self.config.codebook)
        return hstack(parts).tocsr() if len(parts) > 1 else matrix


def _features(config: LinearModel) -> Any:
    from sklearn.pipeline import FeatureUnion

    parts = []
    if config.word_ngrams:
        # Keeps one-letter words and apostrophes: "I", "won't".
        words = {"ngram_range": tuple(config.word_ngrams), "token_pattern": r"(?u)\b\w[\w'’]*"}
        parts.append(("words", _vectorizer(config, words)))
    if config.char_ngrams:
        characters = {"ngram_range": tuple(config.char_ngrams), "analyzer": "char_wb"}
        parts.append(("characters", _vectorizer(config, characters)))
    return FeatureUnion(parts)


def _vectorizer(config: LinearModel, options: Mapping[str, Any]) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer, TfidfVectorizer
    from sklearn.pipeline import Pipeline

    if config.hash_bits is None:
        return TfidfVectorizer(min_df=config.min_df, sublinear_tf=config.sublinear_tf, **options)
    hashed = HashingVectorizer(n_features=2**config.hash_bits, alternate_sign=False, norm=None, **options)
    return Pipeline([("hashed", hashed), ("tfidf", TfidfTransformer(sublinear_tf=config.sublinear_tf))])
