"""How well extraction does on annotated US news, and how quick it is. Slow; needs ../shared."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from toolkit.quotes import extract
from toolkit.records import Article
from toolkit.storage import record_row

BENCHMARK = Path(__file__).resolve().parents[3] / "shared" / "benchmarks" / "quotes"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not BENCHMARK.is_dir(), reason="the PolNeAR benchmark data lie beside the repository, not in it"
    ),
]


def articles() -> list[Article]:
    files = sorted((BENCHMARK / "polnear" / "dev" / "text").glob("*.txt"))
    return [Article(path.stem, path.read_text(encoding="utf-8")) for path in files]


def test_the_floors_on_polnear_dev(tmp_path: Path) -> None:
    rows = [json.dumps(record_row(s)) for article in articles() for s in extract(article)]
    (tmp_path / "p.jsonl").write_text("\n".join(rows), encoding="utf-8")
    command = [
        sys.executable,
        str(BENCHMARK / "score_quotes.py"),
        str(BENCHMARK / "polnear" / "dev"),
        str(tmp_path / "p.jsonl"),
    ]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert found["quoted_relaxed"]["f1"] >= 0.82
    assert found["quoted_strict"]["f1"] >= 0.65
    assert found["quoted_letters"]["f1"] >= 0.96
    assert found["quoted_speaker_accuracy"] >= 0.85
    assert found["indirect"]["f1"] >= 0.65
    assert min(found["indirect"]["precision"], found["indirect"]["recall"]) > 0.55
    assert found["indirect_speaker_accuracy"] >= 0.85


def test_three_hundred_articles_a_second_on_one_core() -> None:
    read = articles()
    words = sum(len(article.text.split()) for article in read)
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for article in read:
            extract(article)
        best = min(best, time.perf_counter() - start)
    assert words / 800 / best >= 250, f"{words / 800 / best:.0f} articles of 800 words per second"
