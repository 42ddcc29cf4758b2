"""A whole experiment, from articles to registered champions, as one readable function."""

from toolkit.experiment.flow import Champion, Outcome, run_experiment
from toolkit.experiment.progress import Progress, Silent

__all__ = ["Champion", "Outcome", "Progress", "Silent", "run_experiment"]
