"""Mistakes that a person can read: the most confident first, with what stands around them and what weighed most.

What a word weighs is what the model's own answer loses without it (leave-one-word-out occlusion; Li, Monroe and
Jurafsky 2016): one way for models of every kind, which asks nothing but their answers. It says what this model reads
here, and not what would be right to read.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from toolkit.answers import indicator
from toolkit.decisions import confidence
from toolkit.model import StanceModel
from toolkit.records import Statement
from toolkit.review.neighbours import Neighbour, nearest_of
from toolkit.review.origin import Origin
from toolkit.tracking import LoggedRun

__all__ = ["ERROR_FIELDS", "Mistake", "Word", "errors_of", "explain"]

ERROR_FIELDS = (
    *("confidence", "gold", "predicted", "invented", "missed", "text", "context", "cue", "speaker", "source"),
    *("published", "kind", "probabilities", "evidence", "nearest", "words", "statement_id", "article_id"),
)
"""The columns of a file of mistakes."""
_WORD = re.compile(r"\w+(?:[-'’]\w+)*")
_MOST_WORDS = 200
"""So many words of a text are left out one by one; what comes after them is not asked about."""
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Word:
    """A word at an offset of the statement's text, and what the probability of a label loses without it."""

    text: str
    start: int
    label: str
    weight: float


@dataclass(frozen=True, slots=True)
class Mistake:
    """A held-out statement whose labels the model got wrong, and how sure it was of them."""

    statement: Statement
    gold: tuple[str, ...]
    predicted: tuple[str, ...]
    confidence: float
    """The probability of the least certain of its wrong decisions."""
    probabilities: dict[str, float]
    evidence: Sequence[Any] | None = None
    """What the rules of the codebook find; None where the run did not ask them."""
    nearest: tuple[Neighbour, ...] = ()
    words: tuple[Word, ...] = ()
    explained: dict[str, float] = field(default_factory=dict)
    """The probabilities that the words are of, where they were asked for: those of the logged model now."""

    @property
    def invented(self) -> tuple[str, ...]:
        """Labels that were given and are not in gold."""
        return tuple(label for label in self.predicted if label not in self.gold)

    @property
    def missed(self) -> tuple[str, ...]:
        """Labels that are in gold and were not given."""
        return tuple(label for label in self.gold if label not in self.predicted)

    def row(self) -> dict[str, Any]:
        """Return it as plain values (:data:`ERROR_FIELDS`)."""
        told = ("text", "context", "cue", "speaker", "source", "published", "kind", "statement_id", "article_id")
        labels = {name: list(getattr(self, name)) for name in ("gold", "predicted", "invented", "missed")}
        nearest = [
            {"statement_id": one.statement.statement_id, "text": one.statement.text, "similarity": one.similarity}
            for one in self.nearest
        ]
        return {
            **{name: getattr(self.statement, name) for name in told},
            **labels,
            "confidence": self.confidence,
            "probabilities": self.probabilities,
            "evidence": None if self.evidence is None else list(self.evidence),
            "nearest": nearest,
            "words": [dataclasses.asdict(word) for word in self.words],
        }


def errors_of(run: LoggedRun, origin: Origin | None = None, most: int | None = 50) -> tuple[Mistake, ...]:
    """Return the mistakes of a run, those of which the model was surest first; all of them where ``most`` is None.

    Of those that it is equally sure of, the labels that went wrong take turns, so that the first do not show one alone.
    A model is as sure of a mistake as of the least certain of its wrong decisions: the probability p of a label that it
    gave, 1 - p of one that it did not. With ``origin`` every mistake has its context and its nearest training
    statements (of the part that judged it).
    """
    import numpy as np

    statements, gold, answers = run.held_out, run.gold, run.answers
    labels = answers.columns.labels
    true = indicator(gold, labels)
    # A decision that is right is as sure as can be, so that the least certain is one of the wrong ones.
    prob = np.where(true == answers.given, answers.given, answers.probabilities) if run.scheme.multi_label else None
    sure = confidence(answers.probabilities if prob is None else prob, answers.given, run.scheme.multi_label)
    wrong = (true != answers.given).any(axis=1).nonzero()[0]
    ids = [one.statement_id for one in statements]
    chosen = _in_turn(sorted(wrong.tolist(), key=lambda i: (-sure[i], ids[i])), sure, (true != answers.given))[:most]
    given = answers.labels
    found = [
        Mistake(
            statement=statements[i],
            gold=tuple(label for label in labels if label in gold[i]),
            predicted=given[i],
            confidence=float(sure[i]),
            probabilities=dict(zip(labels, map(float, answers.probabilities[i]), strict=True)),
            evidence=None if answers.evidence is None else answers.evidence[i],
        )
        for i in chosen
    ]
    return tuple(found if origin is None else _placed(found, origin))


