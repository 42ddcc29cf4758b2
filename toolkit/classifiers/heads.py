"""Linear heads: their settings, the scikit-learn estimators behind them, and the way they are fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import Field

from toolkit.errors import ModelError, first_line
from toolkit.settings import Strict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SGD", "ComplementNB", "DenseHead", "Head", "LinearHead", "LinearSVM", "LogisticRegression"]


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


class LinearHead:
    """A linear classifier over a feature matrix, one label against the rest in multi-label schemes.

    The SVM's scores become probabilities by a sigmoid fitted on out-of-fold scores (Platt 1999), with the grouped folds
    that it is given.
    """

    def __init__(self, config: Head, labels: int, multi_label: bool, seed: int, estimator: Any = None) -> None:
        self.config = config
        self.labels = labels
        self.multi_label = multi_label
        self.seed = seed
        self.estimator = estimator
        self.present = list(range(labels))

    def fit(self, features: Any, targets: NDArray[Any], folds: NDArray[np.int64]) -> None:
        """Fit on features, (n, columns), dense or sparse, and targets of 0 to 1, (n, labels).

        A target between 0 and 1 is learnt as an example of either, each with its weight. Raises ModelError where
        that cannot be done.
        """
        from sklearn.multiclass import OneVsRestClassifier

        hard = (targets >= 0.5).astype(int)
        soft = self.multi_label and bool((hard != targets).any())
        if soft and isinstance(self.config, LinearSVM):
            raise ModelError("a linear_svm cannot learn from soft labels: set data.disputed to keep or leave_out.")
        estimator = _estimator(self.config, folds, self.seed)
        if self.multi_label:
            estimator = OneVsRestClassifier(estimator)
            self.present = [int(k) for k in (hard.min(axis=0) != hard.max(axis=0)).nonzero()[0]]
            if not self.present:
                raise ModelError("the linear model cannot be fitted: no label tells the training texts apart.")
        try:
            estimator.fit(features, hard[:, self.present] if self.multi_label else targets.argmax(axis=1))
            if soft:
                for number, k in enumerate(self.present):
                    estimator.estimators_[number] = self._softly(features, targets[:, k], folds)
        except ValueError as error:
            raise ModelError(f"the linear model cannot be fitted: {first_line(error)}.") from error
        _forget_folds(estimator)
        self.estimator = estimator

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
        """
        import numpy as np

        if self.estimator is None:
            raise ModelError("this model has not been fitted.")
        answered = np.asarray(self.estimator.predict_proba(features), dtype=np.float64)
        probabilities = np.zeros((len(answered), self.labels))
        probabilities[:, self.present if self.multi_label else self.estimator.classes_] = answered
        return probabilities

    def told(self) -> dict[str, Any]:
        """Return the plain values that belong beside the estimator."""
        return {"present": self.present}

    def restored(self, estimator: Any, told: Mapping[str, Any]) -> None:
        """Take over a loaded estimator and what :meth:`told` told. Raises ModelError where they do not fit."""
        self.present = [int(k) for k in told["present"]]
        if any(not 0 <= k < self.labels for k in self.present):
            raise ModelError("the saved head names labels that its scheme does not have.")
        self.estimator = estimator


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


def _forget_folds(head: Any) -> None:
    """The folds belong to the training data, not into the saved model."""
    for part in [head, *getattr(head, "estimators_", []), getattr(head, "estimator", None)]:
        if hasattr(part, "calibrated_classifiers_") or hasattr(part, "ensemble"):
            part.cv = None
