"""Configuration: one strict YAML file tells a whole experiment; building blocks in configs/ are named from it."""

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
from toolkit.config.load import load_experiment, load_model_settings, load_scheme, project_root
from toolkit.config.messages import read_as
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
    "load_corpus",
    "load_experiment",
    "load_model_settings",
    "load_scheme",
    "project_root",
    "read_as",
]
