"""Gold and the answers of two models with errors that cluster in articles: the truth is known from many articles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.answers import Answers, Columns

LABELS = ("a", "b", "c")
COLUMNS = Columns("s", LABELS)


@dataclass(frozen=True)
class Drawn:
    gold: np.ndarray
    answers: tuple[Answers, ...]
    groups: list[str]


def drawn(seed: int, articles: int, *, gain: float = 0.0, single: bool = False, correlation: float = 0.6) -> Drawn:
    """Draw articles of 1 to 15 statements; the second model errs ``gain`` of a standard normal's unit less often.

    What an article is about moves the share of its labels and, for both models and for each alone, how hard it is.
    """
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 16, articles)
    where = np.repeat(np.arange(articles), sizes)
    n = len(where)
    level = rng.normal(0, 0.7, (articles, 3))[where]
    latent = rng.normal(-0.8, 1, (n, 3)) + level
    gold = np.eye(3, dtype=int)[latent.argmax(axis=1)] if single else (latent > 0).astype(int)
    shared = rng.normal(0, 0.5, articles)[where][:, None] + correlation * rng.normal(0, 1, (n, 3))
    answers = []
    for better in (0.0, gain):
        own = rng.normal(0, 0.4, articles)[where][:, None] + rng.normal(0, 0.8, (n, 3))
        score = (2 * gold - 1) * (1.0 + better + shared + own)
        given = np.eye(3, dtype=int)[score.argmax(axis=1)] if single else (score > 0).astype(int)
        answers.append(Answers(COLUMNS, 1 / (1 + np.exp(-score)), given))
    return Drawn(gold, tuple(answers), [str(c) for c in where])
