"""Labels that are likely wrong: what a model that did not see them would have said, and twins that differ.

Confident learning (Northcutt, Jiang and Chuang 2021), computed by cleanlab from out-of-fold probabilities: articles,
and what is near-identical to one of their statements, never stand on both sides of a fold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.classifiers import build
from toolkit.classifiers.heads import LogisticRegression
from toolkit.classifiers.linear import LinearModel
from toolkit.errors import UsageError
from toolkit.gold import combined
from toolkit.inputs import read_by
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement
from toolkit.splits import Split, deal_folds, linked_groups, near_duplicates, need_support
from toolkit.work import Listener, Silent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SUSPECT_COLUMNS", "Suspect", "suspects"]

SUSPECT_COLUMNS = ("statement_id", "text", "given", "suggested", "score", "reason", "twin", "twin_text", "twin_given")
_NEAR = 0.8
"""The share of word trigrams that makes two texts near-identical."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A statement whose labels are likely wrong, and why.

    ``score`` is, of what a model suspects, the probability that it gives to what stands there (small: likely wrong); of
    near-identical statements it is None, and ``twin`` is the other one.
    """

    statement: Statement
    given: tuple[str, ...]
    suggested: tuple[str, ...]
    score: float | None
    reason: str
    twin: Statement | None = None
    twin_given: tuple[str, ...] = ()

    def row(self) -> dict[str, str | None]:
        """Return it as a row of texts (:data:`SUSPECT_COLUMNS`)."""
        twin = self.twin
        return {
            "statement_id": self.statement.statement_id,
            "text": self.statement.text,
            "given": ";".join(self.given),
            "suggested": ";".join(self.suggested),
            "score": None if self.score is None else f"{self.score:.4f}",
            "reason": self.reason,
            "twin": None if twin is None else twin.statement_id,
            "twin_text": None if twin is None else twin.text,
            "twin_given": None if twin is None else ";".join(self.twin_given),
        }


def suspects(
    labelled: Iterable[tuple[Statement, Labels]],
    scheme: LabelScheme,
    *,
    folds: int = 5,
    seed: int = 0,
    listener: Listener | None = None,
) -> list[Suspect]:
    """Return what is likely wrong in a labelled table: near-identical statements that differ, then the model's doubts.

    Those of a model come least probable first. Rows of several annotators are combined by majority. Raises SplitError
    where there are too few articles, or too few with a label, and UsageError where cleanlab is missing.
    """
    listener = listener or Silent()
    pairs = [
        (statement, labels.by_scheme[scheme.name])
        for statement, labels in combined(labelled, [scheme])
        if scheme.name in labels.by_scheme
    ]
    statements, given = [statement for statement, _ in pairs], [labels for _, labels in pairs]
    texts = [statement.text for statement in statements]
    found = [
        Suspect(statements[i], given[i], given[j], None, "twin", statements[j], given[j])
        for i, j in near_duplicates(texts, _NEAR)
        if frozenset(given[i]) != frozenset(given[j])
    ]
    groups = linked_groups([s.article_id or s.statement_id for s in statements], texts, _NEAR)
    need_support(scheme, given, Split(tuple(range(len(given))), (), tuple(groups)), folds)
    dealt = deal_folds(groups, [labels or ("none",) for labels in given], folds, seed)
    probabilities = _out_of_fold(statements, given, scheme, dealt, seed, listener)
    return found + _doubted(statements, given, scheme, probabilities)


def _out_of_fold(
    statements: list[Statement],
    given: list[tuple[str, ...]],
    scheme: LabelScheme,
    dealt: NDArray[np.int64],
    seed: int,
    listener: Listener,
) -> NDArray[np.float64]:
    import numpy as np

    head = LogisticRegression(kind="logistic_regression", C=10.0)
    config = LinearModel(kind="linear", input=["cue", "text"], word_ngrams=[1, 2], char_ngrams=[2, 5], head=head)
    texts = read_by(config, statements)
    targets = np.array([[int(label in labels) for label in scheme.labels] for labels in given])
    probabilities = np.zeros(targets.shape)
    listener.start(f"{scheme.name}: out-of-fold answers", int(dealt.max()) + 1)
    for fold in range(int(dealt.max()) + 1):
        left_out = dealt == fold
        known = [text for text, out in zip(texts, left_out, strict=True) if not out]
        classifier = build(config, scheme, seed)
        classifier.fit(known, targets[~left_out], dealt[~left_out])
        asked = [text for text, out in zip(texts, left_out, strict=True) if out]
        probabilities[left_out] = classifier.predict_proba(asked)
        listener.step()
    return probabilities


def _doubted(
    statements: list[Statement], given: list[tuple[str, ...]], scheme: LabelScheme, probabilities: NDArray[np.float64]
) -> list[Suspect]:
    import numpy as np

    found: dict[int, tuple[float, set[str]]] = {}
    names = scheme.label_names
    if scheme.multi_label:
        for k, name in enumerate(names):
            targets = np.array([int(name in labels) for labels in given])
            two = np.column_stack([1 - probabilities[:, k], probabilities[:, k]])
            for i, score in _issues(targets, two):
                worst, changed = found.get(i, (1.0, set()))
                found[i] = min(worst, score), changed | {name}
        suggested = {
            i: tuple(n for n in names if (n in given[i]) != (n in changed)) for i, (_, changed) in found.items()
        }
    else:
        targets = np.array([names.index(labels[0]) for labels in given])
        for i, score in _issues(targets, probabilities / probabilities.sum(axis=1, keepdims=True)):
            found[i] = score, set()
        suggested = {i: (names[int(probabilities[i].argmax())],) for i in found}
    order = sorted(found, key=lambda i: (found[i][0], i))
    return [Suspect(statements[i], given[i], suggested[i], found[i][0], "model") for i in order]


def _issues(targets: NDArray[np.int64], probabilities: NDArray[np.float64]) -> list[tuple[int, float]]:
    """Return the rows whose label is likely wrong, and the probability of what stands there."""
    try:
        from cleanlab.filter import find_label_issues
    except ImportError:
        raise UsageError("likely label errors need cleanlab: pip install 'stance-toolkit[annotation]'.") from None
    options: dict[str, Any] = {"filter_by": "both", "n_jobs": 1, "return_indices_ranked_by": "self_confidence"}
    return [(int(i), float(probabilities[i, targets[i]])) for i in find_label_issues(targets, probabilities, **options)]
