"""Linear heads: their settings, the scikit-learn estimators that fit them, and what is taken over from these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import Field

from toolkit.classifiers.arrays import load_arrays, save_arrays
from toolkit.errors import ModelError, first_line
from toolkit.settings import Most, Strict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SGD", "ComplementNB", "DenseHead", "Head", "LinearHead", "LinearSVM", "LogisticRegression"]


class LogisticRegression(Strict):
    """L2-regularised logistic regression, one label against the rest in multi-label schemes."""

    kind: Literal["logistic_regression"]
    C: float = Field(default=1.0, gt=0, le=Most.WEIGHT)
    class_weight: Literal["balanced"] | None = "balanced"
    solver: Literal["newton-cg", "lbfgs", "liblinear"] = "newton-cg"


class LinearSVM(Strict):
    """Linear support vector machine whose scores are turned into probabilities by a sigmoid (Platt 1999)."""

    kind: Literal["linear_svm"]
    C: float = Field(default=1.0, gt=0, le=Most.WEIGHT)
    class_weight: Literal["balanced"] | None = "balanced"


class ComplementNB(Strict):
    """Complement naive Bayes (Rennie et al. 2003); for counts and TF-IDF only."""

    kind: Literal["complement_nb"]
    alpha: float = Field(default=1.0, gt=0, le=Most.WEIGHT)
    norm: bool = False


class SGD(Strict):
    """A linear model learnt by stochastic gradient descent; the choice for hundreds of thousands of texts."""

    kind: Literal["sgd"]
    loss: Literal["log_loss", "modified_huber"] = "log_loss"
    alpha: float = Field(default=1e-5, gt=0, le=Most.WEIGHT)
    class_weight: Literal["balanced"] | None = "balanced"


DenseHead: TypeAlias = Annotated[LogisticRegression | LinearSVM | SGD, Field(discriminator="kind")]
Head: TypeAlias = Annotated[LogisticRegression | LinearSVM | ComplementNB | SGD, Field(discriminator="kind")]


class LinearHead:
    """A linear classifier over a feature matrix, one label against the rest in multi-label schemes.

    scikit-learn fits it; its coefficients are then taken over, and answers come from these alone. An SVM's scores
    become probabilities by a sigmoid fitted on out-of-fold scores (Platt 1999), with the grouped folds given.
    """

    def __init__(self, config: Head, labels: int, multi_label: bool, seed: int) -> None:
        self.config = config
        self.labels = labels
        self.multi_label = multi_label
        self.seed = seed
        self.present: list[int] = []
        """The labels that have a probability, by number."""
        self._coef: NDArray[Any] | None = None
        """(columns, scores): a score for each label that is present, or one for two labels of which one is given."""
        self._intercept: NDArray[Any] | None = None

    def fit(self, features: Any, targets: NDArray[Any], folds: NDArray[np.int64]) -> None:
        """Fit on features, (n, columns), dense or sparse, and targets of 0 to 1, (n, labels).

        A target between 0 and 1 is learnt as an example of either, each with its weight. Raises ModelError where
        that cannot be done.
        """
        hard = (targets >= 0.5).astype(int)
        soft = self.multi_label and bool((hard != targets).any())
        if soft and isinstance(self.config, LinearSVM):
            raise ModelError("a linear_svm cannot learn from soft labels: set data.disputed to keep or leave_out.")
        try:
            if self.multi_label:
                self._fit_each(features, targets if soft else hard, folds)
            else:
                fitted = _estimator(self.config, folds, self.seed).fit(features, targets.argmax(axis=1))
                self.take(*_learnt(fitted), [int(k) for k in fitted.classes_])
        except ValueError as error:
            raise ModelError(f"the linear model cannot be fitted: {first_line(error)}.") from error

    def _fit_each(self, features: Any, targets: NDArray[Any], folds: NDArray[np.int64]) -> None:
        """Fit one label against the rest, for every label that some texts have and others lack."""
        import numpy as np

        hard = targets >= 0.5
        present = [int(k) for k in (hard.min(axis=0) != hard.max(axis=0)).nonzero()[0]]
        if not present:
            raise ModelError("the linear model cannot be fitted: no label tells the training texts apart.")
        soft = bool((hard != targets).any())
        learnt = []
        for k in present:
            if soft:
                fitted = self._softly(features, targets[:, k], folds)
            else:
                fitted = _estimator(self.config, folds, self.seed).fit(features, targets[:, k])
            coef, intercept = _learnt(fitted)
            learnt.append((coef[-1] - coef[0], intercept[:1]) if len(coef) == 2 else (coef[0], intercept))
        coefs, intercepts = zip(*learnt, strict=True)
        self.take(np.stack(coefs), np.concatenate(intercepts), present)

    def _softly(self, features: Any, target: NDArray[np.float64], folds: NDArray[np.int64]) -> Any:
        """Fit one label, each row with a target between 0 and 1 standing for a positive and a negative example."""
        import numpy as np
        from scipy.sparse import issparse, vstack

        yes, no = target.nonzero()[0], (target < 1).nonzero()[0]
        rows = [features[yes], features[no]]
        weights = np.concatenate([target[yes], 1 - target[no]])
        both = vstack(rows).tocsr() if issparse(features) else np.concatenate(rows)
        given = np.concatenate([np.ones(len(yes), dtype=int), np.zeros(len(no), dtype=int)])
        return _estimator(self.config, folds, self.seed).fit(both, given, sample_weight=weights)

    def predict_proba(self, features: Any) -> NDArray[np.float64]:
        """Return probabilities, (n, labels).

        Labels that the training texts all had or all lacked, or in single-label schemes never had, get probability 0.
        Raises ModelError where the features are not those that it was fitted on.
        """
        import numpy as np

        if self._coef is None or self._intercept is None:
            raise ModelError("this model has not been fitted.")
        if features.shape[1] != len(self._coef):
            raise ModelError(f"the model weighs {len(self._coef)} features, and was given {features.shape[1]}.")
        probabilities = np.zeros((features.shape[0], self.labels))
        probabilities[:, self.present] = self._linked(features @ self._coef + self._intercept)
        return probabilities

    def _linked(self, scores: NDArray[Any]) -> NDArray[Any]:
        """Turn scores into the probabilities of the labels that are present."""
        import numpy as np

        shares: NDArray[Any]
        if not self.multi_label and self._is_softmax(scores.shape[1]):
            shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        elif isinstance(self.config, SGD) and self.config.loss == "modified_huber":
            shares = (np.clip(scores, -1, 1) + 1) / 2
        else:
            shares = np.exp(-np.logaddexp(0, -scores))
        if self.multi_label:
            return shares
        if scores.shape[1] < len(self.present):
            return np.concatenate([1 - shares, shares], axis=1)
        sums = shares.sum(axis=1, keepdims=True)
        alike = np.full_like(shares, 1 / shares.shape[1])
        shares = np.divide(shares, sums, out=alike, where=sums != 0)
        return shares

    def _is_softmax(self, scores: int) -> bool:
        """Whether the probabilities of a single-label scheme are a softmax of the scores."""
        return isinstance(self.config, ComplementNB) or (isinstance(self.config, LogisticRegression) and scores > 1)

    def take(self, coef: NDArray[Any], intercept: NDArray[Any], present: Sequence[int]) -> None:
        """Take over coefficients, (scores, columns), intercepts (scores,), and the labels that are present.

        Raises ModelError where they do not fit each other or the label scheme.
        """
        import numpy as np

        tells_apart = not self.multi_label and not isinstance(self.config, ComplementNB)
        scores = 1 if tells_apart and len(present) == 2 else len(present)
        if sorted(set(present)) != list(present) or not present or not 0 <= present[0] <= present[-1] < self.labels:
            raise ModelError("the head names labels that its scheme does not have.")
        if not len(coef) == len(intercept) == scores or (tells_apart and len(present) < 2):
            raise ModelError("the head has not one row of coefficients for each label that it names.")
        self.present = list(present)
        self._coef, self._intercept = np.ascontiguousarray(coef.T), intercept

    def learnt(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return coefficients, (scores, columns), and intercepts, (scores,). Raises ModelError before it is fitted."""
        if self._coef is None or self._intercept is None:
            raise ModelError("this model has not been fitted.")
        return self._coef.T, self._intercept

    def save(self, path: Path) -> dict[str, Any]:
        """Write what was learnt as one file of arrays; return the plain values that belong beside it."""
        coef, intercept = self.learnt()
        save_arrays({"coef": coef, "intercept": intercept}, path)
        return {"present": self.present}

    def load(self, path: Path, told: Mapping[str, Any]) -> None:
        """Take over what :meth:`save` has written and returned. Raises ModelError where it does not fit."""
        arrays = load_arrays(path, {"coef": ("f", 2), "intercept": ("f", 1)})
        self.take(arrays["coef"], arrays["intercept"], [int(k) for k in told["present"]])


