"""The sections of a page that show figures: results, slices, calibration, mistakes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from toolkit.evaluation import Evaluation, Figure, LabelCalibration, ThresholdStability, figure_said
from toolkit.report import (
    Bin,
    Chart,
    Group,
    Line,
    Measured,
    PageTable,
    Part,
    Quotation,
    Section,
    Value,
    coverage_risk,
    forest,
    heat,
    reliability,
)
from toolkit.review.calibration import calibration_of
from toolkit.review.errors import Mistake, errors_of
from toolkit.review.reviewed import Model, Reviewed

__all__ = ["calibration", "mistakes", "results"]

_DECISIONS = ("f1/macro", "precision/macro", "recall/macro", "f1/micro", "average_precision/macro")
_PROBABILITIES = ("brier/macro", "ece/macro", "aurc")
_BY_LABEL = ("precision", "recall", "f1", "average_precision", "brier")
_MISTAKES = 8


def value_of(figure: Figure) -> Value | None:
    """Return a figure as a cell; None is undefined."""
    return None if figure.value is None else Value(figure.value, figure.low, figure.high)


def measured(name: str, figure: Figure) -> Measured:
    """Return a figure as a row of a chart."""
    return Measured(name, figure.value, figure.low, figure.high, figure.support)


# -------------------------------------------------------------------------------------------------------- results


def results(of: Reviewed) -> Section:
    """Every model's held-out figures with intervals, then per label, then what was taken for what."""
    parts: list[Part] = []
    for scheme in of.schemes:
        models = of.of(scheme)
        size = models[0].evaluation
        chosen = of.chosen(scheme)
        rows = [measured(f"{m.name} ★" if m is chosen else m.name, m.figure("f1/macro")) for m in models]
        how = "cross-validation" if of.unseen is None else f"the figure of unseen {of.unseen}"
        labels = tuple(models[0].run.scheme.labels)
        below: list[Part] = [
            f"{size.n:,} held-out statements of {size.n_articles:,} articles; intervals at {size.confidence:.0%}.",
            forest(
                f"{scheme}: macro F1 of every model",
                rows,
                unit="macro F1",
                head="model",
                note=f"★ chosen by {how}." if len(models) > 1 else "",
            ),
            _figures(f"{scheme}: decisions", _decisions(size), models),
            _figures(f"{scheme}: probabilities (lower is better)", _PROBABILITIES, models),
            _figures(f"{scheme}: F1 of every label", [f"f1/{label}" for label in labels], models),
            Group("Every figure of every label", tuple(_by_label(label, models) for label in labels), folded=True),
            Group("What each model took for what", tuple(itertools.chain(*map(_confusion, models))), folded=True),
        ]
        parts.append(Group(scheme, tuple(below)))
    return Section("Results", tuple(parts))


def _figures(caption: str, asked: Sequence[str], models: Sequence[Model]) -> PageTable:
    rows = tuple((model.name, *(value_of(model.figure(name)) for name in asked)) for model in models)
    support = [f"{figure_said(name)} {models[0].figure(name).support:,}" for name in asked]
    note = f"Support: {', '.join(support)}."
    note += " AURC: area under the curve of coverage and risk." if "aurc" in asked else ""
    return PageTable(caption, ("model", *map(figure_said, asked)), rows, note)


def _by_label(label: str, models: Sequence[Model]) -> PageTable:
    rows = tuple((model.name, *(value_of(model.figure(f"{name}/{label}")) for name in _BY_LABEL)) for model in models)
    support = models[0].figure(f"f1/{label}").support
    caption = f"{models[0].run.scheme.name}: {label} ({support:,} gold examples)"
    return PageTable(caption, ("model", *(figure_said(name) for name in _BY_LABEL)), rows)


def _confusion(model: Model) -> Iterator[Chart]:
    for label, matrix in model.evaluation.confusion.items():
        names = [f"not {label}", label] if model.evaluation.multi_label else list(model.evaluation.labels)
        title = f"{model.name}: {label}" if model.evaluation.multi_label else f"{model.name}: gold and predicted"
        yield heat(title, names, names, matrix, across="predicted", down="gold")


