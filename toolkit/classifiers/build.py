"""From a model's configuration to a classifier, fresh or restored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toolkit.classifiers.base import Classifier
from toolkit.classifiers.baselines import Cues, Majority
from toolkit.classifiers.coding import Coded
from toolkit.classifiers.ensemble import Ensemble
from toolkit.classifiers.linear import Linear
from toolkit.classifiers.pretrained import Embeddings, FewShot, Transformer, ZeroShot
from toolkit.config import (
    CodebookModel,
    CuesModel,
    EmbeddingsModel,
    EnsembleModel,
    FewShotModel,
    LinearModel,
    MajorityModel,
    ModelConfig,
    TransformerModel,
    ZeroShotModel,
)
from toolkit.labels import LabelScheme

__all__ = ["build", "restore"]


def build(config: ModelConfig, scheme: LabelScheme, seed: int) -> Classifier:
    """Return a fresh classifier."""
    match config:
        case MajorityModel():
            return Majority()
        case CuesModel():
            return Cues(scheme)
        case CodebookModel():
            return Coded(config, scheme)
        case LinearModel():
            return Linear(config, scheme, seed)
        case EmbeddingsModel():
            return Embeddings(config, scheme, seed)
        case FewShotModel():
            return FewShot(config, scheme, seed)
        case TransformerModel():
            return Transformer(config, scheme, seed)
        case ZeroShotModel():
            return ZeroShot(config, scheme)
        case EnsembleModel():
            builders = {name: _builder(member, scheme, seed) for name, member in config.members.items()}
            return Ensemble(config, scheme, builders, seed)


def _builder(config: ModelConfig, scheme: LabelScheme, seed: int) -> Any:
    return lambda: build(config, scheme, seed)


def restore(config: ModelConfig, scheme: LabelScheme, folder: Path, values: Mapping[str, Any]) -> Classifier:
    """Return a classifier as it was saved: ``values`` is what its ``save`` returned. Raises ModelError."""
    match config:
        case MajorityModel():
            return Majority(values["shares"])
        case CuesModel():
            return Cues(scheme, values["rates"])
        case CodebookModel():
            return Coded(config, scheme, values)
        case LinearModel():
            return Linear.restore(config, scheme, folder, values)
        case EmbeddingsModel():
            return Embeddings.restore(config, scheme, folder, values)
        case FewShotModel():
            return FewShot.restore(config, scheme, folder, values)
        case TransformerModel():
            return Transformer.restore(config, scheme, folder, int(values["seeds"]))
        case ZeroShotModel():
            return ZeroShot.restore(config, scheme, folder)
        case EnsembleModel():
            members = {
                name: restore(member, scheme, folder / f"member-{number}", values["members"][name])
                for number, (name, member) in enumerate(config.members.items())
            }
            return Ensemble.restore(config, scheme, folder, members, values)
