"""Who does the parts: this process, several of this machine, or a cluster. All of them do the same."""

from toolkit.predict.engines.kept import Engine, Kept
from toolkit.predict.engines.local import local
from toolkit.predict.engines.ray import ray
from toolkit.predict.engines.spark import spark

__all__ = ["Engine", "Kept", "local", "ray", "spark"]
