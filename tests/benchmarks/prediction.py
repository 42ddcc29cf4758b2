"""How fast prediction is beside the script that people write without the toolkit.

Run with ``python -m tests.benchmarks.prediction [ROWS]``. Every figure is a ratio of whole processes, start included,
that were run by turns on the same machine with the same rows, Parquet to Parquet; the median of three pairs counts. The
probabilities of both sides are compared before anything is told.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from toolkit.classifiers.linear import Linear, LinearModel
from toolkit.config import load_scheme
from toolkit.decisions import NO_CALIBRATION, Decision
from toolkit.labels import LabelScheme
from toolkit.model import StanceModel, own_models
from toolkit.storage import read_labelled

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLE = REPOSITORY / "data" / "sample"
PAIRS = 3

TFIDF = """
import sys, joblib, pandas as pd
model, source, target = sys.argv[1:]
pipeline, labels, thresholds = joblib.load(model)
frame = pd.read_parquet(source)
probabilities = pipeline.predict_proba(frame["text"])
for k, label in enumerate(labels):
    frame["stance_" + label] = probabilities[:, k]
frame["stance"] = [[label for label, yes in zip(labels, row) if yes] for row in probabilities >= thresholds]
frame.to_parquet(target)
"""
CUES = """
import re, sys, joblib, numpy as np, pandas as pd
from scipy.sparse import csr_matrix, hstack
model, source, target = sys.argv[1:]
vectorizer, head, patterns, labels, thresholds = joblib.load(model)
patterns = [[re.compile(pattern, re.IGNORECASE) for pattern in each] for each in patterns]
frame = pd.read_parquet(source)
texts = (frame["cue"] + " " + frame["text"]).tolist()
found = [[any(pattern.search(text) for pattern in each) for each in patterns] for text in texts]
probabilities = head.predict_proba(hstack([vectorizer.transform(texts), csr_matrix(np.array(found, float))]).tocsr())
for k, label in enumerate(labels):
    frame["stance_" + label] = probabilities[:, k]
frame["stance"] = [[label for label, yes in zip(labels, row) if yes] for row in probabilities >= thresholds]
frame.to_parquet(target)
"""


@dataclass(frozen=True)
class Side:
    """One of two that are timed: its name, and the commands that it takes."""

    name: str
    commands: Sequence[Sequence[str]]


def rows_of(many: int, seed: int = 20241) -> pa.Table:
    """Return statements of about 25 words: halves of the sample's, with names that are seldom twice, as in the news."""
    draw = random.Random(seed)
    given = [statement for statement, _ in read_labelled(SAMPLE / "gold.jsonl", [])]
    words = [statement.text.split() for statement in given if len(statement.text.split()) > 5]
    syllables = "ba ko ri ne lu sta mor vin del ga pe ro tal mi".split()
    texts = []
    for _ in range(many):
        one, other = draw.choice(words), draw.choice(words)
        names = ["".join(draw.choices(syllables, k=3)).title() for _ in range(2)]
        texts.append(" ".join([*one[:12], names[0], *other[-12:], names[1]]))
    cues = draw.choices([statement.cue or "said" for statement in given], k=many)
    ids = [f"s{i}" for i in range(many)]
    return pa.table({"statement_id": ids, "text": texts, "cue": cues, "outlet": ["The Gull"] * many})


def fitted(scheme: LabelScheme, config: LinearModel) -> tuple[Linear, list[str], np.ndarray]:
    """Return a linear model of the sample, the texts that it learnt from and their targets."""
    pairs = [(s, g.by_scheme[scheme.name]) for s, g in read_labelled(SAMPLE / "gold.jsonl", [scheme])]
    texts = [f"{s.cue or ''} {s.text}".strip() if "cue" in config.input else s.text for s, _ in pairs]
    targets = np.array([[int(label in given) for label in scheme.label_names] for _, given in pairs])
    classifier = Linear(config, scheme, seed=0)
    classifier.fit(texts, targets, np.arange(len(texts)) % 5)
    return classifier, texts, targets


def saved(folder: Path, scheme: LabelScheme, config: LinearModel) -> Path:
    """Save a linear model of the sample as the toolkit does."""
    classifier, _, _ = fitted(scheme, config)
    thresholds = (0.5,) * len(scheme.labels) if scheme.multi_label else None
    StanceModel(folder.name, scheme, config, classifier, Decision(NO_CALIBRATION, thresholds)).save(folder)
    return folder


