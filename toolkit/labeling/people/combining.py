"""One answer from several annotators: by majority, or weighing how each of them errs.

Dawid and Skene (1979) estimate a table of confusions for every annotator, MACE (Hovy et al. 2013) how often each of
them guesses; both are computed by crowd-kit. A label of a multi-label scheme is a question of its own.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from toolkit.errors import DataError, UsageError
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement
from toolkit.storage import by_statement

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["METHODS", "Combined", "Method", "combine"]

Method = Literal["majority", "dawid-skene", "mace"]
METHODS: tuple[Method, ...] = ("majority", "dawid-skene", "mace")
_TASK, _WORKER, _LABEL = "task", "worker", "label"


@dataclass(frozen=True, slots=True)
class Combined:
    """What comes of the labels of several annotators.

    ``rows`` has every statement once, with its labels and how probable each label of the scheme is. ``annotators``
    tells, by annotator and label, how often the label was given where it is taken to be right, and where it is not
    (sensitivity and false alarms, weighted by that probability; None where there is no such statement).
    """

    rows: tuple[tuple[Statement, Labels, dict[str, float]], ...]
    annotators: dict[str, dict[str, tuple[float | None, float | None]]]


def combine(labelled: Iterable[tuple[Statement, Labels]], scheme: LabelScheme, method: Method) -> Combined:
    """Combine the rows of a labelled table, one per statement and annotator.

    The confidence is the probability of the least sure decision. Raises DataError as `storage.by_statement`
    does and where nothing is labelled in the scheme, UsageError where crowd-kit is missing.
    """
    read = by_statement(labelled, scheme)
    given = {
        name: {annotator: labels.by_scheme[scheme.name] for annotator, labels in theirs.items()}
        for name, (_, theirs) in read.items()
    }
    if not given:
        raise DataError(f"no statement is labelled in the scheme '{scheme.name}'.")
    probable = _probable(given, scheme, method)
    digests = {scheme.name: scheme.digest}
    rows = []
    for name, readings in given.items():
        chances = probable[name]
        if scheme.multi_label:
            labels_given = tuple(label for label in scheme.labels if chances[label] > 0.5)
            sure = min(max(chance, 1 - chance) for chance in chances.values())
        else:
            labels_given = (max(scheme.labels, key=lambda label: chances[label]),)
            sure = chances[labels_given[0]]
        differ = len({frozenset(one) for one in readings.values()}) > 1
        labels = Labels(
            name,
            {scheme.name: labels_given},
            annotator=f"{method}({'+'.join(readings)})" if len(readings) > 1 else next(iter(readings)),
            confidence=round(sure, 6),
            readings={scheme.name: tuple(readings.values())} if differ else {},
            codebooks=digests,
        )
        rows.append((read[name][0], labels, chances))
    return Combined(tuple(rows), _annotators(given, probable, scheme))


def _probable(
    given: dict[str, dict[str, tuple[str, ...]]], scheme: LabelScheme, method: Method
) -> dict[str, dict[str, float]]:
    """Return, by statement, how probable each label is."""
    questions: Sequence[str | None] = scheme.label_names if scheme.multi_label else [None]
    found: dict[str, dict[str, float]] = {name: {} for name in given}
    for question in questions:
        cells = [
            (name, annotator, str(question in labels) if question is not None else labels[0])
            for name, readings in given.items()
            for annotator, labels in readings.items()
        ]
        chances = _chances(cells, method)
        for name, chance in found.items():
            of_task = chances[name]
            if question is not None:
                chance[question] = of_task.get("True", 0.0)
            else:
                chance.update({label: of_task.get(label, 0.0) for label in scheme.labels})
    return found


def _chances(cells: list[tuple[str, str, str]], method: Method) -> dict[str, dict[str, float]]:
    import pandas as pd

    frame = pd.DataFrame(cells, columns=[_TASK, _WORKER, _LABEL])
    probabilities = _fitted(frame, method) if frame[_LABEL].nunique() > 1 and method != "majority" else _shares(frame)
    return {str(task): {str(label): float(p) for label, p in row.items()} for task, row in probabilities.iterrows()}


def _shares(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.crosstab(frame[_TASK], frame[_LABEL], normalize="index")


def _fitted(frame: pd.DataFrame, method: Method) -> pd.DataFrame:
    try:
        from crowdkit.aggregation import MACE, DawidSkene
    except ImportError:
        raise UsageError(
            f"--method {method} needs crowd-kit: pip install 'stance-toolkit[annotation]'; majority needs nothing."
        ) from None
    model: Any = DawidSkene(n_iter=200) if method == "dawid-skene" else MACE(random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # crowd-kit asks pandas for what will go away
        probabilities: pd.DataFrame = model.fit(frame).probas_
    return probabilities.fillna(0.0)


def _annotators(
    given: dict[str, dict[str, tuple[str, ...]]], probable: dict[str, dict[str, float]], scheme: LabelScheme
) -> dict[str, dict[str, tuple[float | None, float | None]]]:
    sums: dict[str, dict[str, list[float]]] = {}
    for name, readings in given.items():
        for annotator, labels in readings.items():
            for label, chance in probable[name].items():
                four = sums.setdefault(annotator, {}).setdefault(label, [0.0] * 4)
                four[0] += chance
                four[1] += 1 - chance
                if label in labels:
                    four[2] += chance
                    four[3] += 1 - chance
    return {
        annotator: {
            label: (hit / is_so if is_so > 0 else None, false / is_not if is_not > 0 else None)
            for label in scheme.labels
            for is_so, is_not, hit, false in [by_label[label]]
        }
        for annotator, by_label in sorted(sums.items())
    }
