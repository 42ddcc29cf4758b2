"""What is saved, loaded and served: a classifier with its label scheme, input fields and thresholds.

A saved model is a folder: ``model.json`` tells everything that is plain, with the SHA-256 of every other file and a
digest of all that it tells itself. The same folder is the data of an MLflow pyfunc model, which MLflow loads through
:func:`_load_pyfunc`. The toolkit itself loads only this folder, checks every file, and never runs code that a model
brings along.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from toolkit.answers import Answers, Columns
from toolkit.classifiers import AnyModel, Classifier, restore
from toolkit.codebook import Codebook
from toolkit.decisions import Decision
from toolkit.errors import ModelError, first_line
from toolkit.inputs import read_by, statements_given
from toolkit.labels import LabelScheme
from toolkit.records import Statement
from toolkit.settings import ModelSettings
from toolkit.storage import Statements, evidence_cell, file_sha256, is_whole, read_object, sealed, statements_of
from toolkit.version import __version__

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["CARD", "StanceModel", "find_model_folder", "own_models"]

FORMAT = 3
_FILE = "model.json"
_OWN = Path(__file__).parent / "own_models"
CARD = _OWN / "CARD.md"
"""What the models that come with the toolkit are, what they reach, and what they must not be used for."""
_READ = ("text", "cue", "context", "speaker", "target", "addressee", "kind", "act")
"""What a model can read of a statement, its places in the article aside."""
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

        if isinstance(statements, Statements) and self.config.roles == "keep":
            statements = statements.select(_READ)
            if (alike := _alike(statements.table)) is not None:
                first, rows = alike  # what is read the same is answered once
                return Answers.joined([self.answers(statements.take(first), evidence=evidence)], rows)
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

        Raises DataError that names row and column where a text is missing, blank, or none at all: a number, bytes.
        """
        import pandas as pd

        answer = self.answers(statements_given(model_input)).to_arrow()
        index = model_input.index if isinstance(model_input, pd.DataFrame | pd.Series) else None
        if index is not None and len(index) != len(answer):  # lists by column, which came as one row
            index = None
        return pd.DataFrame({name: answer[name].to_pylist() for name in answer.column_names}, index=index)

    def save(self, folder: Path) -> None:
        """Write the model into a new folder."""
        folder.mkdir(parents=True)
        values = self.classifier.save(folder)
        files = {_name(path, folder): file_sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}
        description = {
            "format": FORMAT,
            "toolkit": __version__,
            "name": self.name,
            "scheme": self.scheme.to_dict(),
            "config": self.config.model_dump(mode="json"),
            "thresholds": self.decision.thresholds,
            "calibration": self.decision.calibration.to_dict(),
            "classifier": values,
            "files": files,
        }
        told = json.dumps(sealed(description), indent=1, ensure_ascii=False)
        (folder / _FILE).write_text(told, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, *, trust_remote_code: bool = False) -> StanceModel:
        """Load a saved model.

        Raises ModelError where a file is missing, unexpected, changed or not to be trusted, and where the model would
        run Python code that came with its weights without ``trust_remote_code``.
        """
        folder = find_model_folder(folder)
        try:
            told = read_object(folder / _FILE)
            if told["format"] != FORMAT:
                problem = f"has the format {told['format']}, this toolkit reads {FORMAT}"
                advice = "train it again with this version" if told["format"] in (1, 2) else "use a newer version of it"
                raise ModelError(f"{folder}: {problem}; {advice}.")
            if not is_whole(told):
                raise ModelError(f"{folder / _FILE}: has been changed since the model was saved; it is not loaded.")
            scheme = LabelScheme.model_validate(told["scheme"])
            config = _SETTINGS.validate_python(told["config"])
            if config.runs_remote_code and not trust_remote_code:
                raise ModelError(
                    f"{folder}: runs Python code that came with its weights; allow it with --trust-remote-code."
                )
            _verify_files(folder, told["files"])
            classifier = restore(config, scheme, folder, told["classifier"])
            decision = Decision.from_dict(told, len(scheme.labels), scheme.multi_label, config.abstain_below)
            if not isinstance(told["name"], str):
                raise ValueError("name: a word is expected")
            return cls(told["name"], scheme, config, classifier, decision)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise ModelError(f"{folder}: {_FILE} cannot be read: {_told(error)}.") from None


def own_models() -> dict[str, Path]:
    """Return the folders of the models that come with the toolkit, by their label scheme."""
    return {path.parent.name: path.parent for path in sorted(_OWN.glob("*/model.json"))}


def find_model_folder(folder: Path) -> Path:
    """Return the folder with ``model.json``: the folder itself, or the data of an MLflow model folder."""
    for place in (folder, *sorted((folder / "data").glob("*"))):
        if (place / _FILE).is_file():
            return place
    raise ModelError(f"{folder}: is not a model of this toolkit (there is no model.json in it).")


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{first_line(error)} is missing" if isinstance(error, KeyError) else first_line(error)


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _verify_files(folder: Path, files: Mapping[str, str]) -> None:
    if not isinstance(files, dict):
        raise ValueError("files: a mapping of names to digests is expected")
    for name, digest in files.items():
        if not _is_below(name) or not isinstance(digest, str):
            raise ModelError(f"{folder / _FILE}: files: {name!r} is no file of this folder with a digest.")
    found = {_name(path, folder) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()} - {_FILE}
    for name in sorted(found ^ set(files)):
        problem = "is missing" if name in files else "does not belong to the model"
        raise ModelError(f"{folder / name}: {problem}.")
    for name, digest in files.items():
        if (folder / name).is_symlink() or file_sha256(folder / name) != digest:
            raise ModelError(f"{folder / name}: has been changed since the model was saved; it is not loaded.")


def _alike(table: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Return the first of all rows that are the same, and for every row the number of its first; None: no two are."""
    import numpy as np

    if len(table) == len(table["text"].unique()):
        return None
    codes = [column.combine_chunks().dictionary_encode().indices for column in table.columns]
    keys = np.stack([code.fill_null(-1).to_numpy(zero_copy_only=False) for code in codes])
    _, first, rows = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    return None if len(first) == len(table) else (first, rows.reshape(-1))


def _is_below(name: str) -> bool:
    return PurePosixPath(name).as_posix() == name and not {"..", "/", "."} & set(PurePosixPath(name).parts)


def _load_pyfunc(path: str) -> StanceModel:
    """Load the model for MLflow, which calls this with the model's data folder."""
    return StanceModel.load(Path(path), trust_remote_code=os.environ.get("STANCE_TRUST_REMOTE_CODE") == "1")
