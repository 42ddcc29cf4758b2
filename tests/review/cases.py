"""Logged runs as a page reads them, made up: statements, gold labels and answers of several models on the same rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from toolkit.answers import indicator
from toolkit.evaluation import Resampling, evaluate
from toolkit.labels import LabelScheme
from toolkit.review.reviewed import Model, Reviewed
from toolkit.tracking import LoggedExperiment, LoggedRun, Sides

SCHEME = LabelScheme.model_validate(
    {
        "name": "tone",
        "question": "How is it said?",
        "multi_label": True,
        "labels": {
            "warm": {"definition": "It is said warmly.", "counts": ["thanks"], "examples": ["Thank you."]},
            "cold": {"definition": "It is said coldly.", "does_not_count": ["silence"]},
        },
    }
)


def made_up(
    folder: Path,
    n: int = 60,
    models: tuple[str, ...] = ("plain", "better"),
    text: str = "we shall see about that",
    by: str = "A Minister",
    resamples: int = 100,
    split: Mapping[str, object] = MappingProxyType({"kind": "grouped", "test_size": 0.3}),
) -> Reviewed:
    """Return an experiment of ``n`` statements, six an article, whose texts and speakers are the given ones."""
    rng = np.random.default_rng(3)
    gold = rng.random((n, 2)) < 0.3
    config = {
        "name": "made-up",
        "description": f"Made up: {text}",
        "seed": 3,
        "threads": 1,
        "data": {"articles": ["data/sample/articles.jsonl"], "statements": []},
        "split": {"near_duplicate": 0.8, **split},
        "tuning": {"folds": 3, "repeats": 1, "metric": "macro_f1"},
        "evaluation": {"resamples": resamples, "confidence": 0.95},
        "models": {name: {"kind": "linear", "input": ["text"], "thresholds": "tuned"} for name in models},
    }
    runs = [
        _run(folder / name, name, config, gold, rng, quality, text, by)
        for name, quality in zip(models, np.linspace(0.2, 0.6, len(models)), strict=True)
    ]
    ids = tuple(f"s{i}" for i in range(n))
    sides = Sides(("t1", "t2"), ids, (ids,))
    experiment = LoggedExperiment("e" * 32, "made-up", "FINISHED", config, sides, tuple(one.run for one in runs))
    return Reviewed("made-up", "e" * 32, experiment, tuple(runs))


def _run(
    folder: Path,
    name: str,
    config: dict,
    gold: np.ndarray,
    rng: np.random.Generator,
    quality: float,
    text: str,
    by: str,
) -> Model:
    folder.mkdir()
    prob = np.clip(gold * quality + rng.random(gold.shape) * (1 - quality), 0, 1).round(6)
    labels = list(SCHEME.labels)
    with (folder / "held_out_predictions.jsonl").open("w", encoding="utf-8") as stream:
        for i, (true, p) in enumerate(zip(gold, prob, strict=True)):
            row = {
                "statement_id": f"s{i}",
                "article_id": f"a{i // 6}",
                "text": f"{text} {i}",
                "speaker": by,
                "cue": ("said", "warned")[i % 2],
                "kind": ("direct", "indirect")[i % 2],
                "source": f"Source {i // 6 % 3}",
                "published": f"2024-{1 + i // 6 % 12:02}-01",
                "length": 5,
                "gold": [label for label, yes in zip(labels, true, strict=True) if yes],
                "labels": [label for label, one in zip(labels, p, strict=True) if one >= 0.5],
                "probabilities": dict(zip(labels, map(float, p), strict=True)),
            }
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    run = LoggedRun(
        run_id=name.encode().hex().ljust(32, "0")[:32],
        status="FINISHED",
        scheme=SCHEME,
        model=name,
        metrics={"cv/macro_f1": quality},
        parameters={"kind": "linear", "thresholds": "[0.5, 0.5]", "searched": "nothing", "calibration": "none"},
        tags={"git.commit": "c" * 40, "git.dirty": "true", "sha256.data/x.jsonl": "d" * 64, "version.numpy": "2.4"},
        config=config,
        folder=folder,
    )
    drawing = Resampling(3, config["evaluation"]["resamples"], 0.95)
    groups = [one.article_id for one in run.held_out]
    found = evaluate(indicator(run.gold, labels), run.answers, groups, multi_label=True, resampling=drawing)
    return Model(run, found)
