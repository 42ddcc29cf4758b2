"""N-grams of words and characters with a linear head: fitted by scikit-learn, answered from what it learnt alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import Field, field_validator, model_validator

from toolkit.classifiers.arrays import load_arrays, save_arrays
from toolkit.classifiers.coding import codebook_features
from toolkit.classifiers.heads import Head, LinearHead
from toolkit.codebook import Codebook
from toolkit.errors import ModelError, first_line
from toolkit.inputs import text_array
from toolkit.labels import LabelScheme
from toolkit.settings import ModelSettings, Most
from toolkit.work import NOWHERE, Work

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from toolkit.classifiers.columns import Columns
    from toolkit.classifiers.ngrams import NGrams

__all__ = ["Linear", "LinearModel"]

_FILE = "linear.safetensors"
_ARRAYS = {"columns": ("u", 1), "weights": ("f", 2), "others": ("f", 1), "intercept": ("f", 1)}
_MAX_BYTES = 4 * 2**30
_BETWEEN = "\n"
"""Between the terms of a saved vocabulary: an n-gram holds no white space but spaces."""

Lengths: TypeAlias = Annotated[list[Annotated[int, Field(ge=1, le=Most.NGRAM)]], Field(min_length=2, max_length=2)]


class LinearModel(ModelSettings):
    """TF-IDF or hashed word and character n-grams and a linear head."""

    kind: Literal["linear"]
    head: Head
    """The linear classifier: its ``kind`` and settings."""
    word_ngrams: Lengths | None = Field(default=[1, 2])
    """From how many to how many words; null leaves them out."""
    char_ngrams: Lengths | None = None
    """From how many to how many letters within words; null leaves them out."""
    min_df: int = Field(default=1, ge=1, le=Most.ROWS)
    """N-grams in fewer training statements are left out."""
    sublinear_tf: bool = True
    """Whether counts are replaced by 1 and their logarithm."""
    hash_bits: int | None = Field(default=None, ge=10, le=24)
    """Hash n-grams to 2 to the power of so many columns instead of keeping a vocabulary; without ``min_df``."""
    cues: float = Field(default=0.0, ge=0, le=Most.WEIGHT)
    """Weight of one more feature per label: whether a cue pattern of the codebook occurs. 0 leaves them out."""
    codebook: float = Field(default=0.0, ge=0, le=Most.WEIGHT)
    """Weight of more features: which rules of the codebook count, which are found and voided by the grammar, and which
    labels they give. 0 leaves them out."""

    @field_validator("word_ngrams", "char_ngrams")
    @classmethod
    def _ordered(cls, value: list[int] | None) -> list[int] | None:
        if value is not None and value[0] > value[1]:
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
        self._ngrams: NGrams | None = None
        self._idf: list[NDArray[np.float64]] = []
        """Of the n-grams of words, of characters, or both."""
        self._head = LinearHead(config.head, len(scheme.labels), scheme.multi_label, seed)

    def fit(self, texts: Sequence[str], targets: NDArray[Any], folds: NDArray[np.int64], work: Work = NOWHERE) -> None:
        """Fit features and head. Raises ModelError where no feature is left."""
        from scipy.sparse import hstack

        vectorizers = _vectorizers(self.config)
        plain = text_array(texts).to_pylist()
        try:
            matrix = hstack([one.fit_transform(plain) for one in vectorizers.values()]).tocsr()
        except ValueError as error:
            raise ModelError(f"the linear model cannot be fitted: {first_line(error)}.") from error
        self._head.fit(self._with_scheme(matrix, texts), targets, folds)
        hashed = self.config.hash_bits is not None
        self._idf = [one["tfidf"].idf_ if hashed else one.idf_ for one in vectorizers.values()]
        terms = {} if hashed else {kind: _terms(one) for kind, one in vectorizers.items()}
        self._ngrams = _ngrams(self.config, terms)

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities, (n, labels)."""
        import numpy as np

        from toolkit.classifiers.ngrams import pieces

        if self._ngrams is None:
            raise ModelError("this model has not been fitted.")
        array, found = text_array(texts), [np.zeros((0, len(self.scheme.labels)))]
        for start, stop in pieces(array, self._ngrams.bytes_at_once):
            matrix = self._with_scheme(self._weighed(array.slice(start, stop - start)), texts[start:stop])
            found.append(self._head.predict_proba(matrix))
        return np.concatenate(found)

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Write what was learnt as one file of arrays: a row of weights for each column, its IDF first.

        Columns that nothing in training fell into are all alike; what they hold is written once.
        """
        import numpy as np

        coef, intercept = self._head.learnt()
        idf = np.concatenate([*self._idf, np.ones(coef.shape[1] - sum(map(len, self._idf)))])
        weights = np.column_stack([idf, coef.T])
        others = weights[idf.argmax()]
        columns = (weights != others).any(axis=1).nonzero()[0]
        arrays = {"columns": columns.astype(np.uint32), "weights": weights[columns], "others": others}
        for kind, terms in (self._ngrams.terms if self._ngrams else {}).items():
            arrays[kind] = np.frombuffer(_BETWEEN.join(terms).encode(), dtype=np.uint8)
        save_arrays({**arrays, "intercept": intercept}, folder / _FILE)
        return {"present": self._head.present}

    @classmethod
    def restore(cls, config: LinearModel, scheme: LabelScheme, folder: Path, told: Mapping[str, Any]) -> Linear:
        """Load what was saved. Raises ModelError where the file does not fit the settings and the scheme."""
        linear = cls(config, scheme, seed=0)
        kinds = [] if config.hash_bits is not None else list(_ranges(config))
        arrays = load_arrays(folder / _FILE, {**_ARRAYS, **dict.fromkeys(kinds, ("u", 1))})
        try:
            terms = {kind: arrays[kind].tobytes().decode().split(_BETWEEN) for kind in kinds}
            linear._ngrams = _ngrams(config, terms)
            linear._take(arrays, [int(k) for k in told["present"]])
        except (ModelError, ValueError) as error:
            raise ModelError(f"{folder / _FILE}: does not fit the model's settings: {first_line(error)}.") from None
        return linear

    def _take(self, arrays: Mapping[str, NDArray[Any]], present: Sequence[int]) -> None:
        """Take over loaded weights. Raises ModelError where they do not fit the n-grams, the scheme or each other."""
        import numpy as np

        columns, weights, others = arrays["columns"].astype(np.int64), arrays["weights"], arrays["others"]
        widths = self._ngrams.widths if self._ngrams else []
        width = sum(widths) + self._with_scheme(None, []).shape[1]
        if len(weights) != len(columns) or weights.shape[1] != len(others) or len(others) < 2:
            raise ModelError("there is not one row of weights for each column.")
        if len(columns) and ((np.diff(columns) <= 0).any() or columns[-1] >= width):
            raise ModelError(f"the columns are not in order, or go beyond {width}.")
        if width * others.nbytes > _MAX_BYTES:
            raise ModelError(f"its weights would take more than {_MAX_BYTES // 2**30} GiB of memory.")
        every = np.tile(others, (width, 1))
        every[columns] = weights
        idf = every[: sum(widths), 0].copy()
        if not (idf >= 1).all():
            raise ModelError("an inverse document frequency lies below 1.")
        self._idf = np.split(idf, np.cumsum(widths)[:-1])
        self._head.take(every[:, 1:].T, arrays["intercept"], present)

    @staticmethod
    def packages(config: LinearModel) -> tuple[str, ...]:
        """Nothing besides what every model needs."""
        return ()

    def _weighed(self, texts: pa.Array) -> Any:
        """Return the TF-IDF of every text, (n, columns)."""
        from scipy.sparse import hstack

        from toolkit.classifiers.ngrams import weigh

        counts = self._ngrams.count(texts) if self._ngrams else []
        weighed = [weigh(one, idf, self.config.sublinear_tf) for one, idf in zip(counts, self._idf, strict=True)]
        return weighed[0] if len(weighed) == 1 else hstack(weighed, format="csr")

    def _with_scheme(self, matrix: Any, texts: Sequence[str]) -> Any:
        """Return the features, None for none, with what the label scheme says of the texts beside them."""
        import numpy as np
        from scipy.sparse import csr_matrix, hstack

        parts = [csr_matrix((len(texts), 0)) if matrix is None else matrix]
        if self.config.cues:
            found = np.array([self.scheme.match_cues(text) for text in texts], dtype=np.float64)
            parts.append(csr_matrix(found.reshape(len(texts), len(self.scheme.labels)) * self.config.cues))
        if self._codebook is not None:
            parts.append(codebook_features(self._codebook, texts) * self.config.codebook)
        return hstack(parts).tocsr() if len(parts) > 1 else parts[0]


def _ranges(config: LinearModel) -> dict[str, list[int]]:
    """Return the shortest and the longest n-gram of each kind that is counted."""
    ranges = {"words": config.word_ngrams, "characters": config.char_ngrams}
    return {kind: ngrams for kind, ngrams in ranges.items() if ngrams}


def _vectorizers(config: LinearModel) -> dict[str, Any]:
    """Return what fits each kind of n-gram."""
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer, TfidfVectorizer
    from sklearn.pipeline import Pipeline

    from toolkit.classifiers.ngrams import WORD

    made: dict[str, Any] = {}
    for kind, ngrams in _ranges(config).items():
        cut: dict[str, Any] = {"token_pattern": WORD} if kind == "words" else {"analyzer": "char_wb"}
        options = {"ngram_range": tuple(ngrams), **cut}
        if config.hash_bits is None:
            made[kind] = TfidfVectorizer(min_df=config.min_df, sublinear_tf=config.sublinear_tf, **options)
        else:
            hashed = HashingVectorizer(n_features=2**config.hash_bits, alternate_sign=False, norm=None, **options)
            made[kind] = Pipeline([("hashed", hashed), ("tfidf", TfidfTransformer(sublinear_tf=config.sublinear_tf))])
    return made


def _terms(vectorizer: Any) -> list[str]:
    """Return the vocabulary of a fitted vectorizer, column by column."""
    return sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)


def _ngrams(config: LinearModel, terms: Mapping[str, Sequence[str]]) -> NGrams:
    """Get ready to count n-grams, hashed or by the terms of a vocabulary of each kind. Raises ModelError."""
    from toolkit.classifiers.columns import Hashing, Vocabulary
    from toolkit.classifiers.ngrams import NGrams

    made: dict[str, Columns] = {}
    for kind, ngrams in _ranges(config).items():
        of_characters = kind == "characters"
        if config.hash_bits is None:
            made[kind] = Vocabulary(terms[kind], ngrams, of_characters)
        else:
            made[kind] = Hashing(config.hash_bits, ngrams, of_characters)
    return NGrams(made)
