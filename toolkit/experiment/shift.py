"""What one model loses on data unlike its own, and what it gains from more: the gap and the learning curve."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from toolkit.answers import Answers, Columns
from toolkit.config import ShiftedSplit
from toolkit.evaluation import CurvePoint, Gap, Resampling, measure_gap, measure_point
from toolkit.experiment.data import Material, Part, deal_part
from toolkit.labels import LabelScheme
from toolkit.report import CurveRow, GapRow, curve_csv, curve_plots, gap_csv
from toolkit.splits import Split, nested_draws
from toolkit.storage import record_row
from toolkit.tuning import Chosen, Examples, cross_validate, decided_out_of_fold
from toolkit.work import Work

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["curve_parts", "gap_of", "learning_curve", "more_fits", "shift_files", "tell_shift", "wants_gap"]


def wants_gap(material: Material) -> bool:
    """Say whether an experiment asks for the gap between data like those learnt from and others."""
    split = material.config.split
    return isinstance(split, ShiftedSplit) and split.gap


def more_fits(material: Material, fits: int) -> int:
    """Return how many fits gap and learning curve add, where one training part takes ``fits``."""
    curve = material.config.curve
    extra = len(curve.sizes) * curve.draws * fits if curve else 0
    return extra + (material.config.tuning.folds if wants_gap(material) else 0)


def _resampling(material: Material) -> Resampling:
    config = material.config
    return Resampling(config.seed, config.evaluation.resamples, config.evaluation.confidence)


def gap_of(
    figure: str,
    scheme: LabelScheme,
    material: Material,
    final: tuple[Chosen, Examples],
    held_out: tuple[Sequence[int], Answers],
    work: Work,
) -> Gap:
    """Cross-validate the chosen model over all the data, and compare that with what it said of unseen parts.

    ``final`` is the model that is logged with what it learnt from, ``held_out`` are positions and the answers to them.
    Compared are the statements that both have answered. The cross-validated model has learnt from articles of the same
    source or time as those it answers, and with a rolling origin from more of them.
    """
    chosen, examples = final
    model = chosen.point.model
    once = dataclasses.replace(examples, folds=examples.folds[:1])
    part = work.below("all").below(model.model_dump_json(exclude={"search"}))
    found = cross_validate(
        model, scheme, once, metric=material.config.tuning.metric, seed=material.config.seed, work=part
    )
    columns = Columns(scheme.name, tuple(scheme.label_names))
    inside = Answers(columns, *decided_out_of_fold(model, scheme, once, found))
    positions, shifted = held_out
    row_of = {position: row for row, position in enumerate(material.plan.final.train)}
    both = [i for i, position in enumerate(positions) if position in row_of]
    shared = [positions[i] for i in both]
    return measure_gap(
        figure,
        material.data.targets(scheme)[shared],
        Answers.joined([inside], [row_of[position] for position in shared]),
        Answers(columns, shifted.probabilities[both], shifted.given[both]),
        [material.data.statements[position].article_id for position in shared],
        multi_label=scheme.multi_label,
        resampling=_resampling(material),
    )


def curve_parts(material: Material, schemes: Sequence[LabelScheme]) -> Iterator[tuple[int, int, Part]]:
    """Yield size, number of the draw and training part of every point of the learning curve.

    Whole groups are drawn, so that no near-identical statements come apart, and the draws of one number lie in each
    other. Raises SplitError where the training part has no more than a size, or a draw too few examples of a label.
    """
    from toolkit.errors import SplitError

    config, plan, data = material.config, material.plan, material.data
    if config.curve is None:
        return
    whole = plan.final.train
    if config.curve.sizes[-1] >= len(whole):
        told = f"the training part has {len(whole)}, which come last by themselves"
        raise SplitError(f"curve.sizes: {config.curve.sizes[-1]} statements cannot be drawn: {told}.")
    groups = [plan.groups[i] for i in whole]
    for draw in range(config.curve.draws):
        # A distance away from the seeds of the split and of the folds.
        seed = (config.seed + 20_011 + draw) % 2**31
        for size, rows in zip(config.curve.sizes, nested_draws(groups, config.curve.sizes, seed), strict=True):
            split = Split(tuple(whole[row] for row in rows), plan.parts[0].held_out, plan.groups)
            try:
                yield size, draw, deal_part(config, schemes, data, split)
            except SplitError as error:
                raise SplitError(f"curve.sizes: {size} statements, draw {draw + 1}: {error}") from None


def learning_curve(
    figure: str,
    scheme: LabelScheme,
    material: Material,
    answers_of: Callable[[Part, str], Answers],
    whole: Answers,
) -> tuple[CurvePoint, ...]:
    """Return the held-out figure for every size and for the whole training part, whose answers are given."""
    curve, held_out = material.config.curve, list(material.plan.parts[0].held_out)
    if curve is None:
        return ()
    gold = material.data.targets(scheme)[held_out]
    groups = [material.data.statements[i].article_id for i in held_out]
    by_size: dict[int, list[tuple[int, Answers]]] = {size: [] for size in curve.sizes}
    for size, draw, part in curve_parts(material, [scheme]):
        by_size[size].append((len(part.train), answers_of(part, f"curve {size} {draw}")))

    def point(asked: int | None, found: Sequence[tuple[int, Answers]]) -> CurvePoint:
        mean, values = measure_point(
            figure,
            gold,
            [answers for _, answers in found],
            groups,
            multi_label=scheme.multi_label,
            resampling=_resampling(material),
        )
        return CurvePoint(asked, sum(n for n, _ in found) / len(found), values, mean)

    sizes = [point(size, found) for size, found in by_size.items()]
    return (*sizes, point(None, [(len(material.plan.final.train), whole)]))


def tell_shift(tell: Callable[[str, float, int], None], gap: Gap | None, curve: Sequence[CurvePoint]) -> None:
    """Tell a run the gap and the points of the curve, a step each; the intervals stand in the experiment's tables."""
    if gap is not None and gap.difference.value is not None:
        tell("gap", gap.difference.value, 0)
    for point in curve:
        if point.figure.value is not None:
            tell("curve", point.figure.value, round(point.trained))


def shift_files(material: Material, gaps: Sequence[GapRow], curves: Sequence[CurveRow]) -> dict[str, str | bytes]:
    """Return the artifacts of an experiment's gaps and curves: tables, and a plot of the curves of every scheme."""
    files: dict[str, str | bytes] = {}
    if gaps:
        files["gap.csv"] = gap_csv(gaps)
    if curves:
        files["learning_curve.csv"] = curve_csv(curves)
        figure = material.config.tuning.metric.replace("_", " ")
        files |= {f"plots/{name}.png": image for name, image in curve_plots(curves, figure).items()}
    if material.plan.undated:
        rows = [record_row(material.data.statements[i]) for i in material.plan.undated]
        files["undated.jsonl"] = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return files
