"""The codebook as a classifier, and its findings as features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from toolkit.codebook import Codebook
from toolkit.decisions import numbers
from toolkit.errors import ModelError
from toolkit.inputs import statement_of
from toolkit.labels import LabelScheme
from toolkit.settings import ModelSettings
from toolkit.work import NOWHERE, Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["CodebookModel", "Coded", "codebook_features", "with_findings"]

_HAIR = 1e-6


class CodebookModel(ModelSettings):
    """The label scheme's own rules, read with their grammar; what each is worth is counted in the training part."""

    has_rules: ClassVar[bool] = True
    kind: Literal["codebook"]
    thresholds: Literal["tuned", "rules"] | float = "rules"
    """rules: a label is given where any of its rules counts; tuned, or a number: where one counts that was right often
    enough."""


class Coded:
    """Gives a label where one of its rules counts, as a coder with the codebook would.

    The probability is how often the rule meant its label in training, with one added to each count (Laplace); of
    several rules the best counts, and a rule is never worth less than none. In a single-label scheme the rows are made
    to sum to 1.
    """

    Settings = CodebookModel

    def __init__(self, config: CodebookModel, scheme: LabelScheme, seed: int = 0) -> None:
        self.config = config
        self.scheme = scheme
        self._codebook = _codebook(scheme)
        self.without: list[float] = []
        """Per label, how often it is meant where none of its rules counts."""
        self.rules: dict[str, float] = {}
        """Per rule, how often its label is meant where it counts."""

    def fit(self, texts: Sequence[str], targets: NDArray[Any], folds: NDArray[np.int64], work: Work = NOWHERE) -> None:
        """Count how often each rule means its label."""
        import numpy as np

        found = self._counting(texts)
        column = {label: k for k, label in enumerate(self.scheme.label_names)}
        names = self._codebook.rule_names
        self.rules = {}
        none = np.ones(targets.shape, dtype=bool)
        for number, name in enumerate(names):
            k = column[name.partition("/")[0]]
            here = found[:, number]
            none[here, k] = False
            self.rules[name] = float((targets[here, k].sum() + 1) / (here.sum() + 2))
        self.without = [
            float((targets[none[:, k], k].sum() + 1) / (none[:, k].sum() + 2)) for k in range(targets.shape[1])
        ]

    @property
    def thresholds(self) -> tuple[float, ...] | None:
        """Where any rule decides, right above the probability without one; None where they are tuned or given."""
        if not self.scheme.multi_label or self.config.thresholds != "rules":
            return None
        return tuple(rate + _HAIR / 2 for rate in self.without)

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the rate of the best rule of each label, (n, labels)."""
        import numpy as np

        if not self.without:
            raise ModelError("this model has not been fitted.")
        probabilities = np.tile(np.array(self.without, dtype=np.float64), (len(texts), 1))
        column = {label: k for k, label in enumerate(self.scheme.label_names)}
        found = self._counting(texts)
        for number, name in enumerate(self._codebook.rule_names):
            k = column[name.partition("/")[0]]
            rate = max(self.rules[name], self.without[k] + _HAIR)
            here = found[:, number]
            probabilities[here, k] = np.maximum(probabilities[here, k], rate)
        if not self.scheme.multi_label:
            probabilities /= probabilities.sum(axis=1, keepdims=True)
        return probabilities

    def save(self, folder: Path) -> Mapping[str, Any]:
        """Return the rates; the rules stand in the label scheme."""
        return {"without": self.without, "rules": self.rules}

    @classmethod
    def restore(cls, config: CodebookModel, scheme: LabelScheme, folder: Path, told: Mapping[str, Any]) -> Coded:
        """Take the rates that were saved. Raises ValueError where they are none."""
        model = cls(config, scheme)
        names = model._codebook.rule_names
        if set(told["rules"]) != set(names):
            raise ValueError("rules must be those of the label scheme")
        model.without = numbers("without", told["without"], len(scheme.labels))
        model.rules = dict(
            zip(names, numbers("rules", [told["rules"][name] for name in names], len(names)), strict=True)
        )
        return model

    @staticmethod
    def packages(config: CodebookModel) -> tuple[str, ...]:
        """Nothing besides what every model needs."""
        return ()

    def _counting(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        import numpy as np

        found = np.zeros((len(texts), len(self._codebook.rules)), dtype=bool)
        for row, text in enumerate(texts):
            for one in self._codebook.find(statement_of(text)):
                found[row, one.rule] |= one.counts
        return found


def codebook_features(codebook: Codebook, texts: Sequence[str]) -> csr_matrix:
    """Return, per text, which rules count, which are found and voided, and which labels are given.

    The matrix is (n, 2 x rules + labels) of 0 and 1.
    """
    import numpy as np
    from scipy.sparse import csr_matrix

    rules, names = len(codebook.rules), codebook.scheme.label_names
    rows: list[int] = []
    columns: list[int] = []
    for row, text in enumerate(texts):
        found = codebook.find(statement_of(text))
        if not found:
            continue
        here = {one.rule if one.counts else rules + one.rule for one in found}
        here |= {2 * rules + names.index(label) for label in codebook.labels_of(found)}
        rows += [row] * len(here)
        columns += sorted(here)
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(texts), 2 * rules + len(names)))


def with_findings(codebook: Codebook, texts: Sequence[str]) -> list[str]:
    """Return texts behind what the rules find in their statements, in words that a language model can read.

    ``"threatening by measure; not conciliatory by offer; We will close the port."`` where the rule ``offer`` is voided.
    """
    read = []
    for text in texts:
        found = {(one.rule, one.counts) for one in codebook.find(statement_of(text))}
        said = sorted((codebook.rules[number].label, codebook.rules[number].name, counts) for number, counts in found)
        read.append("".join(f"{'' if counts else 'not '}{label} by {name}; " for label, name, counts in said) + text)
    return read


def _codebook(scheme: LabelScheme) -> Codebook:
    codebook = Codebook(scheme)
    if not codebook.rules:
        raise ModelError(f"the label scheme '{scheme.name}' has no rules to read statements with.")
    return codebook
