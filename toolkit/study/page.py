"""The page of a corpus: how often which stance, when, by whom, to whom, with statements to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.labels import LabelScheme
from toolkit.report import (
    Chart,
    Code,
    Group,
    Items,
    Line,
    Measured,
    Note,
    Page,
    PageTable,
    Part,
    Quotation,
    Section,
    Value,
    bars,
    heat,
    over_time,
    page_html,
)
from toolkit.storage import file_sha256
from toolkit.study.predictions import UNKNOWN, Predictions, read_predictions
from toolkit.study.prevalence import GoldTable, Share, corrected, read_gold
from toolkit.version import __version__

__all__ = ["corpus_page"]

_BY = ((), ("month",), ("speaker",), ("source",), ("speaker", "addressee"))
_MOST = 12
"""Groups that a table shows; the largest."""
_CELLS = 8
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class _Told:
    """What the page is made of."""

    path: Path
    scheme: LabelScheme
    read: Predictions
    gold: GoldTable | None
    sample: Path | None

    def shares(self, *keys: str) -> list[Share]:
        """Return the shares of all labels in every group."""
        return corrected(self.read, self.scheme, self.gold, keys, 0.95)


def corpus_page(
    predictions: Path,
    *,
    gold: Path | None = None,
    design: str | None = None,
    scheme: LabelScheme | None = None,
    drawn: Path | None = None,
) -> str:
    """Return the page of a table of predictions as HTML; the same files give the same bytes.

    With ``gold``, a labelled sample of a stated ``design``, shares are corrected; without it counts alone are told, as
    biased. ``scheme`` is the toolkit's own of stances where it is not given. Raises ToolkitError where a file is wrong.
    """
    known = scheme or _own(predictions)
    sample = read_gold(gold, known, design or "", drawn) if gold is not None else None
    read = read_predictions(predictions, known, _BY, sample.labels if sample else (), _EXAMPLES)
    if sample is not None and not read.found:
        raise UsageError(f"{gold}: none of its statements is among the predictions of {predictions}.")
    told = _Told(predictions, known, read, sample, gold)
    sections = (_shares(told), _time(told), _groups(told), _flows(told), _examples(told), _limits(told), _redo(told))
    made = f"Made by stance-toolkit {__version__} from {predictions.name} alone; no model was loaded."
    return page_html(Page(f"What {predictions.name} says", tuple(_lead(told)), tuple(_facts(told)), sections, made))


def _own(predictions: Path) -> LabelScheme:
    from toolkit.config import load_scheme, project_root

    root = project_root(predictions)
    if (root / "configs" / "labels" / "stance.yaml").is_file():
        return load_scheme("stance", root)
    from toolkit.model import StanceModel, own_models

    return StanceModel.load(own_models()["stance"]).scheme


def _lead(told: _Told) -> list[str]:
    if told.gold is None:
        return [
            "Counts of a classifier's labels: biased by its errors, by how much is not known. No sample was labelled."
        ]
    lines = []
    for one in told.shares():
        it = one.estimate
        if it.value is None:
            lines.append(f"{one.label}: {it.why}; the classifier's count, {it.raw:.1%}, is biased.")
        else:
            ends = f"95 % interval {it.low:.1%} to {it.high:.1%}"
            lines.append(f"{one.label}: {it.value:.1%} of the statements ({ends}); the classifier counts {it.raw:.1%}.")
    return lines


def _facts(told: _Told) -> list[tuple[str, str, str]]:
    read = told.read
    facts = [
        ("statements", f"{read.statements:,}", f"{read.unlabelled:,} rows without labels" if read.unlabelled else ""),
        ("articles", f"{len(read.counts[()]):,}", ""),
    ]
    if told.gold is not None:
        aside = len(told.gold.labels) - len(read.found)
        rests = f"drawn: {told.gold.design}" + (f"; {aside:,} not among the predictions" if aside else "")
        facts.append(("labelled by people", f"{len(read.found):,}", rests))
    return facts


def _shares(told: _Told) -> Section:
    shares = told.shares()
    if told.gold is None:
        return Section("How often", (_biased(), _raw_bars("Labels by the classifier's count", shares)))
    found: list[Part] = [
        bars("Corrected shares", [_measured(one, one.label) for one in shares], unit="share", head="label"),
        _table("Corrected and counted shares", shares, "label", lambda one: one.label),
    ]
    return Section("How often", tuple(found))


def _biased() -> Note:
    return Note("These are counts of what a classifier said, biased by its errors; no interval can be given for them.")


def _measured(one: Share, name: str) -> Measured:
    it = one.estimate
    return Measured(name, it.value, it.low, it.high, it.gold)


def _raw_bars(title: str, shares: Sequence[Share]) -> Chart:
    rows = [Measured(one.label, one.estimate.raw, None, None, one.estimate.statements) for one in shares]
    return bars(title, rows, unit="share counted (biased)", head="label")


def _table(title: str, shares: Sequence[Share], head: str, named: object) -> PageTable:
    assert callable(named)
    rows = tuple(
        (
            named(one),
            Value(one.estimate.value, one.estimate.low, one.estimate.high, 3)
            if one.estimate.value is not None
            else None,
            one.estimate.raw,
            one.estimate.statements,
            one.estimate.gold,
            one.estimate.positives,
        )
        for one in shares
    )
    columns = (head, "corrected share", "counted (biased)", "statements", "labelled", "of them with it")
    note = (
        "Undefined: too few labelled statements or articles for a share of their own."
        if any(one.estimate.value is None for one in shares)
        else ""
    )
    return PageTable(title, columns, rows, note)


def _time(told: _Told) -> Section:
    shares = [one for one in told.shares("month") if one.group != UNKNOWN]
    months = sorted({one.group or "" for one in shares})
    if not months:
        return Section("Over time", ("The predictions tell no dates.",))
    by = {(one.label, one.group): one.estimate for one in shares}
    counted = tuple(
        Line(label, tuple((by[label, month].raw, None, None) for month in months)) for label in told.scheme.labels
    )
    parts: list[Part] = []
    if told.gold is None or all(one.estimate.value is None for one in shares):
        parts.append(_biased())
    else:
        lines = tuple(
            Line(label, tuple((it.value, it.low, it.high) for it in (by[label, month] for month in months)))
            for label in told.scheme.labels
        )
        note = "A line breaks where too few statements of a month are labelled."
        parts.append(over_time("Corrected shares by month", months, lines, unit="share", note=note))
    parts.append(over_time("Counted by month (biased)", months, counted, unit="share counted"))
    return Section("Over time", tuple(parts))


def _groups(told: _Told) -> Section:
    parts: list[Part] = [] if told.gold is not None else [_biased()]
    for dimension in ("speaker", "source"):
        shares = [one for one in told.shares(dimension) if one.group != UNKNOWN]
        if not shares:
            parts.append(f"The predictions tell no {dimension}.")
            continue
        for label in told.scheme.labels:
            own = [one for one in shares if one.label == label][:_MOST]
            title = f"{label}, by {dimension} (those with most statements)"
            parts.append(_table(title, own, dimension, lambda one: one.group))
    return Section("By speaker and source", tuple(parts))


def _flows(told: _Told) -> Section:
    table = told.read.counts["speaker", "addressee"]
    cells = {name: table[name].to_pylist() for name in ("speaker", "addressee", "n")}
    pairs = [
        (speaker, addressee) if UNKNOWN not in (speaker, addressee) else None
        for speaker, addressee in zip(cells["speaker"], cells["addressee"], strict=True)
    ]
    if not any(pairs):
        return Section(
            "From whom to whom", ("The predictions tell of no statement both its speaker and its addressee.",)
        )
    parts: list[Part] = [
        Note("Counts of the classifier's labels, which are biased; addressees are told for some only.")
    ]
    for k, label in enumerate(told.scheme.labels):
        counts: Counter[tuple[str, str]] = Counter()
        for pair, n in zip(pairs, table[f"l{k}"].to_pylist(), strict=True):
            if pair is not None and n:
                counts[pair] += n
        if counts:
            parts.append(_flow(label, counts))
    return Section("From whom to whom", tuple(parts))


def _flow(label: str, counts: Counter[tuple[str, str]]) -> Chart:
    def largest(side: int) -> list[str]:
        total: Counter[str] = Counter()
        for pair, n in counts.items():
            total[pair[side]] += n
        return sorted(total, key=lambda name: (-total[name], name))[:_CELLS]

    rows, columns = largest(0), largest(1)
    cells = [[counts[row, column] or None for column in columns] for row in rows]
    return heat(f"{label}: from whom to whom", rows, columns, cells, across="addressee", down="speaker")


def _examples(told: _Told) -> Section:
    groups: list[Part] = [
        "Of each label the statements of which the model is surest: no fair sample, and some are wrong."
    ]
    for label, found in told.read.examples.items():
        quoted = tuple(Quotation(one.text, ", ".join((*one.told, one.statement_id))) for one in found)
        groups.append(Group(label, quoted or ("No statement has this label.",)))
    return Section("Statements", tuple(groups))


def _limits(told: _Told) -> Section:
    said = [
        "A share is one of the statements in this table: what extraction missed, and what the press did not print, is "
        "in none of its figures.",
        "Speakers and addressees are as extraction read them; the same person may stand under several names.",
    ]
    if told.gold is None:
        said.append("To correct the counts: stance annotate sample, label it, and give it with --gold and --design.")
    else:
        said += [
            "People's labels are taken for the truth; where they err, so does the corrected share.",
            f"The sample is taken to be drawn as stated ({told.gold.design}) from the statements of this table.",
            "Intervals hold for one share each, not for all of a table at once; articles are taken to be independent.",
        ]
    return Section("Limits", (Items(tuple(said)),))


def _redo(told: _Told) -> Section:
    command = f"stance report --corpus {told.path.name} -o report.html"
    digests = [f"{told.path.name}  sha256 {file_sha256(told.path)}"]
    if told.gold is not None and told.sample is not None:
        command += f" --gold {told.sample.name} --design {told.gold.design}"
        digests.append(f"{told.sample.name}  sha256 {file_sha256(told.sample)}")
    digests.append(f"codebook {told.scheme.name}  {told.scheme.digest}")
    how = "Prediction-powered inference, power-tuned (Angelopoulos, Duchi and Zrnic 2023); variance between articles."
    return Section("How to redo it", (how, Code(command), Code("\n".join(digests))))