def _decisions(evaluation: Evaluation) -> list[str]:
    """Return the figures of what was decided: macro averages, and the share of statements that are right as a whole."""
    whole = [name for name in ("subset_accuracy", "accuracy") if name in evaluation.figures]
    return [*_DECISIONS, *whole]


# ---------------------------------------------------------------------------------------------------- calibration


def calibration(of: Reviewed) -> Section:
    """Whether probabilities mean what they say, and what a model gains by withholding."""
    parts: list[Part] = [
        "A point shows statements of about the same probability; on the dotted line as many of them have the label as "
        "the probability says."
    ]
    for scheme in of.schemes:
        models, chosen = of.of(scheme), of.chosen(scheme)
        below: list[Part] = [_errors_of(scheme, models)]
        found = calibration_of(chosen.run)
        below += [f"{chosen.name}: {sentence}" for sentence in found.sentences()]
        below += [_diagram(chosen.name, one) for one in found.labels]
        below += [_thresholds(chosen.name, found.thresholds)] if found.thresholds else []
        curves = [Line(m.name, tuple((p[0], p[1]) for p in m.evaluation.coverage_risk)) for m in models]
        below.append(coverage_risk(f"{scheme}: wrong answers by the share of statements answered", curves))
        parts.append(Group(scheme, tuple(below)))
    return Section("Calibration", tuple(parts))


def _errors_of(scheme: str, models: Sequence[Model]) -> PageTable:
    labels = list(models[0].run.scheme.labels)
    rows = tuple((model.name, *(value_of(model.figure(f"ece/{label}")) for label in labels)) for model in models)
    return PageTable(f"{scheme}: expected calibration error, ten bins of equal width", ("model", *labels), rows)


def _diagram(model: str, one: LabelCalibration) -> Chart:
    bins = [Bin(b.mean, b.share.value or 0.0, b.share.low, b.share.high, b.share.support) for b in one.bins]
    error = one.figures["ece"].value
    note = "" if error is None else (
        f"Mean gap over these bins of equal mass: {error:.3f}; a perfectly calibrated model with the same "
        f"probabilities would show {one.chance:.3f} by chance (p {one.p:.3f})."
    )  # fmt: skip
    return reliability(f"{model}: reliability of {one.label}", bins, note=note)


def _thresholds(model: str, found: Sequence[ThresholdStability]) -> PageTable:
    rows = tuple((one.label, one.used, value_of(one.best)) for one in found)
    note = "The best here judges the one in use; chosen by these statements it would flatter the model."
    return PageTable(f"{model}: thresholds", ("label", "in use", "of best F1 on these statements"), rows, note)


# ------------------------------------------------------------------------------------------------------- mistakes


def mistakes(of: Reviewed) -> Section:
    """The mistakes of the chosen models that they were surest of, to be read one by one."""
    parts: list[Part] = [
        "Held-out statements that the chosen model got wrong, those first that it was surest of; where its answer is "
        "right by the codebook, the gold label is wrong. Sure is the probability that it gave its wrong decision; "
        "where several labels of a statement are wrong, the lowest of theirs."
    ]
    for scheme in of.schemes:
        model = of.chosen(scheme)
        found = errors_of(model.run, most=None)
        size = f"{len(found):,} of {len(model.gold):,} statements have a wrong decision."
        call = f"stance evaluate errors {model.run.run_id} -n {len(found)} -o errors.csv"
        more = f" The first {_MISTAKES} stand here; {call} writes all." if len(found) > _MISTAKES else ""
        shown = tuple(_mistake(one) for one in found[:_MISTAKES])
        parts.append(Group(f"{scheme}: {model.name}", (size + more, *shown)))
    return Section("Mistakes", tuple(parts))


def _mistake(one: Mistake) -> Quotation:
    statement = one.statement
    by = [said for said in (statement.speaker, statement.cue, statement.source, statement.published) if said]
    terms: tuple[tuple[str, str], ...] = (
        ("gold", ", ".join(one.gold) or "none"),
        ("predicted", ", ".join(one.predicted) or "none"),
        ("sure", f"{one.confidence:.0%}"),
        ("statement", statement.statement_id),
    )
    around = statement.context
    terms += (("context", around),) if around and around != statement.text else ()
    return Quotation(statement.text, " · ".join(by), terms)
