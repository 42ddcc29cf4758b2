"""The calibration of a logged run, from its held-out table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from toolkit.answers import indicator
from toolkit.evaluation import LabelCalibration, ThresholdStability, evaluate_calibration, threshold_stability
from toolkit.review.slices import resampling_of
from toolkit.tracking import LoggedRun

__all__ = ["RunCalibration", "calibration_of"]

_SURE = 0.05


@dataclass(frozen=True)
class RunCalibration:
    """How well the probabilities of a run are calibrated, and how far its thresholds can be trusted."""

    run: LoggedRun
    labels: tuple[LabelCalibration, ...]
    thresholds: tuple[ThresholdStability, ...]
    """None in a single-label scheme."""

    def sentences(self) -> list[str]:
        """Return what stands out: labels whose error chance does not explain, thresholds that others would beat."""
        bad = [one.label for one in self.labels if one.p < _SURE]
        first = (
            f"{', '.join(bad)}: the error is larger than chance explains" if bad else "No error is larger than chance"
        )
        told = [f"{first} (p below {_SURE:g} for each label alone, statements drawn singly)."]
        far = [one.label for one in self.thresholds if _outside(one)]
        if far:
            told.append(f"{', '.join(far)}: the threshold in use lies outside the interval of the best one here.")
        return told

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data; undefined is null."""
        return {
            "run": self.run.run_id,
            "scheme": self.run.scheme.name,
            "model": self.run.model,
            "labels": [one.to_dict() for one in self.labels],
            "thresholds": [one.to_dict() for one in self.thresholds],
        }


def calibration_of(run: LoggedRun, bins: int = 10) -> RunCalibration:
    """Return the calibration of a run, and in a multi-label scheme the stability of its thresholds."""
    answers, groups, resampling = run.answers, [one.article_id for one in run.held_out], resampling_of(run)
    gold = indicator(run.gold, answers.columns.labels)
    labels = evaluate_calibration(gold, answers, groups, bins=bins, resampling=resampling)
    cuts: tuple[ThresholdStability, ...] = ()
    if run.scheme.multi_label:
        cuts = threshold_stability(gold, answers, groups, _used(run), resampling)
    return RunCalibration(run, labels, cuts)


def _used(run: LoggedRun) -> list[float] | None:
    """Return the thresholds that a run tells among its parameters."""
    told = run.parameters.get("thresholds", "most probable")
    return None if not told.startswith("[") else [float(one) for one in json.loads(told)]


def _outside(one: ThresholdStability) -> bool:
    low, high = one.best.low, one.best.high
    return one.used is not None and low is not None and high is not None and not low <= one.used <= high
