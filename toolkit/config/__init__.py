"""Configuration: one strict YAML file tells a whole experiment; building blocks in configs/ are named from it."""

from toolkit.config.load import load_experiment, load_scheme, project_root, with_changes
from toolkit.config.schema import (
    ComplementNB,
    CuesModel,
    DataConfig,
    EvaluationConfig,
    ExperimentConfig,
    LinearModel,
    LinearSVM,
    LogisticRegression,
    MajorityModel,
    ModelConfig,
    SplitConfig,
    TuningConfig,
)

__all__ = [
    "ComplementNB",
    "CuesModel",
    "DataConfig",
    "EvaluationConfig",
    "ExperimentConfig",
    "LinearModel",
    "LinearSVM",
    "LogisticRegression",
    "MajorityModel",
    "ModelConfig",
    "SplitConfig",
    "TuningConfig",
    "load_experiment",
    "load_scheme",
    "project_root",
    "with_changes",
]
