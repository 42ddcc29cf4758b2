"""The section of a page that tells how models behave when statements are changed, where that was logged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.errors import TrackingError, first_line
from toolkit.report import Cell, Chart, Group, Measured, PageTable, Part, Section, Value, forest
from toolkit.review.reviewed import Model, Reviewed

__all__ = ["behaviour"]

_FILE = "behaviour.json"


def behaviour(of: Reviewed) -> Section:
    """How often models fail by capability, and whether they answer otherwise under another country."""
    parts: list[Part] = [
        "Statements were changed where nothing, or just one label, may change with them (after CheckList). A failure "
        "rate is the lower the better."
    ]
    found = {scheme: [(m, told) for m in of.of(scheme) if (told := _told(m)) is not None] for scheme in of.schemes}
    for scheme, tested in found.items():
        for model, told in tested:
            parts.append(Group(f"{scheme}: {model.name}", tuple(_tested(model, told))))
        if not tested:
            name = of.chosen(scheme).run.run_id
            parts.append(
                f"{scheme}: not tested. With capabilities of it (configs/behaviour/*.yaml), stance evaluate behaviour "
                f"{scheme} -m {name} --log tests the chosen model, and the next report tells of it here."
            )
    return Section("Behaviour", tuple(parts))


def _told(model: Model) -> Mapping[str, Any] | None:
    path = model.run.folder / _FILE
    if not path.is_file():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {name: told[name] for name in ("tests", "failed", "confidence", "capabilities", "bias", "changed")}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise TrackingError(f"{path}: cannot be read: {first_line(error)}.") from None


def _tested(model: Model, told: Mapping[str, Any]) -> Iterator[Part]:
    yield (
        f"{told['failed']:,} of {told['tests']:,} tests failed; changed were: {told['changed']}; intervals at "
        f"{told['confidence']:.0%}, over articles or templates."
    )
    yield _rates(model, told["capabilities"])
    for capability, bias in told["bias"].items():
        yield Group(f"By {capability}", tuple(_bias(model, capability, bias)))


def _rates(model: Model, capabilities: Mapping[str, Any]) -> Chart:
    measured = []
    rows: list[tuple[Cell, ...]] = []
    for name, one in capabilities.items():
        figure, labelled = one["failures"], one["labelled_failures"]
        measured.append(Measured(name, figure["value"], figure["low"], figure["high"], figure["n"]))
        of_labelled: Cell = "" if labelled is None else _value(labelled)
        rows.append((name, _value(figure), figure["n"], one["groups"], of_labelled))
    chart = forest(f"{model.name}: failure rate by capability", measured, unit="failure rate", head="capability")
    heads = ("capability", "failure rate", "tests", "groups", "labelled")
    note = "groups: articles or templates. labelled: the rate among statements that had a label before the change."
    return Chart(chart.svg, PageTable(chart.table.caption, heads, tuple(rows), note))


def _bias(model: Model, capability: str, bias: Mapping[str, Any]) -> Iterator[Part]:
    """Tell the labels of the same statements under every treatment, with the test of no difference."""
    labels: Mapping[str, Any] = bias["labels"]
    kind, test = ("probabilities", "Friedman's test") if _has_means(labels) else ("rates", "Cochran's Q")
    what = "mean probability" if kind == "probabilities" else "share with the label"
    yield f"The same {bias['statements']:,} statements under every {capability}: {what}."
    for label, one in labels.items():
        rows = [Measured(name, f["value"], f["low"], f["high"], f["n"]) for name, f in one[kind].items()]
        note = _difference(one[f"p_{kind}_holm"], test)
        yield forest(f"{model.name}: {label} by {capability}", rows, unit=what, head=capability, note=note)
    if kind == "probabilities":
        yield (
            "The labels that were given: " + "; ".join(_labels_differ(name, one) for name, one in labels.items()) + "."
        )


def _has_means(labels: Mapping[str, Any]) -> bool:
    return any(one["probabilities"] for one in labels.values())


def _difference(p: float | None, test: str) -> str:
    if p is None:
        return "Every statement is answered alike under all of them: there is nothing to test."
    return f"{_p(p)} by {test} of no difference, corrected over labels (Holm)."


def _labels_differ(label: str, one: Mapping[str, Any]) -> str:
    p = one["p_rates_holm"]
    return f"{label}, always alike" if p is None else f"{label}, {_p(p)} by Cochran's Q of no difference (Holm)"


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _value(figure: Mapping[str, Any]) -> Value | None:
    return None if figure["value"] is None else Value(figure["value"], figure["low"], figure["high"])
