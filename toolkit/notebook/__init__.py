"""The toolkit for notebooks and scripts: what the commands do, with tables in and pandas data frames out."""

from toolkit.notebook.labelling import extract, load_model, predict
from toolkit.notebook.training import evaluate, train

__all__ = ["evaluate", "extract", "load_model", "predict", "train"]
