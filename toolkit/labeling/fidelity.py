"""How faithfully a labeler follows a codebook: what changes when the codebook is told otherwise, and what must.

After the tests that codebooks are put to for language models (Halterman and Keith 2024, arXiv 2407.10747; arXiv
2606.06781): labels in another order, labels without a telling name, definitions that change places, sentences that
say nothing, the codebook's own examples. Whoever goes by the names of labels instead of their definitions shows here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from toolkit.evaluation import Figure, Resampling
from toolkit.labeling.labeler import Labeler, Refusal
from toolkit.labels import Label, LabelScheme
from toolkit.records import Statement

__all__ = ["Fidelity", "fidelity"]

_ASIDE = (
    "The hall had been painted a pale green that week.",
    "Lunch was served at one, in two rooms.",
    "A tram went by outside while this was written down.",
)
"""Nobody acts in them, nobody is spoken to."""

Given = tuple[str, ...]
LabelerOf = Callable[[LabelScheme], Labeler]


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Shares of statements whose labels are what the codebook makes them, with intervals over articles.

    ``order``, ``names``: the same labels with the codebook's labels in reverse, and called ``label_1`` and so on.
    ``swapped``: the labels follow their definitions where each label has the next one's. ``aside``: the same labels
    with an irrelevant sentence behind the statement. ``examples``: the codebook's own examples get their label. Of
    ``order``, ``names`` and ``swapped`` there is nothing where a labeler does not read the codebook it is given.
    ``some`` tells the same of the statements alone that have a label: where most have none, the rest looks well.
    """

    figures: Mapping[str, Figure]
    some: Mapping[str, Figure]
    confidence: float
    refused: int
    """Statements that got no labels at least once: they are not counted."""


def fidelity(
    statements: Sequence[Statement],
    scheme: LabelScheme,
    labeler_of: LabelerOf,
    resampling: Resampling,
    *,
    reads_codebook: bool = True,
) -> Fidelity:
    """Label statements again and again with a codebook that says the same in another way, or something else.

    ``labeler_of`` makes the labeler for a label scheme. What is expected is what it says itself with the codebook as it
    stands: whether that is right is another question.
    """
    answers: dict[str, list[Given | None]] = {}
    as_it_stands = labeler_of(scheme)
    base = _labels(as_it_stands, statements)
    for name, other, back in _told_otherwise(scheme) if reads_codebook else ():
        answers[name] = [
            None if given is None else tuple(sorted(back[label] for label in given))
            for given in _labels(labeler_of(other), statements)
        ]
    answers["aside"] = _labels(as_it_stands, [_with_aside(one, n) for n, one in enumerate(statements)])
    refused = {n for given in (base, *answers.values()) for n, one in enumerate(given) if one is None}
    tallies: dict[str, dict[str, tuple[int, int]]] = {}
    of_some: dict[str, dict[str, tuple[int, int]]] = {}
    for n, (statement, expected) in enumerate(zip(statements, base, strict=True)):
        if n in refused:
            continue
        article = statement.article_id or statement.statement_id
        for name, found in answers.items():
            right = set(found[n] or ()) == set(expected or ())
            _count(tallies, article, name, right)
            if expected:
                _count(of_some, article, name, right)
    examples = list(_examples(scheme))
    of_examples = _labels(as_it_stands, [_statement(text, n) for n, (_, text) in enumerate(examples)])
    for (label, text), labels in zip(examples, of_examples, strict=True):
        if labels is not None:
            _count(tallies, text, "examples", label in labels)
    return Fidelity(
        resampling.shares(list(tallies.values())),
        resampling.shares(list(of_some.values())) if of_some and scheme.multi_label else {},
        resampling.confidence,
        len(refused),
    )


def _count(tallies: dict[str, dict[str, tuple[int, int]]], article: str, name: str, right: bool) -> None:
    of_article = tallies.setdefault(article, {})
    total, good = of_article.get(name, (0, 0))
    of_article[name] = total + 1, good + right


def _labels(labeler: Labeler, statements: Sequence[Statement]) -> list[Given | None]:
    """Return the labels of every statement, in the scheme that the labeler has; None where it gave none at all."""
    return [None if isinstance(one, Refusal) else next(iter(one.by_scheme.values())) for one in labeler(statements)]


def _told_otherwise(scheme: LabelScheme) -> Iterator[tuple[str, LabelScheme, Mapping[str, str]]]:
    """Yield a name, the codebook told otherwise, and what its labels are called in the first one."""
    names = scheme.label_names
    same = {name: name for name in names}
    yield "order", _with_labels(scheme, {name: scheme.labels[name] for name in reversed(names)}), same
    generic = {f"label_{number}": name for number, name in enumerate(names, 1)}
    yield "names", _with_labels(scheme, {new: scheme.labels[old] for new, old in generic.items()}), generic
    following = dict(zip(names, (*names[1:], names[0]), strict=True))
    yield "swapped", _with_labels(scheme, {new: scheme.labels[old] for new, old in following.items()}), following


def _with_labels(scheme: LabelScheme, labels: Mapping[str, Label]) -> LabelScheme:
    return scheme.model_copy(update={"labels": dict(labels)})


def _with_aside(statement: Statement, number: int) -> Statement:
    text = statement.text.rstrip()
    stop = "" if text.endswith((".", "!", "?", "…", '"', "”")) else "."
    return replace(statement, text=f"{text}{stop} {_ASIDE[number % len(_ASIDE)]}")


def _examples(scheme: LabelScheme) -> Iterator[tuple[str, str]]:
    for name, label in scheme.labels.items():
        yield from ((name, text) for text in label.examples)


def _statement(text: str, number: int) -> Statement:
    return Statement(f"example {number}", "examples", text, (), "direct", "somebody", context=text)
