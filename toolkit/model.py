"""What is saved, loaded and served: a classifier with its label scheme, input fields and thresholds.

A saved model is a folder: ``model.json`` tells everything that is plain, with the SHA-256 of every other file. The
same folder is the data of an MLflow pyfunc model, which MLflow loads through :func:`_load_pyfunc`. The toolkit itself
loads only this folder, checks every file, and never runs code that a model brings along.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

import toolkit
from toolkit.classifiers import NO_CALIBRATION, Calibration, Classifier, Input, decide, restore
from toolkit.codebook import Codebook
from toolkit.config import EnsembleModel, ModelConfig, Pretrained
from toolkit.errors import ModelError
from toolkit.evaluation import confidence
from toolkit.inputs import compose
from toolkit.labels import LabelScheme
from toolkit.records import Evidence, Prediction, Statement
from toolkit.storage import file_sha256

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["CARD", "StanceModel", "find_model_folder", "needs_remote_code", "own_models", "read_by"]

FORMAT = 2
_OWN = Path(__file__).parent / "own_models"
CARD = _OWN / "CARD.md"
"""What the models that come with the toolkit are, what they reach, and what they must not be used for."""
_MODEL_CONFIG: TypeAdapter[ModelConfig] = TypeAdapter(ModelConfig)


def read_by(config: ModelConfig, statements: Sequence[Statement]) -> list[Input]:
    """Return what a model reads of every statement, by its configuration."""
    return [Input.of(compose(s, config.input, roles=config.roles, names=config.names), s) for s in statements]


def needs_remote_code(config: ModelConfig) -> bool:
    """Say whether a model runs Python code that came with its weights."""
    members = config.members.values() if isinstance(config, EnsembleModel) else [config]
    return any(isinstance(member, Pretrained) and member.trust_remote_code for member in members)


@dataclass(frozen=True, slots=True)
class StanceModel:
    """A fitted classifier and everything that is needed to use it."""

    name: str
    scheme: LabelScheme
    config: ModelConfig
    classifier: Classifier
    thresholds: tuple[float, ...] | None
    calibration: Calibration = NO_CALIBRATION

    @property
    def output_columns(self) -> list[str]:
        """The columns of an answer: the labels, a probability for each label, and with abstention whether it is
        withheld.
        """
        labels = [f"{self.scheme.name}_{label}" for label in self.scheme.label_names]
        return [self.scheme.name, *labels, *([f"{self.scheme.name}_withheld"] if self.abstains else [])]

    @property
    def abstains(self) -> bool:
        """Whether answers of low confidence are marked as withheld."""
        return self.config.abstain_below is not None

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return calibrated probabilities, (n, labels), of what the model reads (:func:`read_by`)."""
        import numpy as np

        if not texts:
            return np.zeros((0, len(self.scheme.labels)))
        return self.calibration.apply(self.classifier.predict_proba(texts))

    def withheld(self, probabilities: NDArray[np.float64]) -> list[bool]:
        """Say of every row whether its confidence lies below the model's bound."""
        if self.config.abstain_below is None:
            return [False] * len(probabilities)
        decided = decide(probabilities, self.thresholds).astype(float)
        sure = confidence(probabilities, decided, self.scheme.multi_label)
        return [bool(value < self.config.abstain_below) for value in sure]

    def labels_of(self, probabilities: NDArray[np.float64]) -> list[tuple[str, ...]]:
        """Return the labels of every row of probabilities, by the model's thresholds."""
        names = self.scheme.label_names
        rows = decide(probabilities, self.thresholds)
        return [tuple(name for name, given in zip(names, row, strict=True) if given) for row in rows]

    def evidence(self, statements: Sequence[Statement]) -> list[tuple[Evidence, ...]]:
        """Return for every statement what the rules of the model's label scheme find in it."""
        codebook = Codebook(self.scheme)
        return [tuple(codebook.evidence(codebook.find(statement))) for statement in statements]

    def predict_statements(
        self, statements: Sequence[Statement], model: str, *, evidence: bool = False
    ) -> list[Prediction]:
        """Return a prediction for every statement, in order; ``model`` is the name to put into each."""
        probabilities = self.probabilities(read_by(self.config, statements))
        found = self.evidence(statements) if evidence else None
        names, scheme = self.scheme.label_names, self.scheme.name
        return [
            Prediction(
                statement_id=statement.statement_id,
                model=model,
                labels={scheme: labels},
                probabilities={scheme: dict(zip(names, map(float, row), strict=True))},
                withheld={scheme: held} if self.abstains else {},
                evidence={scheme: found[i]} if found is not None else {},
            )
            for i, (statement, labels, row, held) in enumerate(
                zip(statements, self.labels_of(probabilities), probabilities, self.withheld(probabilities), strict=True)
            )
        ]

    def predict(self, model_input: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Answer MLflow: a data frame with the column ``text`` in, a row per row out (:attr:`output_columns`).

        Each text is read as a statement of which nothing else is known. Raises ValueError that names the rows whose
        text is null.
        """
        import pandas as pd

        texts = model_input["text"].tolist()
        missing = [i for i, text in enumerate(texts) if not isinstance(text, str)]
        if missing:
            raise ValueError(
                f"column 'text' is null in row {missing[0]} ({len(missing)} in all); give every row a text."
            )
        statements = [
            Statement(statement_id=str(i), article_id=str(i), text=t, spans=(), kind="direct")
            for i, t in enumerate(texts)
        ]
        probabilities = self.probabilities(read_by(self.config, statements))
        answer: dict[str, Any] = {self.scheme.name: [list(labels) for labels in self.labels_of(probabilities)]}
        for k, label in enumerate(self.scheme.label_names):
            answer[f"{self.scheme.name}_{label}"] = probabilities[:, k]
        if self.abstains:
            answer[f"{self.scheme.name}_withheld"] = self.withheld(probabilities)
        return pd.DataFrame(answer, index=model_input.index)

    def save(self, folder: Path) -> None:
        """Write the model into a new folder."""
        folder.mkdir(parents=True)
        values = self.classifier.save(folder)
        files = {_name(path, folder): file_sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}
        description = {
            "format": FORMAT,
            "toolkit": toolkit.__version__,
            "name": self.name,
            "scheme": self.scheme.to_dict(),
            "config": self.config.model_dump(mode="json"),
            "thresholds": self.thresholds,
            "calibration": self.calibration.to_dict(),
            "classifier": values,
            "files": files,
        }
        (folder / "model.json").write_text(json.dumps(description, indent=1, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, *, trust_remote_code: bool = False) -> StanceModel:
        """Load a saved model.

        Raises ModelError where a file is missing, unexpected, changed or not to be trusted, and where the model would
        run Python code that came with its weights without ``trust_remote_code``.
        """
        folder = find_model_folder(folder)
        try:
            told = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            if told["format"] != FORMAT:
                raise ModelError(f"{folder}: has the format {told['format']}, this toolkit reads {FORMAT}.")
            scheme = LabelScheme.model_validate(told["scheme"])
            config = _MODEL_CONFIG.validate_python(told["config"])
            if needs_remote_code(config) and not trust_remote_code:
                raise ModelError(
                    f"{folder}: runs Python code that came with its weights; allow it with --trust-remote-code."
                )
            _verify_files(folder, told["files"])
            classifier = restore(config, scheme, folder, told["classifier"])
            thresholds = tuple(told["thresholds"]) if told["thresholds"] is not None else None
            calibration = Calibration.from_dict(told["calibration"], scheme.multi_label)
            return cls(told["name"], scheme, config, classifier, thresholds, calibration)
        except (OSError, ValueError, KeyError, TypeError, RecursionError, ValidationError) as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise ModelError(f"{folder}: model.json cannot be read: {reason}.") from None


def own_models() -> dict[str, Path]:
    """Return the folders of the models that come with the toolkit, by their label scheme."""
    return {path.parent.name: path.parent for path in sorted(_OWN.glob("*/model.json"))}


def find_model_folder(folder: Path) -> Path:
    """Return the folder with ``model.json``: the folder itself, or the data of an MLflow model folder."""
    for place in (folder, *sorted((folder / "data").glob("*"))):
        if (place / "model.json").is_file():
            return place
    raise ModelError(f"{folder}: is not a model of this toolkit (there is no model.json in it).")


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _verify_files(folder: Path, files: Mapping[str, str]) -> None:
    found = {_name(path, folder) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()} - {
        "model.json"
    }
    for name in sorted(found ^ set(files)):
        problem = "is missing" if name in files else "does not belong to the model"
        raise ModelError(f"{folder / name}: {problem}.")
    for name, digest in files.items():
        if (folder / name).is_symlink() or file_sha256(folder / name) != digest:
            raise ModelError(f"{folder / name}: has been changed since the model was saved; it is not loaded.")


def _load_pyfunc(path: str) -> StanceModel:
    """Load the model for MLflow, which calls this with the model's data folder."""
    return StanceModel.load(Path(path), trust_remote_code=os.environ.get("STANCE_TRUST_REMOTE_CODE") == "1")
