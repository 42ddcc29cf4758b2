"""Statements out of articles, labels onto statements, and the models that give them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from toolkit.errors import Remark, UsageError
from toolkit.model import StanceModel, own_models
from toolkit.notebook.given import Files, Given, as_files, as_frame
from toolkit.prediction import Aside, Inputs, Job, Plan, Worker, named_model, whole_table
from toolkit.quotes import Extraction
from toolkit.records import ACTS, Act

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Model", "extract", "load_model", "loaded", "predict"]

Model: TypeAlias = str | Path | StanceModel


def extract(
    articles: Given,
    *,
    include: Sequence[Act] = ACTS,
    parser: str | None = None,
    text_column: str = "text",
    id_column: str | None = None,
    max_errors: int | None = 0,
) -> pd.DataFrame:
    """Extract who is reported to have said what, as ``stance extract`` does.

    ``articles`` is a text (one article), a :class:`pathlib.Path` (a file or a folder), a list of either or of mappings,
    or a pandas or Arrow table with a row per article: ``text``, and where there are any ``article_id``, ``title``,
    ``source``, ``published``, ``url``, ``language``. ``include`` names acts (``said``, ``performed``, ``named``),
    ``parser`` a spaCy pipeline to read sentences with.

    Returns a row per statement, in the order of the articles: your own columns, then ``statement_id``, ``article_id``,
    ``text``, ``spans`` (a list of [start, end], code points of the article's text, end exclusive), ``kind``,
    ``speaker``, ``speaker_start``, ``speaker_end``, ``cue``, ``addressee``, ``act``, ``context``, ``title``,
    ``source``, ``published``. What is not there is missing (NaN or <NA>).

    Raises DataError where more than ``max_errors`` rows cannot be read (None: any number; what is left out is told by a
    :class:`toolkit.errors.Remark`), UsageError for an unknown act and for the name of a file that is given as a text.
    """
    for act in include:
        if act not in ACTS:
            raise UsageError(f"include: {act!r} is no act of a statement; allowed are {', '.join(ACTS)}.")
    job = Job((), articles=True, extraction=Extraction(tuple(include), parser))
    with as_files(articles, text_column) as files:
        return _done(Inputs(files.paths, "articles", text_column, id_column), job, (), files, max_errors)


def predict(
    data: Given,
    model: Model | Sequence[Model] | None = None,
    *,
    holds: Literal["articles", "statements"] | None = None,
    evidence: bool = False,
    text_column: str = "text",
    id_column: str | None = None,
    max_errors: int | None = 0,
    trust_remote_code: bool = False,
) -> pd.DataFrame:
    """Label statements, or the statements of articles, as ``stance predict`` does: the same labels and probabilities.

    ``data`` is a text, a :class:`pathlib.Path` (a file or a folder), a list of either or of mappings, a pandas column
    of texts, or a pandas or Arrow table. Of a statement only ``text`` must be there. Texts are statements unless
    ``holds="articles"`` says otherwise; tables hold statements unless ``article_id`` is their only id. ``model`` is a
    model URI, a folder, what :func:`load_model` returned, or a list of these for several label schemes; without it the
    toolkit's own models of stance and sentiment answer.

    Returns a row per statement, for statements in the order and with the index of what was given: your own columns,
    ``model``, then for each scheme a column of its name with the list of labels, and ``SCHEME_LABEL``, the probability
    of each label (0 to 1); ``SCHEME_withheld`` (bool) of models that abstain, ``SCHEME_evidence`` (what the rules of
    the codebook found) with ``evidence``.

    Raises DataError where more than ``max_errors`` rows cannot be read (None: any number; what is left out is told by a
    :class:`toolkit.errors.Remark`), ModelError for a model that cannot be had or trusted, UsageError for two models of
    one label scheme.
    """
    asked = [model] if isinstance(model, Model) else list(model or own_models().values())
    models = [loaded(one, trust_remote_code=trust_remote_code) for one in asked]
    with as_files(data, text_column) as files:
        inputs = Inputs(files.paths, holds, text_column, id_column)
        articles = Plan(inputs).articles
        job = Job(tuple((name, Path()) for name, _ in models), articles=articles, evidence=evidence)
        return _done(inputs, job, tuple(one for _, one in models), files, max_errors)


def load_model(model: str | Path, *, trust_remote_code: bool = False) -> StanceModel:
    """Load a model: ``stance`` or ``sentiment`` of the toolkit, a folder, or a URI of the store in the working folder
    (``models:/stance@champion``, ``runs:/ID/model``; ``MLFLOW_TRACKING_URI`` names another store).

    Returns a :class:`toolkit.model.StanceModel`, whose ``scheme`` is the codebook with ``label_names``, and which
    :func:`predict` and :func:`evaluate` take. Raises ModelError where it cannot be had, was changed, or would run
    Python code that came with its weights without ``trust_remote_code``.
    """
    return loaded(model, trust_remote_code=trust_remote_code)[1]


def loaded(model: Model, *, trust_remote_code: bool = False) -> tuple[str, StanceModel]:
    """Return what the column ``model`` says of a model, and the model. Raises ModelError where it cannot be had."""
    if isinstance(model, StanceModel):
        return model.name, model
    own = own_models()
    told = str(model)
    if not Path(told).is_dir() and told in own:
        model = own[told]
    name, folder = named_model(str(model))
    return name, StanceModel.load(folder, trust_remote_code=trust_remote_code)


def _done(
    inputs: Inputs, job: Job, models: tuple[StanceModel, ...], files: Files, max_errors: int | None
) -> pd.DataFrame:
    plan = Plan(inputs, Aside(max_errors, files.names))
    frame = as_frame(whole_table(plan, Worker(job, models)))
    if plan.aside.count:
        rows = (
            "1 row could not be read and is"
            if plan.aside.count == 1
            else f"{plan.aside.count} rows could not be read and are"
        )
        told = f"{rows} left out: {plan.aside.reasons[0]}"
        warnings.warn(told, Remark, stacklevel=3)
    if files.index is not None and not plan.articles and len(frame) == len(files.index):
        frame.index = files.index
    return frame
