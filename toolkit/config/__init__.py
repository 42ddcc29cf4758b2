"""Configuration: one strict YAML file tells a whole experiment; building blocks in configs/ are named from it."""

from toolkit.config.blocks import block_names, experiment_path, in_project, project_root, shipped
from toolkit.config.corpora import (
    Columns,
    CorpusConfig,
    DatasetReader,
    DocumentReader,
    Mapping,
    StandoffReader,
    TableReader,
    load_corpus,
)
from toolkit.config.json_schema import SCHEMAS, json_schema, schema_line
from toolkit.config.load import load_experiment, load_scheme
from toolkit.config.messages import read_as
from toolkit.config.origin import Value, as_yaml, trace_experiment
from toolkit.config.project import make_project
from toolkit.config.schema import (
    DataConfig,
    EvaluationConfig,
    ExperimentConfig,
    FixedSplit,
    GroupedSplit,
    LeaveOutSplit,
    NestedSplit,
    SplitConfig,
    TuningConfig,
)

__all__ = [
    "SCHEMAS",
    "Columns",
    "CorpusConfig",
    "DataConfig",
    "DatasetReader",
    "DocumentReader",
    "EvaluationConfig",
    "ExperimentConfig",
    "FixedSplit",
    "GroupedSplit",
    "LeaveOutSplit",
    "Mapping",
    "NestedSplit",
    "SplitConfig",
    "StandoffReader",
    "TableReader",
    "TuningConfig",
    "Value",
    "as_yaml",
    "block_names",
    "experiment_path",
    "in_project",
    "json_schema",
    "load_corpus",
    "load_experiment",
    "load_scheme",
    "make_project",
    "project_root",
    "read_as",
    "schema_line",
    "shipped",
    "trace_experiment",
]
