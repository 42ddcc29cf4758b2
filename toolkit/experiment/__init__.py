"""A whole experiment, from articles to registered models, as one readable function."""

from toolkit.experiment.flow import Outcome, run_experiment

__all__ = ["Outcome", "run_experiment"]