def _learnt(fitted: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the coefficients and intercepts of an estimator of scikit-learn's; an SVM's are scaled by its sigmoids."""
    import numpy as np

    if hasattr(fitted, "feature_log_prob_"):
        return fitted.feature_log_prob_, np.zeros(len(fitted.feature_log_prob_))
    if not hasattr(fitted, "calibrated_classifiers_"):
        return fitted.coef_, fitted.intercept_
    calibrated = fitted.calibrated_classifiers_[0]
    slopes = np.array([sigmoid.a_ for sigmoid in calibrated.calibrators])
    offsets = np.array([sigmoid.b_ for sigmoid in calibrated.calibrators])
    svm = calibrated.estimator
    return -slopes[:, None] * svm.coef_, -(slopes * svm.intercept_ + offsets)


def _estimator(head: Head, folds: NDArray[np.int64], seed: int) -> Any:
    import numpy as np
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.linear_model import LogisticRegression as SkLogisticRegression
    from sklearn.linear_model import SGDClassifier
    from sklearn.naive_bayes import ComplementNB as SkComplementNB
    from sklearn.svm import LinearSVC

    match head:
        case LogisticRegression():
            return SkLogisticRegression(
                C=head.C, class_weight=head.class_weight, solver=head.solver, max_iter=1000, random_state=seed
            )
        case LinearSVM():
            svm = LinearSVC(C=head.C, class_weight=head.class_weight, random_state=seed, max_iter=5000)
            if len(set(folds)) < 2:
                # Inside a stack inside a fold one fold is left: its groups cannot be told apart any more.
                folds = np.arange(len(folds)) % 3
            splits = [((folds != fold).nonzero()[0], (folds == fold).nonzero()[0]) for fold in sorted(set(folds))]
            return CalibratedClassifierCV(svm, method="sigmoid", cv=splits, ensemble=False)
        case SGD():
            return SGDClassifier(
                loss=head.loss, alpha=head.alpha, class_weight=head.class_weight, random_state=seed, max_iter=1000
            )
        case ComplementNB():
            return SkComplementNB(alpha=head.alpha, norm=head.norm)
