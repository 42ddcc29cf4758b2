"""The kinds of models: a new one is a module of its own and a line here."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import Field

from toolkit.classifiers.base import KINDS
from toolkit.classifiers.baselines import Cues, Majority
from toolkit.classifiers.coding import Coded
from toolkit.classifiers.ensemble import Ensemble
from toolkit.classifiers.linear import Linear
from toolkit.classifiers.pretrained import Embeddings, FewShot, Transformer, ZeroShot
from toolkit.settings import ModelSettings

__all__ = ["AnyModel"]

for kind in (
    Majority,
    Cues,
    Coded,
    Linear,
    Embeddings,
    FewShot,
    Transformer,
    ZeroShot,
    Ensemble,
):
    KINDS[kind.Settings] = kind

if TYPE_CHECKING:
    AnyModel: TypeAlias = ModelSettings
else:
    AnyModel = Annotated[functools.reduce(operator.or_, KINDS), Field(discriminator="kind")]
"""The settings of a model of any kind, told apart by ``kind``."""

Ensemble.Settings.model_rebuild(_types_namespace={"AnyModel": AnyModel})
