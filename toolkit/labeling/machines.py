"""Labelers of this machine: the rules of a codebook with the words they found, and trained models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from toolkit.classifiers import build
from toolkit.classifiers.pretrained.zero_shot import ZeroShotModel
from toolkit.codebook import Codebook
from toolkit.decisions import NO_CALIBRATION, Decision
from toolkit.labeling.labeler import Asked
from toolkit.model import StanceModel
from toolkit.records import Labels, Statement

__all__ = ["Rules", "Trained", "hypotheses"]


class Rules:
    """Labels a statement by the rules of the codebook; the evidence is what they found."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._codebook = Codebook(asked.scheme)

    def __call__(self, statements: Sequence[Statement]) -> Iterator[Labels]:
        """Yield the labels of every statement.

        In a scheme with one label it is the first that a rule gives, else the first that has no rules: what is left.
        """
        scheme = self._asked.scheme
        left = next((name for name, label in scheme.labels.items() if not label.rules), scheme.label_names[0])
        for statement in statements:
            found = self._codebook.find(statement)
            labels = self._codebook.labels_of(found)
            evidence = tuple(self._codebook.evidence(found))
            if not scheme.multi_label:
                labels = labels[:1] or (left,)
                evidence = tuple(one for one in evidence if one.label in labels)
            yield Labels(
                statement.statement_id,
                {scheme.name: labels},
                annotator="codebook",
                given_at=self._asked.at,
                codebooks=self._asked.codebooks,
                evidence={scheme.name: evidence} if evidence else {},
            )


def hypotheses(asked: Asked, config: ZeroShotModel) -> Trained:
    """Return a labeler that asks a natural language inference model the hypotheses of the scheme; nothing is trained.

    A label is given where it is more probable than not. Raises ModelError where the weights cannot be had.
    """
    import numpy as np

    classifier = build(config, asked.scheme, seed=0)
    classifier.fit([], np.zeros((0, len(asked.scheme.labels))), np.zeros(0, dtype=np.int64))
    even = (0.5,) * len(asked.scheme.labels) if asked.scheme.multi_label else None
    model = StanceModel("nli", asked.scheme, config, classifier, Decision(NO_CALIBRATION, even))
    return Trained(asked, model, f"nli:{config.model}")


class Trained:
    """Labels a statement as a trained model does.

    The confidence is the probability of the least sure decision: of a label where one is to be chosen, of the nearest
    to a coin's toss among labels that are given or not.
    """

    def __init__(self, asked: Asked, model: StanceModel, name: str) -> None:
        self._asked, self._model, self._name = asked, model, name

    def __call__(self, statements: Sequence[Statement]) -> Iterator[Labels]:
        """Yield the labels of every statement."""
        import numpy as np

        answers, scheme = self._model.answers(statements), self._model.scheme
        given, probabilities = answers.given, answers.probabilities
        sure = np.where(given, probabilities, 1 - probabilities).min(axis=1)
        if not scheme.multi_label:
            sure = np.where(given, probabilities, 1).min(axis=1)
        for statement, labels, confidence in zip(statements, answers.labels, sure, strict=True):
            yield Labels(
                statement.statement_id,
                {scheme.name: labels},
                annotator=self._name,
                confidence=round(float(confidence), 6),
                given_at=self._asked.at,
                codebooks=self._asked.codebooks,
            )
