"""Averaged or stacked probabilities of several classifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from toolkit.classifiers.base import Classifier, build, packages, restore
from toolkit.classifiers.heads import LinearHead, LogisticRegression
from toolkit.labels import LabelScheme
from toolkit.settings import ModelSettings, Most, PlainName
from toolkit.work import NOWHERE, Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.settings import ModelSettings as AnyModel

    Matrix = NDArray[np.float64]

__all__ = ["Ensemble", "EnsembleModel"]

_HEAD = "head.safetensors"


class EnsembleModel(ModelSettings):
    """Averaged or stacked probabilities of several models that read the same input."""

    kind: Literal["ensemble"]
    members: dict[PlainName, AnyModel] = Field(min_length=2)
    """In a file: a list of names of configs/models, or a mapping of names to models. A member's own search, calibration
    and abstention are not used; its first values are."""
    method: Literal["average", "stack"] = "average"
    """stack: a logistic regression on the members' out-of-fold probabilities (Wolpert 1992)."""
    weights: list[Annotated[float, Field(gt=0, le=Most.WEIGHT)]] | None = None
    """With ``average``: one weight per member, in order."""

    @model_validator(mode="after")
    def _fits_together(self) -> EnsembleModel:
        for name, member in self.members.items():
            if isinstance(member, EnsembleModel):
                raise ValueError(f"the member {name!r} is an ensemble itself")
            for key in ("input", "roles", "names"):
                if getattr(member, key) != getattr(self, key):
                    given, own = getattr(member, key), getattr(self, key)
                    raise ValueError(f"the member {name!r} has {key}: {given}, the ensemble {own}; make them equal")
        if self.weights is not None and len(self.weights) != len(self.members):
            raise ValueError("give one weight above 0 per member")
        return self

    @property
    def runs_remote_code(self) -> bool:
        """Whether a member runs Python code that came with its weights."""
        return any(member.runs_remote_code for member in self.members.values())

    def found_below(self, root: Path) -> EnsembleModel:
        """Return the settings with the folders of its members' weights named in full."""
        return self.model_copy(update={"members": {name: one.found_below(root) for name, one in self.members.items()}})


class Ensemble:
    """Asks every member; the answer is their (weighted) mean, or that of a logistic regression on all of them.

    Stacking (Wolpert 1992) learns from out-of-fold answers of the members, made with the grouped folds of the training
    part, so that a member that merely remembers is not believed.
    """

    Settings = EnsembleModel
    thresholds = None

    def __init__(self, config: EnsembleModel, scheme: LabelScheme, seed: int) -> None:
        self.config = config
        self.scheme = scheme
        self.seed = seed
        self._members: dict[str, Classifier] = {}
        head = LogisticRegression(kind="logistic_regression", class_weight=None)
        self._head = LinearHead(head, len(scheme.labels), scheme.multi_label, seed)

    def fit(self, texts: Sequence[str], targets: NDArray[Any], folds: NDArray[np.int64], work: Work = NOWHERE) -> None:
        """Fit every member; with stacking, once per fold besides."""
        import numpy as np

        if self.config.method == "stack":
            columns = [np.zeros(targets.shape) for _ in self.config.members]
            for fold in np.unique(folds):
                inside, outside = (folds != fold).nonzero()[0], (folds == fold).nonzero()[0]
                for column, (name, settings) in zip(columns, self.config.members.items(), strict=True):
                    member = build(settings, self.scheme, self.seed)
                    inputs = [texts[i] for i in inside]
                    member.fit(inputs, targets[inside], folds[inside], work.below(f"{name}-{fold}"))
                    column[outside] = member.predict_proba([texts[i] for i in outside])
            self._head.fit(_odds(columns), targets, folds)
        for name, settings in self.config.members.items():
            self._members[name] = build(settings, self.scheme, self.seed)
            self._members[name].fit(texts, targets, folds, work.below(name))

    def predict_proba(self, texts: Sequence[str]) -> Matrix:
        """Return probabilities, (n, labels)."""
        import numpy as np

        answers = [member.predict_proba(texts) for member in self._members.values()]
        if self.config.method == "stack":
            return self._head.predict_proba(_odds(answers))
        mean: Matrix = np.average(np.stack(answers), axis=0, weights=self.config.weights)
        return mean

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Write every member into a folder of its own, and the stacking head."""
        told: dict[str, Any] = {}
        for number, (name, member) in enumerate(self._members.items()):
            place = folder / f"member-{number}"
            place.mkdir()
            told[name] = dict(member.save(place))
        if self.config.method == "stack":
            return {"members": told, **self._head.save(folder / _HEAD)}
        return {"members": told}

    @classmethod
    def restore(cls, config: EnsembleModel, scheme: LabelScheme, folder: Path, told: Mapping[str, Any]) -> Ensemble:
        """Load every member. Raises ModelError where a file is not to be trusted."""
        ensemble = cls(config, scheme, seed=0)
        for number, (name, settings) in enumerate(config.members.items()):
            ensemble._members[name] = restore(settings, scheme, folder / f"member-{number}", told["members"][name])
        if config.method == "stack":
            ensemble._head.load(folder / _HEAD, told)
        return ensemble

    @staticmethod
    def packages(config: EnsembleModel) -> tuple[str, ...]:
        """What its members need."""
        return tuple(sorted({name for member in config.members.values() for name in packages(member)}))


def _odds(columns: Sequence[Matrix]) -> Matrix:
    """Return the log odds of all members side by side, (n, members x labels)."""
    import numpy as np
    from scipy.special import logit

    odds: Matrix = logit(np.clip(np.concatenate(columns, axis=1), 1e-4, 1 - 1e-4))
    return odds
