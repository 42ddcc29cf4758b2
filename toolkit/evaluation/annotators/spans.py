"""How far annotators agree on where statements and speakers stand: alpha over words, and the statements they share.

Every word of the articles is a unit, and an annotator's code for it whether it stands in what he marked: Krippendorff's
alpha of nominal codes (Krippendorff 2004, chapter 11), which takes no account of where one span ends and another
begins. So the share of whole statements that two annotators both marked stands beside it, as F1 (Hripcsak and
Rothschild 2005: what kappa comes near to where what nobody marked cannot be counted).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from toolkit.errors import DataError
from toolkit.evaluation.annotators.agreement import nominal_alphas
from toolkit.evaluation.extraction.matching import RELAXED, STRICT, compare
from toolkit.evaluation.figures import Figure
from toolkit.evaluation.shares import Resampling, ratio
from toolkit.records import Article, Span, Statement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]
    Matrix = NDArray[np.float64]

__all__ = ["SpanAgreement", "agreement_on_spans"]

_WORD = re.compile(r"\w+")
_MATCHED = {"relaxed": RELAXED, "strict": STRICT}


@dataclass(frozen=True, slots=True)
class SpanAgreement:
    """How far annotators agree on spans; intervals are over articles.

    ``words`` holds alpha of the words that stand in statements (``statement``) and in mentions of speakers
    (``speaker``), None where nobody or everybody marked all of them; ``marked`` how many words somebody marked, of
    which ``alike`` all did. ``shared`` holds the F1 of whole statements over all pairs of annotators, those that
    overlap by half of their letters (``relaxed``) or nine tenths (``strict``), with as many statements as support as
    the two of all pairs marked together.
    """

    annotators: tuple[str, ...]
    articles: int
    n: int
    """How many words the articles have."""
    words: Mapping[str, Figure]
    marked: Mapping[str, int]
    alike: Mapping[str, int]
    shared: Mapping[str, Figure]
    statements: Mapping[str, int]
    """How many statements each annotator marked."""
    empty: Mapping[str, int]
    """In how many articles each marked none, though somebody else did."""
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data; undefined is null."""
        told: dict[str, Any] = {
            name: {"n": self.n, "marked": self.marked[name], "alike": self.alike[name]}
            | {"alpha": one.value, "alpha_low": one.low, "alpha_high": one.high}
            for name, one in self.words.items()
        }
        told["shared"] = {
            name: {"n": one.support, "f1": one.value, "f1_low": one.low, "f1_high": one.high}
            for name, one in self.shared.items()
        }
        rest = {"articles": self.articles, "statements": dict(self.statements), "empty": dict(self.empty)}
        return told | rest


def agreement_on_spans(
    articles: Sequence[Article], marked: Mapping[str, Iterable[Statement]], resampling: Resampling
) -> SpanAgreement:
    """Compare what annotators marked in articles that each of them read whole, ``marked`` by their names.

    Who marked nothing in an article found nothing there. Raises DataError where there are fewer than two annotators,
    and where a statement belongs to no article or its spans lie outside it.
    """
    import numpy as np

    names = sorted(marked)
    if len(names) < 2:
        raise DataError("agreement needs two annotators: a file for each, or a column 'annotator' that names them.")
    texts = {article.article_id: article.text for article in articles}
    found = {name: _by_article(marked[name], texts) for name in names}
    parts = [_words(text, [found[name][key] for name in names]) for key, text in texts.items()]
    groups = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    codes = np.concatenate(parts)  # (words, annotators, what): 1 where it stands in what was marked
    what = ("statement", "speaker")
    alphas = nominal_alphas([codes[:, :, k] for k in range(len(what))], groups, len(parts), resampling)
    counts = [_shared(text, [found[name][key] for name in names]) for key, text in texts.items()]
    somebody = [key for key in texts if any(found[name][key] for name in names)]
    return SpanAgreement(
        tuple(names),
        articles=len(texts),
        n=len(codes),
        words=dict(zip(what, alphas, strict=True)),
        marked={name: int(codes[:, :, k].any(axis=1).sum()) for k, name in enumerate(what)},
        alike={name: int(codes[:, :, k].all(axis=1).sum()) for k, name in enumerate(what)},
        shared=_f1(np.array(counts, dtype=np.float64), resampling),
        statements={name: sum(map(len, found[name].values())) for name in names},
        empty={name: sum(not found[name][key] for key in somebody) for name in names},
        confidence=resampling.confidence,
    )


def _by_article(marked: Iterable[Statement], texts: Mapping[str, str]) -> dict[str, list[Statement]]:
    found: dict[str, list[Statement]] = {key: [] for key in texts}
    for one in marked:
        text = texts.get(one.article_id)
        if text is None:
            raise DataError(f"statement {one.statement_id}: there is no article {one.article_id!r} in --articles.")
        if not one.spans or one.spans[-1][1] > len(text):
            raise DataError(f"statement {one.statement_id}: its spans do not lie in the article's text.")
        found[one.article_id].append(one)
    return found


def _words(text: str, marked: Sequence[Sequence[Statement]]) -> Codes:
    """Return of every word, (words, annotators, 2), whether it stands in a statement and in a mention of a speaker."""
    import numpy as np

    words = [match.span() for match in _WORD.finditer(text)]
    codes = np.zeros((len(words), len(marked), 2), dtype=np.int64)
    for seat, statements in enumerate(marked):
        spans = [span for one in statements for span in one.spans]
        mentions = [span for one in statements if (span := _mention(one)) is not None]
        for k, places in enumerate((spans, mentions)):
            inside = np.zeros(len(text) + 1, dtype=bool)
            for start, end in places:
                inside[start:end] = True
            codes[:, seat, k] = [inside[start:end].any() for start, end in words]
    return codes


def _mention(statement: Statement) -> Span | None:
    start, end = statement.speaker_start, statement.speaker_end
    return None if start is None or end is None else (start, end)


def _shared(text: str, marked: Sequence[Sequence[Statement]]) -> list[int]:
    """Return how many statements the two of all pairs marked, and twice how many of them both did, by each measure."""
    total, both = 0, dict.fromkeys(_MATCHED, 0)
    for one, other in combinations(marked, 2):
        sides = compare(text, one, other)
        total += len(sides.gold) + len(sides.extracted)
        for name, threshold in _MATCHED.items():
            both[name] += 2 * len(sides.match(threshold))
    return [total, *both.values()]


def _f1(counts: Matrix, resampling: Resampling) -> dict[str, Figure]:
    def compute(sums: Matrix) -> dict[str, Matrix]:
        return {name: ratio(sums[:, k], sums[:, 0]) for k, name in enumerate(_MATCHED, start=1)}

    return resampling.figures(counts, compute, dict.fromkeys(_MATCHED, int(counts[:, 0].sum())))
