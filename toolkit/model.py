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
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

import toolkit
from toolkit.answers import Answers, Columns
from toolkit.classifiers import AnyModel, Classifier, restore
from toolkit.codebook import Codebook
from toolkit.decisions import Calibration, Decision
from toolkit.errors import DataError, ModelError, first_line
from toolkit.inputs import read_by
from toolkit.labels import LabelScheme
from toolkit.records import Statement
from toolkit.settings import ModelSettings
from toolkit.storage import evidence_cell, file_sha256, record_schema, statements_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["CARD", "StanceModel", "find_model_folder", "own_models"]

FORMAT = 3
_OWN = Path(__file__).parent / "own_models"
CARD = _OWN / "CARD.md"
"""What the models that come with the toolkit are, what they reach, and what they must not be used for."""
_SETTINGS: TypeAdapter[ModelSettings] = TypeAdapter(AnyModel)


@dataclass(frozen=True)
class StanceModel:
    """A fitted classifier and everything that is needed to use it."""

    name: str
    scheme: LabelScheme
    config: ModelSettings
    classifier: Classifier
    decision: Decision

    @property
    def abstains(self) -> bool:
        """Whether answers of low confidence are marked as withheld."""
        return self.decision.abstain_below is not None

    def columns(self, *, evidence: bool = False) -> Columns:
        """Return the columns of an answer."""
        return Columns(self.scheme.name, tuple(self.scheme.label_names), self.abstains, evidence)

    def answer(self, table: pa.Table, *, evidence: bool = False) -> pa.Table:
        """Answer a table of statements (all columns but ``text`` optional) with a table of the same rows.

        Every way to ask a model comes through here or :meth:`answers`. Raises DataError that names row and column.
        """
        return self.answers(statements_of(table), evidence=evidence).to_arrow()

    def answers(self, statements: Sequence[Statement], *, evidence: bool = False) -> Answers:
        """Answer statements, in order; with ``evidence``, say what the rules of the label scheme find in each."""
        import numpy as np

        probabilities = np.zeros((0, len(self.scheme.labels)))
        if statements:
            probabilities = self.classifier.predict_proba(read_by(self.config, statements))
        probabilities, given = self.decision.of(probabilities)
        withheld = self.decision.withheld(probabilities, given, self.scheme.multi_label)
        found = self._evidence(statements) if evidence else None
        return Answers(self.columns(evidence=evidence), probabilities, given, withheld, found)

    @cached_property
    def _codebook(self) -> Codebook:
        return Codebook(self.scheme)

    def _evidence(self, statements: Sequence[Statement]) -> list[list[dict[str, Any]]]:
        book = self._codebook
        return [[evidence_cell(s, one) for one in book.evidence(book.find(s))] for s in statements]

    def predict(self, model_input: Any, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Answer MLflow: a data frame with the columns of statements, or texts alone, in; a row per row out.

        Raises DataError that names row and column.
        """
        import pandas as pd

        answer = self.answer(_as_table(model_input))
        index = model_input.index if isinstance(model_input, pd.DataFrame | pd.Series) else None
        return pd.DataFrame({name: answer[name].to_pylist() for name in answer.column_names}, index=index)

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
            "thresholds": self.decision.thresholds,
            "calibration": self.decision.calibration.to_dict(),
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
                problem = f"has the format {told['format']}, this toolkit reads {FORMAT}"
                advice = "train it again with this version" if told["format"] in (1, 2) else "use a newer version of it"
                raise ModelError(f"{folder}: {problem}; {advice}.")
            scheme = LabelScheme.model_validate(told["scheme"])
            config = _SETTINGS.validate_python(told["config"])
            if config.runs_remote_code and not trust_remote_code:
                raise ModelError(
                    f"{folder}: runs Python code that came with its weights; allow it with --trust-remote-code."
                )
            _verify_files(folder, told["files"])
            classifier = restore(config, scheme, folder, told["classifier"])
            thresholds = tuple(told["thresholds"]) if told["thresholds"] is not None else None
            calibration = Calibration.from_dict(told["calibration"], scheme.multi_label)
            decision = Decision(calibration, thresholds, config.abstain_below)
            return cls(told["name"], scheme, config, classifier, decision)
        except (OSError, ValueError, KeyError, TypeError, RecursionError, ValidationError) as error:
            raise ModelError(f"{folder}: model.json cannot be read: {first_line(error)}.") from None


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


def _as_table(model_input: Any) -> pa.Table:
    """Return what MLflow, or a person in Python, hands over as a table of statements."""
    import pandas as pd
    import pyarrow as pa

    if isinstance(model_input, pa.Table):
        return model_input
    frame = model_input if isinstance(model_input, pd.DataFrame) else pd.DataFrame({"text": model_input})
    if frame.columns.equals(pd.RangeIndex(1)):  # what pandas, and MLflow with it, makes of a bare list
        frame = frame.set_axis(["text"], axis=1)
    schema = record_schema(Statement)
    return pa.table({name: _cells(frame[name], schema.field(name)) for name in schema.names if name in frame})


def _cells(column: pd.Series, field: pa.Field) -> pa.Array:
    """Return a column of pandas with the type of a statement's; missing whole numbers have made pandas use floats."""
    import pyarrow as pa

    cells, numbers = column.tolist(), pa.types.is_integer(field.type)
    try:
        return pa.array(cells, pa.float64() if numbers else field.type, from_pandas=True).cast(field.type)
    except pa.ArrowException as error:
        raise DataError(f"column {field.name!r} must hold {field.type}: {first_line(error)}.") from None


def _load_pyfunc(path: str) -> StanceModel:
    """Load the model for MLflow, which calls this with the model's data folder."""
    return StanceModel.load(Path(path), trust_remote_code=os.environ.get("STANCE_TRUST_REMOTE_CODE") == "1")
