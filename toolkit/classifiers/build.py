"""From a model's configuration to a classifier, fresh or restored."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toolkit.classifiers.base import Classifier
from toolkit.classifiers.baselines import Cues, Majority
from toolkit.classifiers.linear import Linear
from toolkit.config import CuesModel, LinearModel, MajorityModel, ModelConfig, with_changes
from toolkit.labels import LabelScheme

__all__ = ["build", "candidates", "restore"]


def build(config: ModelConfig, scheme: LabelScheme, seed: int) -> Classifier:
    """Return a fresh classifier."""
    match config:
        case MajorityModel():
            return Majority()
        case CuesModel():
            return Cues(scheme)
        case LinearModel():
            return Linear(config, scheme, seed)


def restore(config: ModelConfig, scheme: LabelScheme, folder: Path, values: Mapping[str, Any]) -> Classifier:
    """Return a classifier as it was saved: ``values`` is what its ``save`` returned. Raises ModelError."""
    match config:
        case MajorityModel():
            return Majority(values["shares"])
        case CuesModel():
            return Cues(scheme, values["rates"])
        case LinearModel():
            return Linear.restore(config, scheme, folder)


def candidates(config: ModelConfig) -> list[tuple[dict[str, Any], ModelConfig]]:
    """Return every point of a model's search space: the values tried, and the model with them (at least one)."""
    space = getattr(config, "search", {})
    points = itertools.product(*space.values())
    return [(values := dict(zip(space, point, strict=True)), with_changes(config, values)) for point in points]
