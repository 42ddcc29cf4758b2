"""The sections of a page that show figures: results, slices, calibration, mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from toolkit.evaluation import Evaluation, Figure, LabelCalibration, evaluate_calibration
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
from toolkit.review.reviewed import Model, Reviewed

__all__ = ["calibration", "mistakes", "results"]

_DECISIONS = ("f1/macro", "precision/macro", "recall/macro", "f1/micro", "average_precision/macro")
_PROBABILITIES = ("brier/macro", "ece/macro", "aurc")
_BY_LABEL = ("precision", "recall", "f1", "average_precision", "brier")
_MISTAKES = 8


def told(name: str) -> str:
    """Return the name of a figure as a person reads it: ``macro F1``."""
    kind, _, over = name.partition("/")
    kind = {"f1": "F1", "ece": "ECE", "aurc": "AURC", "brier": "Brier score"}.get(kind, kind.replace("_", " "))
    return f"{over} {kind}" if over else kind


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
        below: list[Part] = [
            f"{size.n:,} held-out statements of {size.n_articles:,} articles; intervals at {size.confidence:.0%}.",
            forest(
                f"{scheme}: macro F1 of every model",
                [measured(m.name, m.figure("f1/macro")) for m in models],
                unit="macro F1",
            ),
            _figures(f"{scheme}: decisions", _decisions(size), models),
            _figures(f"{scheme}: probabilities (lower is better)", _PROBABILITIES, models),
        ]
        below += [_by_label(label, models) for label in models[0].run.scheme.labels]
        below += [Group(f"What {m.name} took for what", tuple(_confusion(m)), folded=True) for m in models]
        parts.append(Group(scheme, tuple(below)))
    return Section("Results", tuple(parts))


def _figures(caption: str, asked: Sequence[str], models: Sequence[Model]) -> PageTable:
    rows = tuple((model.name, *(value_of(model.figure(name)) for name in asked)) for model in models)
    support = models[0].figure("f1/macro").support
    note = (
        f"Support: {support:,} gold labels. AURC: area under the curve of coverage and risk." if "aurc" in asked else ""
    )
    return PageTable(caption, ("model", *map(told, asked)), rows, note)


def _by_label(label: str, models: Sequence[Model]) -> PageTable:
    rows = tuple((model.name, *(value_of(model.figure(f"{name}/{label}")) for name in _BY_LABEL)) for model in models)
    support = models[0].figure(f"f1/{label}").support
    caption = f"{models[0].run.scheme.name}: {label} ({support:,} gold examples)"
    return PageTable(caption, ("model", *(told(name) for name in _BY_LABEL)), rows)


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
        below += [_diagram(chosen.name, one) for one in _calibrated(of, chosen)]
        curves = [Line(m.name, tuple((p[0], p[1]) for p in m.evaluation.coverage_risk)) for m in models]
        below.append(coverage_risk(f"{scheme}: wrong answers by the share of statements answered", curves))
        parts.append(Group(scheme, tuple(below)))
    return Section("Calibration", tuple(parts))


def _calibrated(of: Reviewed, model: Model) -> tuple[LabelCalibration, ...]:
    articles = [one.article_id for one in model.statements]
    return evaluate_calibration(model.truth, model.answers, articles, resampling=of.resampling)


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


# ------------------------------------------------------------------------------------------------------- mistakes


def mistakes(of: Reviewed) -> Section:
    """The mistakes of the chosen models that they were surest of, to be read one by one."""
    parts: list[Part] = [
        "The wrong decisions on held-out statements that the chosen model was surest of: where they are right by the "
        "codebook, the gold label is wrong."
    ]
    for scheme in of.schemes:
        model = of.chosen(scheme)
        found = surest_mistakes(model)
        told_ = f"{scheme}: {model.name}"
        shown = tuple(_mistake(model, *one) for one in found[:_MISTAKES])
        wrong = len(found)
        size = f"{wrong:,} of {len(model.gold):,} statements have a wrong decision."
        parts.append(Group(told_, (size, *shown)))
    return Section("Mistakes", tuple(parts))


def surest_mistakes(model: Model) -> list[tuple[int, str, float]]:
    """Return the surest wrong decision of every row as (row, label, how probable it was held), the surest first."""
    import numpy as np

    labels, true = list(model.run.scheme.labels), np.asarray(model.truth, dtype=bool)
    given = np.asarray(model.answers.given, dtype=bool)
    prob = np.asarray(model.answers.probabilities, dtype=np.float64)
    # Of one label among several it is enough to tell what was said; what was passed over follows from it.
    wrong = (true != given) if model.run.scheme.multi_label else (given & ~true)
    sure = np.where(given, prob, 1 - prob)
    found = [(int(i), labels[k], float(sure[i, k])) for i, k in zip(*np.nonzero(wrong), strict=True)]
    ordered = sorted(found, key=lambda one: (-one[2], one[0], one[1]))
    return list({row: (row, label, p) for row, label, p in reversed(ordered)}.values())[::-1]


def _mistake(model: Model, row: int, label: str, sure: float) -> Quotation:
    statement, gold = model.statements[row], model.gold[row]
    given = [name for name, yes in zip(model.run.scheme.labels, model.answers.given[row], strict=True) if yes]
    by = [one for one in (statement.speaker, statement.cue, statement.source, (statement.published or "")[:10]) if one]
    said = "gave" if label in given else "did not give"
    told_ = (
        ("gold", ", ".join(gold) or "none"),
        ("predicted", ", ".join(given) or "none"),
        ("sure of", f"it {said} {label}, and was {sure:.0%} sure of that"),
        ("statement", statement.statement_id),
    )
    return Quotation(statement.text, " · ".join(by), told_)
