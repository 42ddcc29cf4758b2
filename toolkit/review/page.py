"""One page for a run or an experiment, from what was logged alone: no model is loaded."""

from __future__ import annotations

from collections.abc import Callable

from toolkit.evaluation import figure_said
from toolkit.report import Page, Section, Value, page_html
from toolkit.review.behaving import behaviour
from toolkit.review.limiting import limits
from toolkit.review.reviewed import Reviewed
from toolkit.review.shifting import shift
from toolkit.review.showing import calibration, mistakes, results
from toolkit.review.slicing import slices
from toolkit.review.telling import codebook, data, protocol, question, reproduce
from toolkit.review.weighing import verdicts
from toolkit.version import __version__

__all__ = ["review_html"]

_SECTIONS: tuple[Callable[[Reviewed], Section | None], ...] = (
    question,
    results,
    verdicts,
    slices,
    behaviour,
    shift,
    calibration,
    mistakes,
    limits,
    data,
    codebook,
    protocol,
    reproduce,
)


def review_html(of: Reviewed) -> str:
    """Return the page; the same runs give the same bytes. Raises ToolkitError where an artifact cannot be read."""
    sections = tuple(one for section in _SECTIONS if (one := section(of)) is not None)
    made = f"Made by stance-toolkit {__version__} from run {of.run_id} and its held-out tables alone."
    return page_html(Page(of.name, tuple(_lead(of)), tuple(_facts(of)), sections, made))


def _lead(of: Reviewed) -> list[str]:
    lines = []
    for scheme in of.schemes:
        found = of.compared.get(scheme)
        lines.append(" ".join([_answer(of, scheme), *(found.sentences if found else ())]))
    return lines


def _answer(of: Reviewed, scheme: str) -> str:
    chosen, models = of.chosen(scheme), of.of(scheme)
    figure = chosen.figure("f1/macro")
    on = f"{chosen.evaluation.n:,} held-out statements of {chosen.evaluation.n_articles:,} articles"
    value = Value(figure.value, figure.low, figure.high)
    if len(models) == 1:
        return f"{scheme}: {chosen.name} has a macro F1 of {value} on {on}."
    how = "cross-validation" if of.unseen is None else f"the figure of unseen {of.unseen}"
    first = f"{how} chose {chosen.name}" if of.score(chosen) is not None else f"the first is {chosen.name}"
    return f"{scheme}: of {len(models)} models {first}; its macro F1 is {value} on {on}."


def _facts(of: Reviewed) -> list[tuple[str, str, str]]:
    size = of.models[0].evaluation
    facts = []
    for scheme in of.schemes:
        defined = [model for model in of.of(scheme) if model.figure("f1/macro").value is not None]
        if defined:
            best = max(defined, key=lambda model: model.figure("f1/macro").value or 0.0)
            one = best.figure("f1/macro")
            facts.append(
                (f"Highest {figure_said('f1/macro')}, {scheme}", str(Value(one.value, one.low, one.high)), best.name)
            )
    facts.append(("Held out", f"{size.n:,} statements", f"{size.n_articles:,} articles"))
    if of.experiment is not None:
        rests = "in the end; each part was judged before" if of.final_saw_all else "none of a held-out article"
        facts.append(("Trained on", f"{len(of.experiment.sides.training):,} statements", rests))
    return facts
