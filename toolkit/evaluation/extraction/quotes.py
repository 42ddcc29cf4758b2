"""How well statements were extracted: spans, quoted letters and speakers against gold, with intervals over articles.

quoted          direct and mixed statements together. A gold and an extracted statement match where the letters of their
                spans overlap enough (intersection over union): 0.5 relaxed, 0.9 strict; each is used once, best pairs
                first. Marks, space and punctuation do not count.
quoted_letters  the same letter by letter inside quotation marks, blind to how pieces are joined.
indirect        recall over gold indirect statements whose cue holds a verb of saying; precision of the extracted
                indirect statements against any gold statement.
speaker         of the matched gold statements that name a source, the share whose extracted mention overlaps it.

For gold that holds every statement of its articles, as news corpora annotated end to end do:
all             precision, recall and F1 over all statements of all kinds, relaxed; F1 is 0 where nothing matches.
speaker_name    of the matched gold statements with a speaker, the share whose resolved name is the same.
addressee       precision: of the matched extracted statements that name whom they are aimed at, the share for which
                gold names the same; recall: of the matched gold statements that name it, the same.

Support is in gold statements (of quoted_letters in letters), but of addressee/precision and of the shares by act it is
in extracted ones.

``matching`` pairs the two sides of an article, ``counting`` counts and lists the errors, ``shares`` makes figures of
counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from toolkit.errors import DataError
from toolkit.evaluation.extraction.counting import QuoteError, count_article
from toolkit.evaluation.figures import Figure
from toolkit.evaluation.shares import STANDARD, Resampling, ratio
from toolkit.records import ACTS, Act, Article, Statement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["QuoteError", "QuoteEvaluation", "evaluate_quotes"]

CUES_TOLD = 30


@dataclass(frozen=True, slots=True)
class QuoteEvaluation:
    """Figures of an extraction, keyed ``quoted_relaxed/f1``, and every error."""

    n_articles: int
    confidence: float
    figures: Mapping[str, Figure]
    by_kind: Mapping[str, Figure]
    """Per kind as the text has it, the share that was found (relaxed) of the gold statements asked for."""
    by_kind_of_all: Mapping[str, Figure]
    """Per kind as gold has it, the share that was found of all gold statements."""
    by_cue: Mapping[str, Figure]
    """Per cue of gold, lower case, as ``by_kind``; the most frequent :data:`CUES_TOLD`, most frequent first."""
    by_act: Mapping[str, Figure]
    """Per act of the extracted statements, where they tell it, the share that is in gold; support is of them."""
    errors: tuple[QuoteError, ...]
    scored: Mapping[Act | None, int]
    """How many extracted statements were compared, per act; None stands for those that tell no act."""
    left_out: Mapping[Act | None, int]
    """How many were not, because their act was not asked for."""


class _Retrieval(NamedTuple):
    """Precision, recall and F1 of a group, whose sizes are counted as ``GROUP gold`` and ``GROUP extracted``."""

    group: str
    right: str
    """The count of extracted statements that are in gold."""
    found: str
    """The count of gold statements that were extracted."""


class _Share(NamedTuple):
    """One count by another, which is the support too."""

    right: str
    of: str


_RETRIEVALS = {
    "quoted_relaxed": _Retrieval("quoted", right="quoted relaxed", found="quoted relaxed"),
    "quoted_strict": _Retrieval("quoted", right="quoted strict", found="quoted strict"),
    "quoted_letters": _Retrieval("letters", right="letters both", found="letters both"),
    "indirect": _Retrieval("indirect", right="indirect right", found="indirect found"),
    "all": _Retrieval("all", right="all matched", found="all matched"),
}
_SHARES = {
    "quoted_speaker_accuracy/accuracy": _Share("quoted mention right", of="quoted with mention"),
    "indirect_speaker_accuracy/accuracy": _Share("indirect mention right", of="indirect with mention"),
    "speaker_name/accuracy": _Share("speaker right", of="with speaker"),
    "addressee/precision": _Share("addressee right", of="addressee extracted"),
    "addressee/recall": _Share("addressee right", of="addressee gold"),
}


def evaluate_quotes(
    articles: Sequence[Article],
    gold: Sequence[Statement],
    extracted: Sequence[Statement],
    *,
    include: Collection[Act] = ACTS,
    resampling: Resampling = STANDARD,
) -> QuoteEvaluation:
    """Compare extracted statements with gold.

    Of the extracted statements those count whose act is in ``include`` or that tell none. There are figures of
    addressees only where gold names any. Raises DataError where a statement belongs to no article or
    its spans lie outside it.
    """
    asked: set[Act | None] = {None, *include}
    texts = {article.article_id: article.text for article in articles}
    scored = [statement for statement in extracted if statement.act in asked]
    ours, theirs = _by_article(gold, texts), _by_article(scored, texts)
    counted = [count_article(text, ours[name], theirs[name]) for name, text in texts.items()]
    figures = _figures([one.numbers for one in counted], resampling)
    addressed = any(statement.addressee for statement in gold)
    return QuoteEvaluation(
        n_articles=len(texts),
        confidence=resampling.confidence,
        figures={name: figure for name, figure in figures.items() if addressed or not name.startswith("addressee/")},
        by_kind=resampling.shares([one.by_kind for one in counted]),
        by_kind_of_all=resampling.shares([one.by_kind_of_all for one in counted]),
        by_cue=resampling.shares([one.by_cue for one in counted], most=CUES_TOLD),
        by_act=resampling.shares([one.by_act for one in counted]),
        errors=tuple(error for one in counted for error in one.errors),
        scored=_count_acts(scored),
        left_out=_count_acts(statement for statement in extracted if statement.act not in asked),
    )


def _count_acts(statements: Iterable[Statement]) -> dict[Act | None, int]:
    counts = Counter(statement.act for statement in statements)
    return {act: counts[act] for act in (*ACTS, None) if counts[act]}


def _by_article(statements: Iterable[Statement], texts: Mapping[str, str]) -> dict[str, list[Statement]]:
    found: dict[str, list[Statement]] = {name: [] for name in texts}
    for statement in statements:
        _must_fit(statement, texts)
        found[statement.article_id].append(statement)
    return found


def _must_fit(statement: Statement, texts: Mapping[str, str]) -> None:
    text = texts.get(statement.article_id)
    if text is None:
        raise DataError(f"statement {statement.statement_id}: there is no article {statement.article_id!r}.")
    if not statement.spans or statement.spans[-1][1] > len(text):
        raise DataError(f"statement {statement.statement_id}: its spans do not lie in the article's text.")


def _figures(numbers: Sequence[Mapping[str, int]], resampling: Resampling) -> dict[str, Figure]:
    """Return every figure of the counts of the articles."""
    import numpy as np

    names = sorted({name for one in numbers for name in one})
    counts = np.array([[one[name] for name in names] for one in numbers], dtype=np.float64)
    total = {name: int(n) for name, n in zip(names, counts.sum(axis=0), strict=True)}
    return resampling.figures(counts, lambda sums: _compute(dict(zip(names, sums.T, strict=True))), _support(total))


def _compute(n: Mapping[str, Matrix]) -> dict[str, Matrix]:
    """Return every figure of counts, by their names; undefined is NaN."""
    found: dict[str, Matrix] = {}
    for name, retrieval in _RETRIEVALS.items():
        precision = ratio(n[retrieval.right], n[f"{retrieval.group} extracted"])
        recall = ratio(n[retrieval.found], n[f"{retrieval.group} gold"])
        f1 = ratio(2 * precision * recall, precision + recall)
        found |= {f"{name}/precision": precision, f"{name}/recall": recall, f"{name}/f1": f1}
    # Not by way of precision and recall, as those above: where nothing matches, it is 0.
    found["all/f1"] = ratio(2 * n["all matched"], n["all gold"] + n["all extracted"])
    return found | {name: ratio(n[share.right], n[share.of]) for name, share in _SHARES.items()}


def _support(total: Mapping[str, int]) -> dict[str, int]:
    """Return the support of each figure."""
    found = {
        f"{name}/{figure}": total[f"{retrieval.group} gold"]
        for name, retrieval in _RETRIEVALS.items()
        for figure in ("precision", "recall", "f1")
    }
    return found | {name: total[share.of] for name, share in _SHARES.items()}
