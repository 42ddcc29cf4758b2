"""Who does the parts: this process, several of this machine, or a cluster. All of them do the same."""

from toolkit.prediction.engines.kept import Engine, Kept
from toolkit.prediction.engines.local import local
from toolkit.prediction.engines.ray import ray
from toolkit.prediction.engines.spark import spark

__all__ = ["Engine", "Kept", "local", "ray", "spark"]
