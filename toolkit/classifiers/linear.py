"""TF-IDF word and character n-grams with a linear head; scikit-learn estimators throughout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.config import ComplementNB, LinearModel, LinearSVM, LogisticRegression
from toolkit.errors import ModelError
from toolkit.labels import LabelScheme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

__all__ = ["TRUSTED", "Linear"]

TRUSTED = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
)
"""The only types beyond skops' own list that a model file may hold. A file's own claims are never asked."""

_FILE = "estimator.skops"
_MAX_BYTES = 2 * 2**30


class Linear:
    """A scikit-learn pipeline of TF-IDF features and a linear head, one label against the rest in multi-label schemes.

    Features: Salton and Buckley (1988). The SVM's scores become probabilities by a sigmoid fitted on
    out-of-fold scores (Platt 1999), with the grouped folds that it is given.
    """

    thresholds = None

    def __init__(self, config: LinearModel, scheme: LabelScheme, seed: int, pipeline: Pipeline | None = None) -> None:
        self.config = config
        self.multi_label = scheme.multi_label
        self.labels = len(scheme.labels)
        self.seed = seed
        self._pipeline = pipeline

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64], folds: NDArray[np.int64]) -> None:
        """Fit features and head. Raises ModelError where no feature is left."""
        from sklearn.multiclass import OneVsRestClassifier
        from sklearn.pipeline import Pipeline

        head = self._head(folds)
        if self.multi_label:
            head = OneVsRestClassifier(head)
        pipeline = Pipeline([("features", self._features()), ("head", head)])
        try:
            pipeline.fit(list(texts), targets if self.multi_label else targets.argmax(axis=1))
        except ValueError as error:
            raise ModelError(f"the linear model cannot be fitted: {_first_line(error)}.") from error
        _forget_folds(pipeline)
        self._pipeline = pipeline

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities, (n, labels)."""
        import numpy as np

        if self._pipeline is None:
            raise ModelError("this model has not been fitted.")
        answered = np.asarray(self._pipeline.predict_proba(list(texts)), dtype=np.float64)
        return answered if self.multi_label else self._in_codebook_order(answered)

    def _in_codebook_order(self, answered: NDArray[np.float64]) -> NDArray[np.float64]:
        """Single-label heads answer only for the labels they saw; the others get probability 0."""
        import numpy as np

        assert self._pipeline is not None
        probabilities = np.zeros((len(answered), self.labels))
        probabilities[:, self._pipeline.classes_] = answered
        return probabilities

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Write the pipeline as a skops file."""
        import skops.io

        skops.io.dump(self._pipeline, folder / _FILE)
        return {"file": _FILE}

    @classmethod
    def restore(cls, config: LinearModel, scheme: LabelScheme, folder: Path) -> Linear:
        """Load a saved pipeline; types beyond skops' list and :data:`TRUSTED` are refused with ModelError."""
        import skops.io
        from sklearn.pipeline import Pipeline

        path = folder / _FILE
        try:
            if path.stat().st_size > _MAX_BYTES:
                raise ModelError(f"{path}: is larger than {_MAX_BYTES // 2**30} GiB.")
            pipeline = skops.io.load(path, trusted=list(TRUSTED))
        except ModelError:
            raise
        except Exception as error:  # a hostile or damaged file can fail in any way
            raise ModelError(f"{path}: is not a model file that can be trusted: {_first_line(error)}") from None
        if not isinstance(pipeline, Pipeline):
            raise ModelError(f"{path}: holds a {type(pipeline).__name__}, not a pipeline.")
        return cls(config, scheme, seed=0, pipeline=pipeline)

    def _features(self) -> Any:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import FeatureUnion

        common = {"min_df": self.config.min_df, "sublinear_tf": self.config.sublinear_tf}
        parts = []
        if self.config.word_ngrams:
            # Keeps one-letter words and apostrophes: "I", "won't".
            words = TfidfVectorizer(
                ngram_range=tuple(self.config.word_ngrams), token_pattern=r"(?u)\b\w[\w'’]*", **common
            )
            parts.append(("words", words))
        if self.config.char_ngrams:
            characters = TfidfVectorizer(analyzer="char_wb", ngram_range=tuple(self.config.char_ngrams), **common)
            parts.append(("characters", characters))
        return FeatureUnion(parts)

    def _head(self, folds: NDArray[np.int64]) -> Any:
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.linear_model import LogisticRegression as SkLogisticRegression
        from sklearn.naive_bayes import ComplementNB as SkComplementNB
        from sklearn.svm import LinearSVC

        head = self.config.head
        if isinstance(head, LogisticRegression):
            return SkLogisticRegression(
                C=head.C, class_weight=head.class_weight, solver=head.solver, max_iter=1000, random_state=self.seed
            )
        if isinstance(head, LinearSVM):
            svm = LinearSVC(C=head.C, class_weight=head.class_weight, random_state=self.seed, max_iter=5000)
            splits = [((folds != fold).nonzero()[0], (folds == fold).nonzero()[0]) for fold in sorted(set(folds))]
            return CalibratedClassifierCV(svm, method="sigmoid", cv=splits, ensemble=False)
        assert isinstance(head, ComplementNB)
        return SkComplementNB(alpha=head.alpha, norm=head.norm)


def _forget_folds(pipeline: Pipeline) -> None:
    """The folds belong to the training data, not into the saved model."""
    head = pipeline.named_steps["head"]
    for part in [head, *getattr(head, "estimators_", []), getattr(head, "estimator", None)]:
        if hasattr(part, "calibrated_classifiers_") or hasattr(part, "ensemble"):
            part.cv = None


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