def _in_turn(rows: Sequence[int], sure: Any, wrong: Any) -> list[int]:
    """Let the sorts of mistakes, by the labels that are wrong, take turns among rows of equal confidence."""
    found: list[int] = []
    for _, tied in itertools.groupby(rows, key=lambda i: round(float(sure[i]), 9)):
        sorts: dict[bytes, list[int]] = {}
        for i in tied:
            sorts.setdefault(wrong[i].tobytes(), []).append(i)
        turns = itertools.zip_longest(*sorts.values())
        found += [i for turn in turns for i in turn if i is not None]
    return found


def _placed(mistakes: Sequence[Mistake], origin: Origin) -> list[Mistake]:
    """Give mistakes the whole of their statements, and what lies nearest in what was learnt from."""
    near: dict[str, tuple[Neighbour, ...]] = {}
    for held_out, training in origin.training_of():
        inside = set(held_out)
        part = [one.statement for one in mistakes if one.statement.statement_id in inside]
        for one, found in zip(part, nearest_of(part, training, _NEAREST), strict=True):
            near[one.statement_id] = found
    return [
        dataclasses.replace(one, statement=origin.statements[name], nearest=near.get(name, ()))
        for one in mistakes
        for name in [one.statement.statement_id]
    ]


def explain(mistakes: Sequence[Mistake], model: StanceModel, most: int = 8) -> tuple[Mistake, ...]:
    """Return mistakes with the words that weighed most in them, by what the answers lose without each.

    A word is weighed for the label that the mistake is about: the first that was invented, else the first that was
    missed. It is left out of the text, and out of the context where that holds the text; all statements are asked at
    once. Context, cue and speaker count only where ``statement`` has them.
    """
    asked: list[Statement] = []
    places: list[list[re.Match[str]]] = []
    for one in mistakes:
        words = list(itertools.islice(_WORD.finditer(one.statement.text), _MOST_WORDS))
        places.append(words)
        asked += [one.statement, *(_without(one.statement, word) for word in words)]
    if not asked:
        return ()
    answers = model.answers(asked).probabilities
    labels = list(model.scheme.label_names)
    found, at = [], 0
    for one, words in zip(mistakes, places, strict=True):
        label = (*one.invented, *one.missed)[0]
        k, whole = labels.index(label), answers[at]
        weights = [
            Word(word.group(), word.start(), label, float(whole[k] - answers[at + 1 + i, k]))
            for i, word in enumerate(words)
        ]
        at += 1 + len(words)
        weights = sorted((one for one in weights if one.weight), key=lambda word: (-abs(word.weight), word.start))
        explained = dict(zip(labels, map(float, whole), strict=True))
        found.append(dataclasses.replace(one, words=tuple(weights[:most]), explained=explained))
    return tuple(found)


def _without(statement: Statement, word: re.Match[str]) -> Statement:
    """Return a statement without a word; where nothing is left of its text, a dot is."""
    text = statement.text[: word.start()] + statement.text[word.end() :]
    text = " ".join(text.split()) if re.search(r"\w", text) else "."
    context = statement.context
    if context is not None and statement.text in context:
        context = context.replace(statement.text, text, 1)
    return dataclasses.replace(statement, text=text, context=context)
