"""A whole experiment, from articles to registered models, as one readable function; a model recalibrated."""

from toolkit.experiment.flow import Outcome, run_experiment
from toolkit.experiment.recalibration import Recalibration, log_recalibration, recalibrated

__all__ = ["Outcome", "Recalibration", "log_recalibration", "recalibrated", "run_experiment"]
