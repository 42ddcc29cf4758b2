"""A whole experiment, from articles to registered models, as one readable function."""

from toolkit.experiment.flow import Outcome, run_experiment
from toolkit.experiment.progress import Progress, Silent

__all__ = ["Outcome", "Progress", "Silent", "run_experiment"]
