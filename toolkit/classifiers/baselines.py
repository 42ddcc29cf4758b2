"""What every classifier has to beat: the label shares alone, and the codebook's own cue patterns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from toolkit.decisions import numbers
from toolkit.labels import LabelScheme
from toolkit.settings import ModelSettings
from toolkit.work import NOWHERE, Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Cues", "CuesModel", "Majority", "MajorityModel"]

_HAIR = 1e-6


class MajorityModel(ModelSettings):
    """The baseline that answers with the training part's label shares, whatever it reads."""

    kind: Literal["majority"]


class Majority:
    """Answers with the label shares of the training part, whatever the text.

    In a multi-label scheme its tuned thresholds make it give every label to everything, which is the best F1 that can
    be had without reading.
    """

    Settings = MajorityModel
    thresholds = None

    def __init__(self, config: MajorityModel, scheme: LabelScheme, seed: int = 0) -> None:
        self.shares: list[float] = []

    def fit(self, texts: Sequence[str], targets: NDArray[Any], folds: NDArray[np.int64], work: Work = NOWHERE) -> None:
        """Learn the share of every label."""
        self.shares = [float(share) for share in targets.mean(axis=0)]

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the same row for every text."""
        import numpy as np

        return np.tile(np.array(self.shares, dtype=np.float64), (len(texts), 1))

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Return the shares; there is nothing to write."""
        return {"shares": self.shares}

    @classmethod
    def restore(cls, config: MajorityModel, scheme: LabelScheme, folder: Path, told: Mapping[str, Any]) -> Majority:
        """Take the shares that were saved. Raises ValueError where they are none."""
        model = cls(config, scheme)
        model.shares = numbers("shares", told["shares"], len(scheme.labels))
        return model

    @staticmethod
    def packages(config: MajorityModel) -> tuple[str, ...]:
        """Nothing besides what every model needs."""
        return ()


class CuesModel(ModelSettings):
    """The baseline that looks for the label scheme's own cue patterns."""

    kind: Literal["cues"]
    calibration: Literal["none"] = "none"
    """A match decides, not a probability: there is nothing to calibrate and no threshold to choose."""
    thresholds: Literal["tuned"] = "tuned"


class Cues:
    """Gives a label where one of its cue patterns occurs, as a coder with a word list would.

    The probabilities are how often a match (or none) meant the label in training, with one added to each count
    (Laplace). Where a match meant the label less often than none did, both are set to the label's share, a hair
    apart, so that the rule stays the codebook's. In a single-label scheme the rows are made to sum to 1.
    """

    Settings = CuesModel

    def __init__(self, config: CuesModel, scheme: LabelScheme, seed: int = 0) -> None:
        self.scheme = scheme
        self.rates: list[list[float]] = []
        """Per label, the probability without a match and with one."""

    def fit(self, texts: Sequence[str], targets: NDArray[Any], folds: NDArray[np.int64], work: Work = NOWHERE) -> None:
        """Count how often a match means the label."""
        found = self._match(texts)
        self.rates = []
        for k in range(targets.shape[1]):
            without, having = targets[~found[:, k], k], targets[found[:, k], k]
            rates = [float((part.sum() + 1) / (len(part) + 2)) for part in (without, having)]
            if rates[1] <= rates[0]:
                share = float((targets[:, k].sum() + 1) / (len(targets) + 2))
                rates = [share - _HAIR, share + _HAIR]
            self.rates.append(rates)

    @property
    def thresholds(self) -> tuple[float, ...] | None:
        """Half-way between the probabilities without a match and with one: a match decides."""
        return tuple(sum(rates) / 2 for rates in self.rates) if self.scheme.multi_label else None

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the rate of each label, by whether one of its cues occurs."""
        import numpy as np

        rates = np.array(self.rates, dtype=np.float64)
        found = self._match(texts)
        probabilities: NDArray[np.float64] = np.where(found, rates[:, 1], rates[:, 0])
        if not self.scheme.multi_label:
            probabilities /= probabilities.sum(axis=1, keepdims=True)
        return probabilities

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Return the rates; the patterns stand in the label scheme."""
        return {"rates": self.rates}

    @classmethod
    def restore(cls, config: CuesModel, scheme: LabelScheme, folder: Path, told: Mapping[str, Any]) -> Cues:
        """Take the rates that were saved. Raises ValueError where they are none."""
        model = cls(config, scheme)
        if len(told["rates"]) != len(scheme.labels):
            raise ValueError("rates must hold one pair for each label")
        model.rates = [numbers("rates", pair, 2, least=-_HAIR, most=1 + _HAIR) for pair in told["rates"]]
        return model

    @staticmethod
    def packages(config: CuesModel) -> tuple[str, ...]:
        """Nothing besides what every model needs."""
        return ()

    def _match(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        import numpy as np

        rows = [self.scheme.match_cues(text) for text in texts]
        return np.array(rows, dtype=bool).reshape(len(texts), len(self.scheme.labels))
