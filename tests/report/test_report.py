"""Plots have the same bytes twice and survive any label; the table tells the best, the chosen and the undefined."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from tests.evaluation.cases import evaluated
from toolkit.evaluation import Evaluation
from toolkit.report import ComparisonRow, comparison_csv, comparison_markdown, comparison_table, evaluation_plots


def an_evaluation(
    labels: list[str],
    quality: float = 0.5,
    empty: bool = False,
    multi_label: bool = True,
    abstain_below: float | None = None,
) -> Evaluation:
    rng = np.random.default_rng(0)
    true = (rng.random((40, len(labels))) < 0.4).astype(int)
    if empty:
        true[:, 0] = 0
    prob = np.clip(true * quality + rng.random(true.shape) * (1 - quality), 0, 1)
    if not multi_label:
        true, prob = np.eye(len(labels), dtype=int)[true.argmax(axis=1)], prob / prob.sum(axis=1, keepdims=True)
    pred = (prob > 0.5).astype(int) if multi_label else np.eye(len(labels), dtype=int)[prob.argmax(axis=1)]
    if empty:
        pred[:, 0] = 0
    groups = [str(i // 4) for i in range(40)]
    return evaluated(
        y_true=true,
        y_prob=prob,
        y_pred=pred,
        groups=groups,
        labels=labels,
        multi_label=multi_label,
        seed=0,
        resamples=100,
        abstain_below=abstain_below,
    )


def test_plots_are_images_with_the_same_bytes_twice_whatever_the_labels_are_called() -> None:
    evaluation = an_evaluation([r"$\frac$", "a_b", "<script>"], empty=True)
    first, second = evaluation_plots(evaluation, r"m_$\alpha"), evaluation_plots(evaluation, r"m_$\alpha")
    assert first == second
    assert set(first) == {"confusion", "precision_recall", "reliability", "f1_by_label", "coverage_risk"}
    other, worse = evaluation_plots(evaluation, "other"), an_evaluation([r"$\frac$", "a_b", "<script>"], 0.1)
    worse_plots = evaluation_plots(worse, r"m_$\alpha")
    for name, image in first.items():
        assert other[name] != image and worse_plots[name] != image, name


def pixels(image: bytes) -> np.ndarray:
    """Read an image as a viewer does; what is not whole raises."""
    with Image.open(io.BytesIO(image), formats=["PNG"]) as opened:
        return np.asarray(opened.convert("RGB"), dtype=int)


@pytest.mark.parametrize("multi_label", [True, False])
def test_every_plot_shows_a_title_axes_and_what_was_measured(multi_label: bool) -> None:
    plots = evaluation_plots(an_evaluation(["a", "b", "c"], multi_label=multi_label), "m")
    for name, image in plots.items():
        drawn = pixels(image)
        height, width, _ = drawn.shape
        assert 400 <= width <= 2000 and 300 <= height <= 1000, name
        ink = (drawn < 200).any(axis=2)
        assert 0.01 < ink.mean() < 0.6, name
        title, left, bottom = ink[: height // 8], ink[:, : width // 8], ink[-height // 8 :]
        assert title.mean() > 0.005 and left.mean() > 0.005 and bottom.mean() > 0.005, name
        # Without data there are only black, grey and white: a title, axes, a grid, a legend's frame.
        colourful = (drawn.max(axis=2) - drawn.min(axis=2) > 60).mean()
        assert colourful > (0.05 if name == "confusion" else 0.0005), name
    for name in ("precision_recall", "reliability"):  # a colour for every label
        for colour in ((0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00), (0x00, 0x9E, 0x73)):
            assert (np.abs(pixels(plots[name]) - colour).max(axis=2) < 30).sum() > 50, (name, colour)


def rows() -> list[ComparisonRow]:
    good, bad = an_evaluation(["a", "b"], 0.9), an_evaluation(["a", "b"], 0.1)
    return [
        ComparisonRow.of(bad, scheme="s", model="[bold]weak", cv=0.3, criterion="macro F1 by chance", chosen=False),
        ComparisonRow.of(good, scheme="s", model="strong", cv=0.9, criterion="macro F1 by chance", chosen=True),
    ]


def rendered(compared: list[ComparisonRow], width: int = 80) -> str:
    console = Console(width=width, file=io.StringIO(), force_terminal=True, color_system="standard")
    for table in comparison_table(compared):
        console.print(table)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_the_table_fits_marks_the_chosen_and_sets_the_best_bold() -> None:
    text = rendered(rows())
    strong = next(line for line in text.splitlines() if "strong" in line)
    weak = next(line for line in text.splitlines() if "weak" in line)
    assert "★ strong" in strong and "\x1b[1m" in strong
    assert "[bold]weak" in weak and "\x1b[1m" not in weak.replace("\x1b[1m┃", "")
    assert "…" not in text


def test_undefined_is_a_dash_and_an_empty_cell() -> None:
    evaluation = evaluated(
        y_true=[[0], [0]], y_prob=[[0.1], [0.2]], y_pred=[[0], [0]], groups=["x", "y"], labels=["a"], multi_label=True,
        seed=0, resamples=100,
    )  # fmt: skip
    row = ComparisonRow.of(evaluation, scheme="s", model="m", cv=0.0, criterion="macro F1 by chance", chosen=False)
    assert "—" in rendered([row]) and "undefined" in rendered([row])
    assert "| — |" in comparison_markdown([row])
    cells = next(csv.DictReader(io.StringIO(comparison_csv([row]))))
    assert cells["macro F1"] == "" and cells["macro F1 support"] == "0"


def test_the_csv_has_every_figure_with_bounds_and_support() -> None:
    table = list(csv.DictReader(io.StringIO(comparison_csv(rows()))))
    assert [row["model"] for row in table] == ["[bold]weak", "strong"]
    for row in table:
        assert float(row["macro F1 low"]) <= float(row["macro F1"]) <= float(row["macro F1 high"])
        assert int(row["macro F1 support"]) > 0 and int(row["articles"]) == 10


def test_a_model_that_abstains_shows_where() -> None:
    """The orange mark on the curve, and what it means in the legend; nothing of it where no answer is withheld."""
    orange = {}
    for bound in (None, 0.7, 1.1):
        plots = evaluation_plots(an_evaluation(["a", "b"], 0.3, abstain_below=bound), "m")
        image = pixels(plots["coverage_risk"])
        orange[bound] = int((np.abs(image - (0xD5, 0x5E, 0x00)).max(axis=2) < 30).sum())
    assert orange[0.7] > 50 and orange[None] == orange[1.1] == 0


def test_plots_of_next_to_nothing_are_painted_too() -> None:
    """One statement, one label, no example of it; a long name of a label and of a model."""
    for labels, truth, prob in ((["a"], [[0]], [[0.2]]), (["a" * 30, "b"], [[1, 0]], [[0.9, 0.1]])):
        evaluation = evaluated(
            y_true=truth, y_prob=prob, y_pred=truth, groups=["x"], labels=labels, multi_label=True, seed=0, resamples=50
        )
        for name, image in evaluation_plots(evaluation, "m" * 60).items():
            assert (pixels(image) < 200).any(axis=2).mean() > 0.01, name


def test_of_little_data_no_interval_is_given_and_the_table_says_why() -> None:
    few = evaluated(
        y_true=[[1], [0]] * 20, y_prob=[[0.9], [0.2]] * 20, y_pred=[[1], [0]] * 20, groups=["x", "y", "z", "w"] * 10,
        labels=["a"], multi_label=True, seed=0, resamples=100,
    )  # fmt: skip
    rare = evaluated(
        y_true=[[1, 1], [1, 0]] * 9, y_prob=[[0.9, 0.8], [0.8, 0.1]] * 9, y_pred=[[1, 1], [1, 0]] * 9,
        groups=list("uvwxyz") * 3, labels=["common", "rare"], multi_label=True, seed=0, resamples=100,
    )  # fmt: skip
    assert few.macro_f1.low is None and few.figures["f1/micro"].low is None and few.macro_f1.value == 1
    assert rare.figures["f1/common"].low is not None and rare.figures["f1/micro"].low is not None
    assert rare.figures["f1/rare"].low is None and rare.macro_f1.low is None and rare.macro_f1.value == 1
    told = [
        (few, "No intervals: 4 held-out articles, at least 5 are needed."),
        (rare, "No intervals of macro averages: rare has 9 held-out examples, at least 10 are needed."),
    ]
    for evaluation, sentence in told:
        row = ComparisonRow.of(evaluation, scheme="s", model="m", cv=0.0, criterion="macro F1 by chance", chosen=False)
        assert sentence in comparison_markdown([row])
        assert sentence in " ".join(re.sub(r"\x1b\[[\d;]*m", "", rendered([row], 120)).split())
