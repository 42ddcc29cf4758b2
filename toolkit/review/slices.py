"""Slices of a logged run: by what its held-out statements are, and by how they differ from what it learnt from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from toolkit.answers import indicator
from toolkit.evaluation import FEWEST_ARTICLES, Resampling, Sliced, evaluate_slices
from toolkit.records import Statement
from toolkit.review.neighbours import nearest_of
from toolkit.review.origin import Origin
from toolkit.tracking import LoggedRun

__all__ = ["resampling_of", "slices_of"]

NOT_TOLD = "not told"
_NAMED = 12
"""How many values of a property are told, however few articles they have."""


def resampling_of(run: LoggedRun) -> Resampling:
    """Return how articles were drawn again for the figures of a run, so that they come out the same."""
    asked = run.config["evaluation"]
    return Resampling(int(run.config["seed"]), int(asked["resamples"]), float(asked["confidence"]))


def slices_of(run: LoggedRun, origin: Origin | None = None, metric: str = "f1/micro") -> Sliced:
    """Evaluate every slice of a run's held-out statements.

    They are cut by speaker, source, kind, cue, month, length in words (quarters) and number of gold labels; with the
    ``origin`` of the run also by whether their speaker was seen in training and how near they lie to the training
    statements (halves). Raises UsageError for an unknown figure.
    """
    statements, gold, answers = run.held_out, run.gold, run.answers
    articles = [one.article_id for one in statements]
    properties = told_properties(statements, gold, run.scheme.multi_label)
    if origin is not None:
        properties |= learnt_properties(statements, origin)
    return evaluate_slices(
        indicator(gold, answers.columns.labels),
        answers,
        articles,
        {name: pooled(values, articles) for name, values in properties.items()},
        multi_label=run.scheme.multi_label,
        metric=metric,
        untested=("gold labels",),
        resampling=resampling_of(run),
    )


def told_properties(
    statements: Sequence[Statement], gold: Sequence[Sequence[str]], multi_label: bool
) -> dict[str, list[str]]:
    """Return the properties that a held-out table tells of its statements itself, a value for every row."""
    found = {
        "speaker": [one.speaker or NOT_TOLD for one in statements],
        "source": [one.source or NOT_TOLD for one in statements],
        "kind": [str(one.kind) for one in statements],
        "cue": [(one.cue or NOT_TOLD).lower() for one in statements],
        "month": [(one.published or NOT_TOLD)[:7] if one.published else NOT_TOLD for one in statements],
        "length": _cut([len(one.text.split()) for one in statements], 4, "{:.0f} to {:.0f} words"),
    }
    if multi_label:
        found["gold labels"] = [str(len(set(labels))) for labels in gold]
    return found


def learnt_properties(statements: Sequence[Statement], origin: Origin) -> dict[str, list[str]]:
    """Return the properties that hold a statement against what the model that judged it had learnt from."""
    seen: dict[str, bool] = {}
    near: dict[str, float] = {}
    by_id = {one.statement_id: one for one in statements}
    for held_out, training in origin.training_of():
        speakers = {one.speaker.casefold() for one in training if one.speaker}
        part = [by_id[name] for name in held_out if name in by_id]
        for one, found in zip(part, nearest_of(part, training), strict=True):
            near[one.statement_id] = found[0].similarity if found else 0.0
            seen[one.statement_id] = (one.speaker or "").casefold() in speakers
    return {
        "speaker in training": [
            NOT_TOLD if not one.speaker else "seen" if seen[one.statement_id] else "unseen" for one in statements
        ],
        "nearest in training": _cut([near[one.statement_id] for one in statements], 2, "cosine {:.2f} to {:.2f}"),
    }


def pooled(values: Sequence[str], articles: Sequence[str]) -> list[str]:
    """Return values with those in too few articles, beyond the twelve most frequent, under one name."""
    found: dict[str, set[str]] = {}
    for value, article in zip(values, articles, strict=True):
        found.setdefault(value, set()).add(article)
    frequent = [value for value, _ in sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))]
    rare = {value for value in frequent[_NAMED:] if len(found[value]) < FEWEST_ARTICLES}
    name = f"{len(rare)} others, each in fewer than {FEWEST_ARTICLES} articles"
    return [name if value in rare else value for value in values] if len(rare) > 1 else list(values)


def _cut(values: Sequence[float], parts: int, told: str) -> list[str]:
    """Cut values into about equally many, equal ones together, and say from where to where each part goes."""
    import numpy as np

    if not values:
        return []
    numbers = np.asarray(values, dtype=np.float64)
    cuts = np.unique(np.quantile(numbers, [k / parts for k in range(1, parts)], method="inverted_cdf"))
    where = np.searchsorted(cuts, numbers, side="left")
    return [told.format(numbers[where == k].min(), numbers[where == k].max()) for k in where]
