"""Configuration: one strict YAML file tells a whole experiment; building blocks in configs/ are named from it."""

from toolkit.config.behaviour import (
    Base,
    BehaviourConfig,
    Case,
    Direction,
    Functionality,
    Invariance,
    load_behaviour,
)
from toolkit.config.blocks import block_names, experiment_path, in_project, project_root, shipped
from toolkit.config.checking import KINDS_OF_FILES, check_files, files_below
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
from toolkit.config.load import load_experiment, load_model_settings, load_scheme
from toolkit.config.messages import read_as
from toolkit.config.origin import Value, as_yaml, trace_experiment
from toolkit.config.project import make_project
from toolkit.config.schema import (
    CurveConfig,
    DataConfig,
    EvaluationConfig,
    ExperimentConfig,
    FixedSplit,
    GroupedSplit,
    LeaveOutSplit,
    NestedSplit,
    RollingSplit,
    ShiftedSplit,
    SplitConfig,
    TuningConfig,
)

__all__ = [
    "KINDS_OF_FILES",
    "SCHEMAS",
    "Base",
    "BehaviourConfig",
    "Case",
    "Columns",
    "CorpusConfig",
    "CurveConfig",
    "DataConfig",
    "DatasetReader",
    "Direction",
    "DocumentReader",
    "EvaluationConfig",
    "ExperimentConfig",
    "FixedSplit",
    "Functionality",
    "GroupedSplit",
    "Invariance",
    "LeaveOutSplit",
    "Mapping",
    "NestedSplit",
    "RollingSplit",
    "ShiftedSplit",
    "SplitConfig",
    "StandoffReader",
    "TableReader",
    "TuningConfig",
    "Value",
    "as_yaml",
    "block_names",
    "check_files",
    "experiment_path",
    "files_below",
    "in_project",
    "json_schema",
    "load_behaviour",
    "load_corpus",
    "load_experiment",
    "load_model_settings",
    "load_scheme",
    "make_project",
    "project_root",
    "read_as",
    "schema_line",
    "shipped",
    "trace_experiment",
]
