"""What is saved, loaded and served: a classifier with its label scheme, input fields and thresholds.

A saved model is a folder: ``model.json`` tells everything that is plain, with the SHA-256 of every other file. The
same folder is the data of an MLflow pyfunc model, which MLflow loads through :func:`_load_pyfunc`. The toolkit itself
loads only this folder, checks every file, and never runs code that a model brings along.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

import toolkit
from toolkit.classifiers import Classifier, decide, restore
from toolkit.config import ModelConfig
from toolkit.errors import ModelError
from toolkit.labels import LabelScheme
from toolkit.records import Prediction, Statement
from toolkit.storage import file_sha256

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["StanceModel", "find_model_folder", "input_text"]

FORMAT = 1
_MODEL_CONFIG: TypeAdapter[ModelConfig] = TypeAdapter(ModelConfig)


def input_text(values: Mapping[str, str | None], fields: Sequence[str]) -> str:
    """Return what a model reads of a statement: its fields joined by a space, the text where all are absent."""
    return " ".join(value for field in fields if (value := values.get(field))) or values.get("text") or ""


@dataclass(frozen=True, slots=True)
class StanceModel:
    """A fitted classifier and everything that is needed to use it."""

    name: str
    scheme: LabelScheme
    config: ModelConfig
    classifier: Classifier
    thresholds: tuple[float, ...] | None

    @property
    def output_columns(self) -> list[str]:
        """The columns of an answer: the labels, then a probability for each label of the scheme."""
        return [self.scheme.name, *(f"{self.scheme.name}_{label}" for label in self.scheme.label_names)]

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return probabilities, (n, labels), of input texts (:func:`input_text`)."""
        import numpy as np

        if not texts:
            return np.zeros((0, len(self.scheme.labels)))
        return self.classifier.predict_proba(texts)

    def labels_of(self, probabilities: NDArray[np.float64]) -> list[tuple[str, ...]]:
        """Return the labels of every row of probabilities, by the model's thresholds."""
        names = self.scheme.label_names
        rows = decide(probabilities, self.thresholds)
        return [tuple(name for name, given in zip(names, row, strict=True) if given) for row in rows]

    def predict_statements(self, statements: Sequence[Statement], model: str) -> list[Prediction]:
        """Return a prediction for every statement, in order; ``model`` is the name to put into each."""
        fields = self.config.input
        texts = [input_text({field: getattr(s, field) for field in (*fields, "text")}, fields) for s in statements]
        probabilities = self.probabilities(texts)
        names, scheme = self.scheme.label_names, self.scheme.name
        return [
            Prediction(
                statement_id=statement.statement_id,
                model=model,
                labels={scheme: labels},
                probabilities={scheme: dict(zip(names, map(float, row), strict=True))},
            )
            for statement, labels, row in zip(statements, self.labels_of(probabilities), probabilities, strict=True)
        ]

    def predict(self, model_input: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Answer MLflow: a data frame with the column ``text`` in, a row per row out (:attr:`output_columns`).

        The text is what the model reads (:func:`input_text`). Raises ValueError that names the rows whose text is
        null.
        """
        import pandas as pd

        texts = model_input["text"].tolist()
        missing = [i for i, text in enumerate(texts) if not isinstance(text, str)]
        if missing:
            raise ValueError(
                f"column 'text' is null in row {missing[0]} ({len(missing)} in all); give every row a text."
            )
        probabilities = self.probabilities(texts)
        answer: dict[str, Any] = {self.scheme.name: [list(labels) for labels in self.labels_of(probabilities)]}
        for k, column in enumerate(self.output_columns[1:]):
            answer[column] = probabilities[:, k]
        return pd.DataFrame(answer, index=model_input.index)

    def save(self, folder: Path) -> None:
        """Write the model into a new folder."""
        folder.mkdir(parents=True)
        values = self.classifier.save(folder)
        files = {path.name: file_sha256(path) for path in sorted(folder.iterdir())}
        description = {
            "format": FORMAT,
            "toolkit": toolkit.__version__,
            "name": self.name,
            "scheme": self.scheme.to_dict(),
            "config": self.config.model_dump(mode="json"),
            "thresholds": self.thresholds,
            "classifier": values,
            "files": files,
        }
        (folder / "model.json").write_text(json.dumps(description, indent=1, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> StanceModel:
        """Load a saved model; raises ModelError where a file is missing, unexpected, changed or not to be trusted."""
        folder = find_model_folder(folder)
        try:
            told = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            if told["format"] != FORMAT:
                raise ModelError(f"{folder}: has the format {told['format']}, this toolkit reads {FORMAT}.")
            scheme = LabelScheme.model_validate(told["scheme"])
            config = _MODEL_CONFIG.validate_python(told["config"])
            _verify_files(folder, told["files"])
            classifier = restore(config, scheme, folder, told["classifier"])
            thresholds = tuple(told["thresholds"]) if told["thresholds"] is not None else None
            return cls(told["name"], scheme, config, classifier, thresholds)
        except (OSError, ValueError, KeyError, TypeError, RecursionError, ValidationError) as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise ModelError(f"{folder}: model.json cannot be read: {reason}.") from None


def find_model_folder(folder: Path) -> Path:
    """Return the folder with ``model.json``: the folder itself, or the data of an MLflow model folder."""
    for place in (folder, *sorted((folder / "data").glob("*"))):
        if (place / "model.json").is_file():
            return place
    raise ModelError(f"{folder}: is not a model of this toolkit (there is no model.json in it).")


def _verify_files(folder: Path, files: Mapping[str, str]) -> None:
    found = {path.name for path in folder.iterdir()} - {"model.json"}
    for name in sorted(found ^ set(files)):
        problem = "is missing" if name in files else "does not belong to the model"
        raise ModelError(f"{folder / name}: {problem}.")
    for name, digest in files.items():
        if (folder / name).is_symlink() or file_sha256(folder / name) != digest:
            raise ModelError(f"{folder / name}: has been changed since the model was saved; it is not loaded.")


def _load_pyfunc(path: str) -> StanceModel:
    """Load the model for MLflow, which calls this with the model's data folder."""
    return StanceModel.load(Path(path))
