"""How long it takes to compare many runs: ``python -m tests.benchmarks.comparison [RUNS] [STATEMENTS]``.

Runs as training logs them, as far as comparing reads them: held-out tables of 10,000 predictions of 1,000 articles,
written as files and read back.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from toolkit.labels import LabelScheme
from toolkit.review.compare import compare_runs
from toolkit.tracking.reading import LoggedRun

LABELS = ("conciliatory", "threatening", "denial")
SCHEME = LabelScheme.model_validate(
    {"name": "stance", "question": "?", "multi_label": True, "labels": {name: {"definition": name} for name in LABELS}}
)


def logged(folder: Path, number: int, gold: np.ndarray) -> LoggedRun:
    """Write a run's held-out table and return the run."""
    rng = np.random.default_rng(number)
    score = np.where(gold, 0.62, 0.38) + rng.normal(0, 0.25, gold.shape)
    place = folder / str(number)
    place.mkdir()
    with (place / "held_out_predictions.jsonl").open("w", encoding="utf-8") as stream:
        for i, (true, row) in enumerate(zip(gold, np.clip(score, 0, 1), strict=True)):
            told = {"statement_id": f"s{i}", "article_id": f"a{i // 10}", "text": f"statement {i}", "kind": "direct"}
            told |= {"gold": [name for name, yes in zip(LABELS, true, strict=True) if yes]}
            told |= {"labels": [name for name, p in zip(LABELS, row, strict=True) if p > 0.5]}
            told |= {"probabilities": dict(zip(LABELS, map(float, row), strict=True))}
            stream.write(json.dumps(told) + "\n")
    config = {"seed": 1, "models": {}, "evaluation": {"resamples": 2000, "confidence": 0.95}}
    config["models"] = {f"model-{number:02}": {"kind": "majority"}}
    return LoggedRun(f"{number:032x}", "FINISHED", SCHEME, f"model-{number:02}", {}, {}, {}, config, place)


def main(runs: int = 20, statements: int = 10_000) -> None:
    """Compare and print the seconds."""
    gold = np.random.default_rng(0).random((statements, len(LABELS))) < 0.25
    with tempfile.TemporaryDirectory() as folder:
        made = [logged(Path(folder), number, gold) for number in range(runs)]
        started, before = time.perf_counter(), time.process_time()
        found = compare_runs(made)
        seconds = time.perf_counter() - started
        busy = time.process_time() - before
    size = f"{runs} runs of {statements} predictions, {len(found.pairs)} pairs"
    print(f"{size}: {seconds:.1f} s, {busy:.1f} s of processor time")
    print(found.sentences[0])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
