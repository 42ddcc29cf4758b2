"""Matrices evaluated: what the tests of figures have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from toolkit.answers import Answers, Columns
from toolkit.evaluation import Evaluation, Resampling, evaluate


def evaluated(
    *,
    y_true: Any,
    y_prob: Any,
    y_pred: Any,
    groups: list[str],
    labels: list[str],
    multi_label: bool,
    seed: int,
    resamples: int,
    confidence: float = 0.95,
    abstain_below: float | None = None,
) -> Evaluation:
    answers = Answers(Columns("s", tuple(labels)), np.asarray(y_prob, float), np.asarray(y_pred))
    drawn = Resampling(seed, resamples, confidence)
    return evaluate(y_true, answers, groups, multi_label=multi_label, resampling=drawn, abstain_below=abstain_below)