def tfidf_script(folder: Path, scheme: LabelScheme, config: LinearModel) -> list[str]:
    """Write what a person fits with scikit-learn alone, and return the command that predicts with it."""
    import joblib
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    _, texts, targets = fitted(scheme, config)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w[\w'’]*")
    head = LogisticRegression(class_weight="balanced", solver="newton-cg", max_iter=1000, random_state=0)
    pipeline = make_pipeline(vectorizer, OneVsRestClassifier(head)).fit(texts, targets)
    joblib.dump((pipeline, scheme.label_names, 0.5), folder / "tfidf.joblib")
    (folder / "tfidf.py").write_text(TFIDF)
    return [sys.executable, str(folder / "tfidf.py"), str(folder / "tfidf.joblib")]


def cues_script(folder: Path, scheme: LabelScheme, config: LinearModel) -> list[str]:
    """Write the same script with regular expressions of the scheme as features, and return its command."""
    import joblib
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    _, texts, targets = fitted(scheme, config)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w[\w'’]*")
    cues = csr_matrix(np.array([scheme.match_cues(text) for text in texts], dtype=float))
    features = hstack([vectorizer.fit_transform(texts), cues]).tocsr()
    head = LogisticRegression(class_weight="balanced", solver="newton-cg", max_iter=1000, random_state=0)
    patterns = [label.cues for label in scheme.labels.values()]
    told = (vectorizer, OneVsRestClassifier(head).fit(features, targets), patterns, scheme.label_names, 0.5)
    joblib.dump(told, folder / "cues.joblib")
    (folder / "cues.py").write_text(CUES)
    return [sys.executable, str(folder / "cues.py"), str(folder / "cues.joblib")]


def stance(*arguments: str | Path) -> list[str]:
    """Return a command of the toolkit."""
    return [sys.executable, "-m", "toolkit", *map(str, arguments), "--force"]


def seconds(side: Side, folder: Path) -> float:
    """Run a side's commands one after the other and return how long they took."""
    begun = time.perf_counter()
    for command in side.commands:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{side.name}: {done.stderr}")
    return time.perf_counter() - begun


def memory(command: Sequence[str], folder: Path) -> float:
    """Run a command and return the most memory that it had, in GiB; processes that it begins are not counted."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)}: failed")
    return used.ru_maxrss / 2**20


def compare(what: str, ours: Side, rival: Side, folder: Path, aim: str, check: Callable[[], str]) -> None:
    """Time two sides by turns and print a row of the table."""
    pairs = [(seconds(rival, folder), seconds(ours, folder)) for _ in range(PAIRS)]
    ratio = statistics.median(before / after for before, after in pairs)
    before, after = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(f"| {what} | {rival.name}: {before:.1f} s | {after:.1f} s | {ratio:.1f} | {aim} | {check()} |", flush=True)


def largest_difference(folder: Path, labels: Sequence[str]) -> str:
    """Say how far the probabilities of both outputs differ."""
    one, other = pq.read_table(folder / "ours.parquet"), pq.read_table(folder / "rival.parquet")
    names = [f"stance_{label}" for label in labels]
    most = max(float(np.abs(one[name].to_numpy() - other[name].to_numpy()).max()) for name in names)
    return f"probabilities differ by {most:.0e}"


def main(many: int) -> None:
    """Print the table."""
    from importlib.metadata import version

    names = ("numpy", "pyarrow", "scikit-learn", "pandas")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    cores = len(os.sched_getaffinity(0))
    print(f"{many:,} statements, {cores} cores, Python {platform.python_version()}, {versions}\n")
    print("| | the rival | stance | times as fast | at least | |\n| --- | --- | --- | --- | --- | --- |")
    stance_scheme, sentiment = (load_scheme(name, REPOSITORY) for name in ("stance", "sentiment"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pq.write_table(rows_of(many), folder / "in.parquet")
        plain = LinearModel.model_validate(
            {"kind": "linear", "head": {"kind": "logistic_regression"}, "input": ["text"]}
        )
        rules = plain.model_copy(update={"codebook": 1.0, "input": ["cue", "text"]})
        model = saved(folder / "tfidf", stance_scheme, plain)
        ours = Side("stance", [stance("predict", "in.parquet", "-m", model, "-o", "ours.parquet")])
        script = tfidf_script(folder, stance_scheme, plain)
        rival = Side("pandas and scikit-learn", [[*script, "in.parquet", "rival.parquet"]])
        labels = stance_scheme.label_names
        compare(
            "TF-IDF words and linear", ours, rival, folder, "2, reach 4", lambda: largest_difference(folder, labels)
        )

        champion = saved(folder / "champion", stance_scheme, rules)
        ours = Side("stance", [stance("predict", "in.parquet", "-m", champion, "-o", "ours.parquet")])
        script = cues_script(folder, stance_scheme, rules)
        rival = Side("the same with its features by `re`", [[*script, "in.parquet", "rival.parquet"]])
        compare("codebook features and linear", ours, rival, folder, "5", lambda: "other features: rules, not patterns")

        second = saved(folder / "sentiment", sentiment, plain)
        both = ["-m", model, "-m", second]
        once = Side("stance", [stance("predict", "in.parquet", *both, "-o", "ours.parquet")])
        twice = [stance("predict", "in.parquet", "-m", one, "-o", f"{one.name}.parquet") for one in (model, second)]
        compare("two schemes, one vectoriser", once, Side("two calls", twice), folder, "1.8", lambda: "")

        articles = SAMPLE / "articles.jsonl"
        own = own_models()["stance"]
        once = Side("stance", [stance("predict", articles, "-m", own, "-o", "ours.parquet")])
        two = [
            stance("extract", articles, "-o", "s.parquet"),
            stance("predict", "s.parquet", "-m", own, "-o", "two.parquet"),
        ]
        compare("articles in one pass", once, Side("extract, then predict", two), folder, "1.3", lambda: "190 articles")

        for what, arguments in (("`stance --help`", ["--help"]), ("one text, the toolkit's models", None)):
            (folder / "one.csv").write_text("text\nWe will strike back if they move.\n")
            command = [
                sys.executable,
                "-m",
                "toolkit",
                *(arguments or ["predict", "one.csv", "-o", "one.out.csv", "--force"]),
            ]
            took = statistics.median(seconds(Side(what, [command]), folder) for _ in range(5))
            print(f"| {what} | | {took:.2f} s | | {'0.3 s' if arguments else '2 s'} | |", flush=True)

        large = pq.ParquetWriter(folder / "large.parquet", rows_of(1).schema)
        for part in range(20):
            table = rows_of(100_000, seed=part)
            ids = pa.array([f"{part}-{i}" for i in range(100_000)])
            large.write_table(table.set_column(0, "statement_id", ids))
        large.close()
        for rows, source in ((many, "in.parquet"), (2_000_000, "large.parquet")):
            command = stance("predict", source, "-m", model, "-o", "m.parquet", "--processes", "1")
            print(
                f"| memory, {rows:,} statements, one process | | {memory(command, folder):.2f} GiB | | 1 GiB | |",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
