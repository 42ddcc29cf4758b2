"""Whole experiments, and how good a model is on labelled statements."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.config import experiment_path, load_experiment, project_root
from toolkit.errors import DataError
from toolkit.notebook.given import Given, as_files
from toolkit.notebook.labelling import Model, loaded

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.experiment import Outcome

__all__ = ["evaluate", "train"]


def train(
    experiment: str | Path,
    overrides: Mapping[str, Any] | Sequence[str] = (),
    *,
    resume: bool = False,
    restart: bool = False,
) -> pd.DataFrame:
    """Run an experiment, as ``stance train`` does: train, evaluate once, log to MLflow, register the best model.

    ``experiment`` is a YAML file, or the name of one in ``experiments/`` of the project or of the toolkit
    (``quickstart``). ``overrides`` change values by dotted path: ``{"seed": 7, "tuning.folds": 3}``, or as on the
    command line ``["seed=7"]``. ``resume`` goes on with the interrupted run of the same configuration and data,
    ``restart`` throws it away.

    Returns a row per label scheme and model: ``scheme``, ``model``, ``chosen`` (bool: the best by ``cv``), ``cv`` (what
    ``criterion`` says, 0 to 1), ``statements`` and ``articles`` (held out), then held-out figures, macro averages:
    ``macro F1``, ``P``, ``R``, ``micro F1``, ``AP``, ``Brier``, ``ECE``, each followed by its interval and support
    (``P low``, ``P high``, ``P support``); undefined is NaN. ``registered`` is the URI of the version that was
    registered (None of the others), ``run`` MLflow's id of the experiment's run.

    Raises ConfigError with every mistake of the files, DataError and SplitError for the data, TrackingError for the
    store.
    """
    from toolkit.experiment import run_experiment
    from toolkit.tracking import open_store
    from toolkit.work import Silent, Workplace

    path = experiment_path(Path(experiment))
    pairs = (
        [f"{key}={json.dumps(value)}" for key, value in overrides.items()]
        if isinstance(overrides, Mapping)
        else overrides
    )
    config, schemes = load_experiment(path, list(pairs))
    place = Workplace(Path(".stance-work").resolve(), resume, restart)
    return _compared(run_experiment(config, schemes, project_root(path), open_store(), Silent(), place))


def _compared(outcome: Outcome) -> pd.DataFrame:
    import io

    import pandas as pd

    from toolkit.report import comparison_csv

    frame = pd.read_csv(io.StringIO(comparison_csv(outcome.rows)), keep_default_na=False, na_values=[""])
    versions = {(one.name, one.model): f"models:/{one.name}/{one.version}" for one in outcome.registered}
    frame["registered"] = [versions.get(pair) for pair in zip(frame["scheme"], frame["model"], strict=True)]
    frame["run"] = outcome.run_id
    return frame


def evaluate(
    model: Model,
    labelled: Given,
    *,
    seed: int = 0,
    resamples: int = 2000,
    confidence: float = 0.95,
    trust_remote_code: bool = False,
) -> pd.DataFrame:
    """Compare what a model answers with gold labels.

    ``model`` is what :func:`toolkit.predict` takes. ``labelled`` is a :class:`pathlib.Path`, a list of mappings, or a
    pandas or Arrow table with ``statement_id``, ``text``, ``article_id``, and a column named like the model's label
    scheme that holds lists of labels (``a;b`` in a CSV); rows of several annotators are combined, rows without a label
    (None) are left out.

    Returns a row per figure: ``figure`` (``precision``, ``recall``, ``f1``, ``average_precision``, ``brier``, ``ece``,
    ...), ``label`` (``macro`` and ``micro`` for averages), ``value`` (undefined is NaN), ``low`` and ``high``
    (percentile interval by bootstrap over articles; NaN where there is too little for it), ``support`` (gold
    examples), ``over``, ``undefined_share``; see :func:`toolkit.evaluation.evaluate` for their sources.

    Raises DataError that names the row that cannot be read, and where no row is labelled.
    """
    import pandas as pd

    from toolkit.answers import indicator
    from toolkit.evaluation import Resampling
    from toolkit.evaluation import evaluate as figures_of
    from toolkit.gold import combined
    from toolkit.storage import read_labelled

    _, asked = loaded(model, trust_remote_code=trust_remote_code)
    scheme = asked.scheme
    with as_files(labelled) as files:
        rows = [pair for path in files.paths for pair in read_labelled(path, [scheme])]
    gold = [(one, labels) for one, labels in combined(rows, [scheme]) if scheme.name in labels.by_scheme]
    if not gold:
        raise DataError(f"no statement has a gold label in {scheme.name}.")
    statements = [one for one, _ in gold]
    found = figures_of(
        indicator([labels.by_scheme[scheme.name] for _, labels in gold], scheme.label_names),
        asked.answers(statements),
        [one.article_id for one in statements],
        multi_label=scheme.multi_label,
        resampling=Resampling(seed, resamples, confidence),
    )
    return pd.DataFrame(found.rows())
