"""From news articles to labelled, attributed statements and the study of them.

The floors of the house: imports go down only, and rooms on one floor do not import each other.

    cli | notebook                                 commands: parse, one call, print | the same for Python
    experiment | prediction | labeling             train, track, flow | articles or statements in, rows out | who labels
    review | study                                 runs compared, sliced, explained | what predictions say of the world
    tracking | model | report | corpora            runs and registry | what is saved and served | tables, plots | import
    tuning | config                                search, cross-validation, choice | strict YAML
    classifiers | quotes | gold | evaluation       learn and answer | extract | join and check | figures
    inputs | decisions | answers | splits | work   what a model reads | thresholds | its columns | leak-free | resumable
    storage | settings | codebook                  files | what a model may be told | rules read with their grammar
    labels | lexicon | marks                       label schemes | words | quotation marks
    records
    errors | version
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.version import __version__

if TYPE_CHECKING:
    from toolkit.notebook import evaluate, extract, load_model, predict, train

__all__ = ["__version__", "evaluate", "extract", "load_model", "predict", "train"]


def __getattr__(name: str) -> Any:
    # What notebooks import from here is looked up when it is asked for: the program starts without it.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from toolkit import notebook

    return getattr(notebook, name)
