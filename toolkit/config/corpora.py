"""What a public corpus's description may say: how its published files are read, and what its labels become."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from toolkit.config.blocks import block_names, find_block, in_project, project_root
from toolkit.config.document import read
from toolkit.config.load import load_scheme
from toolkit.config.messages import validate
from toolkit.errors import ConfigError, UsageError, nearest
from toolkit.labels import LabelScheme
from toolkit.settings import Strict

__all__ = [
    "Columns",
    "CorpusConfig",
    "CorpusReader",
    "DatasetReader",
    "DocumentReader",
    "Mapping",
    "StandoffReader",
    "TableReader",
    "load_corpus",
]


class Mapping(Strict):
    """Where a corpus has the labels of one of our schemes, and what each of its values becomes."""

    column: str = "label"
    labels: dict[str, list[str]] = Field(min_length=1)
    """The published value, and our labels; an empty list means none of them. A value that is missing here is an
    error of its row, which is set aside and listed."""


class Columns(Strict):
    """Names of the published columns (their numbers from 0 where a table has no header)."""

    text: str
    id: str | None = None
    group: str | None = None
    """What must never cross a split, a document for example; without it every text is a document of its own."""
    speaker: str | None = None
    target: str | None = None
    context: str | None = None


class TableReader(Strict):
    """A delimited text file, one statement a line."""

    kind: Literal["table"]
    delimiter: str = Field(default="\t", min_length=1, max_length=1)
    encoding: str = "utf-8"
    header: bool = True
    quoting: bool = True
    """Whether double quotes wrap cells; off, they are letters like any other."""
    columns: Columns


class DatasetReader(Strict):
    """Whatever ``datasets.load_dataset`` reads: a folder or file on this machine, or an id of the Hugging Face hub."""

    kind: Literal["dataset"]
    name: str | None = None
    split: str = "train"
    columns: Columns


class CorpusReader(Strict):
    """A corpus with a layout of its own."""

    kind: Literal["polnear", "newsmtsc", "rumoureval"]


class DocumentReader(Strict):
    """Documents as a site or an archive publishes them: articles, and who speaks in them; no labels."""

    kind: Literal["wikinews", "whitehouse", "kremlin", "ungd"]


class StandoffReader(Strict):
    """Labels that point into documents published elsewhere, which lie in a folder for each corpus."""

    kind: Literal["standoff"]
    annotations: str
    """The file of labels, below the project's folder."""


Reader: TypeAlias = Annotated[
    TableReader | DatasetReader | CorpusReader | DocumentReader | StandoffReader, Field(discriminator="kind")
]


class CorpusConfig(Strict):
    """A public corpus: what it is, where it is published, how it is read."""

    name: str
    description: str
    published: str
    """Where to get the files."""
    language: str | None = None
    reader: Reader
    schemes: dict[str, Mapping] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _labels_to_import(self) -> CorpusConfig:
        unlabelled = self.reader.kind == "polnear" or isinstance(self.reader, DocumentReader | StandoffReader)
        if not unlabelled and not self.schemes:
            raise ValueError("give at least one scheme with its mapping")
        return self


def load_corpus(name: str) -> tuple[CorpusConfig, list[LabelScheme]]:
    """Read configs/data/NAME.yaml (of the project around the working folder, else the shipped one), or a path.

    Returns the description and the label schemes that it maps to. Raises ConfigError with every mistake, UsageError
    for an unknown name.
    """
    root = project_root(Path.cwd() / "-")
    found = Path(name) if name.endswith((".yaml", ".yml")) and Path(name).is_file() else find_block(root, "data", name)
    if found is None:
        known = block_names(root, "data")
        raise UsageError(f"{name!r} is no corpus{nearest(name, known)}; known: {', '.join(known)}, or a YAML file.")
    document = read(found)
    root = project_root(found)
    config = _with_found_file(validate(CorpusConfig, document), root)
    problems: list[str] = []
    schemes: list[LabelScheme] = []
    for key, mapping in config.schemes.items():
        where = document.where(("schemes", key))
        try:
            scheme = load_scheme(key, root, f"{where}: schemes.{key}")
        except ConfigError as error:
            problems += error.problems
            continue
        schemes.append(scheme)
        for value, labels in mapping.labels.items():
            if problem := scheme.problem_with(labels):
                place = ("schemes", key, "labels", value)
                problems.append(f"{document.where(place)}: schemes.{key}.labels.{value}: {problem}.")
    if problems:
        raise ConfigError(problems)
    return config, schemes


def _with_found_file(config: CorpusConfig, root: Path) -> CorpusConfig:
    """Let a file of labels be named below the project's folder, whatever the working folder is."""
    if not isinstance(config.reader, StandoffReader):
        return config
    reader = config.reader.model_copy(update={"annotations": str(in_project(root, config.reader.annotations))})
    return config.model_copy(update={"reader": reader})
