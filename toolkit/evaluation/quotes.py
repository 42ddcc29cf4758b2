"""How well statements were extracted: spans, quoted letters and speakers against gold, with intervals over articles.

quoted          direct and mixed statements together. A gold and an extracted statement match where the letters of their
                spans overlap enough (intersection over union): 0.5 relaxed, 0.9 strict; each is used once, best pairs
                first. Marks, space and punctuation do not count.
quoted_letters  the same letter by letter inside quotation marks, blind to how pieces are joined.
indirect        recall over gold indirect statements whose cue holds a verb of saying; precision of the extracted
                indirect statements against any gold statement.
speaker         of the matched gold statements that name a source, the share whose extracted mention overlaps it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.errors import DataError
from toolkit.evaluation.bootstrap import interval, multiplicities
from toolkit.evaluation.figures import Figure
from toolkit.marks import kind_of, quoted_letters, quoted_spans
from toolkit.records import Article, Statement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["QuoteError", "QuoteEvaluation", "evaluate_quotes"]

RELAXED, STRICT = 0.5, 0.9
CUES_TOLD = 30
_WITH_ING = "add warn announce insist argue claim declare stat deni"
_WITHOUT_ING = (
    "explain note suggest vow threaten pledge acknowledge respond assert report contend tweet conclude maintain "
    "promise reiterate emphasize urge repli stress admitt"
)
"""Stems of verbs of saying; the participles of these introduce statements too seldom to be asked for."""


def _verbs_of_saying() -> re.Pattern[str]:
    """The verbs whose indirect statements extraction is asked for, in the forms that newspapers use."""
    forms = {
        "say",
        "says",
        "said",
        "saying",
        "tell",
        "tells",
        "told",
        "telling",
        "write",
        "writes",
        "wrote",
        "according to",
    }
    special = {"stat": "state", "repli": "reply", "deni": "deny", "admitt": "admit"}
    for stem in f"{_WITH_ING} {_WITHOUT_ING}".split():
        base = special.get(stem, stem)
        past = f"{stem}d" if stem.endswith("e") else f"{stem}ed"
        third = f"{stem}es" if stem in ("repli", "deni", "stress") else f"{base}s"
        forms |= {base, third, past}
        if stem in _WITH_ING.split():
            forms.add(f"{base[:-1] if base.endswith('e') else base}ing")
    return re.compile(rf"\b(?:{'|'.join(sorted(forms, key=len, reverse=True))})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class QuoteError:
    """A statement that was missed, invented, cut wrongly or given to the wrong speaker."""

    article_id: str
    problem: str
    gold: Statement | None
    extracted: Statement | None


@dataclass(frozen=True, slots=True)
class QuoteEvaluation:
    """Figures of an extraction, keyed ``quoted_relaxed/f1``, and every error."""

    n_articles: int
    confidence: float
    figures: Mapping[str, Figure]
    by_kind: Mapping[str, Figure]
    """Per gold kind, the share that was found (relaxed)."""
    by_cue: Mapping[str, Figure]
    """Per cue of gold, lower case, the same; the most frequent :data:`CUES_TOLD`, most frequent first."""
    errors: tuple[QuoteError, ...]


_Tally = dict[str, dict[str, list[int]]]
"""By what is counted (kind, cue) and name: how many in gold, how many of them found."""


@dataclass(slots=True)
class _One:
    """A statement with the offsets of its letters."""

    statement: Statement
    letters: frozenset[int]
    kind: str


def evaluate_quotes(
    articles: Sequence[Article],
    gold: Sequence[Statement],
    extracted: Sequence[Statement],
    *,
    seed: int = 0,
    resamples: int = 2000,
    confidence: float = 0.95,
) -> QuoteEvaluation:
    """Compare extracted statements with gold; the kind of a gold statement is read off its text.

    Raises DataError where a statement belongs to no article or its spans lie outside it.
    """
    import numpy as np

    texts = {article.article_id: article.text for article in articles}
    sides: dict[str, tuple[list[Statement], list[Statement]]] = {name: ([], []) for name in texts}
    for side, statements in enumerate((gold, extracted)):
        for statement in statements:
            _fits(statement, texts)
            sides[statement.article_id][side].append(statement)
    saying = _verbs_of_saying()
    errors: list[QuoteError] = []
    rows, tallies = [], []
    for name, (ours, theirs) in sides.items():
        tally: _Tally = {"kind": defaultdict(lambda: [0, 0]), "cue": defaultdict(lambda: [0, 0])}
        rows.append(_count(texts[name], ours, theirs, saying, tally, errors))
        tallies.append(tally)
    counts = np.array([[row[key] for key in _KEYS] for row in rows], dtype=np.float64)
    point = _figures(counts.sum(axis=0, keepdims=True))
    drawn = [_figures(m.astype(np.float64) @ counts) for m in multiplicities(len(rows), resamples, seed)]
    totals = dict(zip(_KEYS, counts.sum(axis=0), strict=True))
    figures = {}
    for key, value in point.items():
        low, high, undefined = interval(np.concatenate([part[key] for part in drawn]), len(rows), confidence)
        defined = not np.isnan(value[0])
        support = int(totals[_SUPPORT[key.partition("/")[0]]])
        bounds = (low, high) if defined else (None, None)
        figures[key] = Figure(float(value[0]) if defined else None, *bounds, support, None, undefined)
    draw = (len(rows), resamples, seed)
    return QuoteEvaluation(
        n_articles=len(rows),
        confidence=confidence,
        figures=figures,
        by_kind=_shares([tally["kind"] for tally in tallies], draw, confidence),
        by_cue=_shares([tally["cue"] for tally in tallies], draw, confidence),
        errors=tuple(errors),
    )


_KEYS = (
    # g: gold, p: predicted, b: both, r: recalled, s: with a speaker; q: quoted, l: letters, i: indirect
    "gq pq relaxed strict gl pl bl sq sq_ok gi ri pi pi_ok si si_ok".split()
)
_SUPPORT = {
    "quoted_relaxed": "gq",
    "quoted_strict": "gq",
    "quoted_letters": "gl",
    "quoted_speaker_accuracy": "sq",
    "indirect": "gi",
    "indirect_speaker_accuracy": "si",
}


def _fits(statement: Statement, texts: Mapping[str, str]) -> None:
    text = texts.get(statement.article_id)
    if text is None:
        raise DataError(f"statement {statement.statement_id}: there is no article {statement.article_id!r}.")
    if not statement.spans or statement.spans[-1][1] > len(text):
        raise DataError(f"statement {statement.statement_id}: its spans do not lie in the article's text.")


def _count(
    text: str,
    gold: Sequence[Statement],
    extracted: Sequence[Statement],
    saying: re.Pattern[str],
    tally: _Tally,
    errors: list[QuoteError],
) -> Counter[str]:
    quoted, marks = quoted_letters(text), quoted_spans(text)
    ours = [one for s in gold if (one := _One(s, _letters(text, s), kind_of(text, s.spans, marks))).letters]
    theirs = [_One(s, _letters(text, s), s.kind) for s in extracted]
    gold_quoted, found_quoted = [o for o in ours if o.kind != "indirect"], [t for t in theirs if t.kind != "indirect"]
    asked = [o for o in ours if o.kind == "indirect" and saying.search(o.statement.cue or "")]
    found_indirect = [t for t in theirs if t.kind == "indirect"]
    n: Counter[str] = Counter(gq=len(gold_quoted), pq=len(found_quoted), gi=len(asked), pi=len(found_indirect))
    n["relaxed"], n["strict"] = (
        len(_match(gold_quoted, found_quoted, RELAXED)),
        len(_match(gold_quoted, found_quoted, STRICT)),
    )
    in_gold = frozenset().union(*(o.letters for o in ours)) & quoted
    in_found = frozenset().union(*(t.letters for t in found_quoted)) & quoted
    n["gl"], n["pl"], n["bl"] = len(in_gold), len(in_found), len(in_gold & in_found)
    any_quoted, any_indirect = _match(gold_quoted, theirs, RELAXED), _match(asked, theirs, RELAXED)
    n["ri"], n["pi_ok"] = len(any_indirect), len(_match(ours, found_indirect, RELAXED))
    for group, matched, total, right in (
        (gold_quoted, any_quoted, "sq", "sq_ok"),
        (asked, any_indirect, "si", "si_ok"),
    ):
        for i, one in enumerate(group):
            hit = theirs[matched[i]].statement if i in matched else None
            for counted in (tally["kind"][one.kind], tally["cue"][(one.statement.cue or "none").lower()]):
                counted[0] += 1
                counted[1] += hit is not None
            if hit is None:
                errors.append(QuoteError(one.statement.article_id, "missed", one.statement, None))
            elif one.statement.speaker_start is not None:
                n[total] += 1
                n[right] += _same_mention(hit, one.statement)
                if not _same_mention(hit, one.statement):
                    errors.append(QuoteError(one.statement.article_id, "other speaker", one.statement, hit))
    used = set(_match(ours, theirs, RELAXED).values())
    invented = [t.statement for i, t in enumerate(theirs) if i not in used]
    errors += [QuoteError(statement.article_id, "not in gold", None, statement) for statement in invented]
    return n


def _shares(
    tallies: Sequence[Mapping[str, list[int]]], draw: tuple[int, int, int], confidence: float
) -> dict[str, Figure]:
    """Return the share found of the most frequent names, with intervals; tallies are per article, [gold, found]."""
    import numpy as np

    total: Counter[str] = Counter()
    for tally in tallies:
        total.update({name: n for name, (n, _) in tally.items()})
    names = [name for name, _ in sorted(total.items(), key=lambda item: (-item[1], item[0]))[:CUES_TOLD]]
    counts = np.array([[tally.get(name, [0, 0]) for name in names] for tally in tallies], dtype=np.float64)
    sums = np.concatenate([np.einsum("rc,cnk->rnk", m.astype(np.float64), counts) for m in multiplicities(*draw)])
    drawn = np.divide(sums[:, :, 1], sums[:, :, 0], out=np.full(sums.shape[:2], np.nan), where=sums[:, :, 0] > 0)
    found = {}
    for k, name in enumerate(names):
        low, high, undefined = interval(drawn[:, k], draw[0], confidence)
        hits = float(counts[:, k, 1].sum())
        found[name] = Figure(hits / total[name], low, high, total[name], None, undefined)
    return found


def _letters(text: str, statement: Statement) -> frozenset[int]:
    return frozenset(i for start, end in statement.spans for i in range(start, end) if text[i].isalnum())


def _match(gold: Sequence[_One], found: Sequence[_One], threshold: float) -> dict[int, int]:
    """Match one to one, best overlap first: positions in gold to positions in found."""
    pairs = []
    for g, ours in enumerate(gold):
        for f, theirs in enumerate(found):
            if shared := len(ours.letters & theirs.letters):
                overlap = shared / len(ours.letters | theirs.letters)
                if overlap >= threshold:
                    pairs.append((-overlap, g, f))
    matched: dict[int, int] = {}
    used: set[int] = set()
    for _, g, f in sorted(pairs):
        if g not in matched and f not in used:
            matched[g] = f
            used.add(f)
    return matched


def _same_mention(found: Statement, gold: Statement) -> bool:
    a, b, c, d = found.speaker_start, found.speaker_end, gold.speaker_start, gold.speaker_end
    return a is not None and b is not None and c is not None and d is not None and a < d and c < b


def _figures(sums: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return every figure of every row of summed counts, (resamples, counts); undefined is NaN."""
    import numpy as np

    n = dict(zip(_KEYS, sums.T, strict=True))

    def ratio(over: Any, under: Any) -> NDArray[np.float64]:
        result: NDArray[np.float64] = np.divide(over, under, out=np.full(len(sums), np.nan), where=under > 0)
        return result

    found: dict[str, NDArray[np.float64]] = {}
    for name, right, predicted, wanted in (
        ("quoted_relaxed", ("relaxed", "relaxed"), "pq", "gq"),
        ("quoted_strict", ("strict", "strict"), "pq", "gq"),
        ("quoted_letters", ("bl", "bl"), "pl", "gl"),
        ("indirect", ("pi_ok", "ri"), "pi", "gi"),
    ):
        precision, recall = ratio(n[right[0]], n[predicted]), ratio(n[right[1]], n[wanted])
        f1 = ratio(2 * precision * recall, precision + recall)
        found |= {f"{name}/precision": precision, f"{name}/recall": recall, f"{name}/f1": f1}
    found["quoted_speaker_accuracy/accuracy"] = ratio(n["sq_ok"], n["sq"])
    found["indirect_speaker_accuracy/accuracy"] = ratio(n["si_ok"], n["si"])
    return found
