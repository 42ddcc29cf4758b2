"""Joining gold statements to extracted ones by the overlap of their spans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from toolkit.errors import DataError
from toolkit.records import Article, Statement

__all__ = ["Alignment", "Match", "align", "gold_problem"]


@dataclass(frozen=True, slots=True)
class Match:
    """A gold statement and the extracted statement that stands for it; ``overlap`` is 0 to 1."""

    gold: Statement
    extracted: Statement
    overlap: float

    @property
    def same_speaker(self) -> bool | None:
        """Whether both name the same speaker; None where gold names none."""
        if self.gold.speaker is None:
            return None
        return _name(self.gold.speaker) == _name(self.extracted.speaker)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which extracted statements are gold ones, and what either side has alone."""

    matches: tuple[Match, ...]
    missed: tuple[Statement, ...]
    spurious: tuple[Statement, ...]

    @property
    def precision(self) -> float | None:
        """Share of the extracted statements that are gold; None where nothing was extracted."""
        extracted = len(self.matches) + len(self.spurious)
        return len(self.matches) / extracted if extracted else None

    @property
    def recall(self) -> float | None:
        """Share of the gold statements that were extracted; None where there is no gold."""
        gold = len(self.matches) + len(self.missed)
        return len(self.matches) / gold if gold else None

    @property
    def speaker_accuracy(self) -> float | None:
        """Share of the matches with a gold speaker that resolve to the same name."""
        judged = [match.same_speaker for match in self.matches if match.same_speaker is not None]
        return sum(judged) / len(judged) if judged else None


def align(
    articles: Iterable[Article], gold: Sequence[Statement], extracted: Sequence[Statement], min_overlap: float
) -> Alignment:
    """Match gold and extracted statements of the same article, best pairs first, each statement once.

    The overlap of two statements is the number of letters and digits in both spans over those in either
    (intersection over union). Raises DataError for a gold statement whose article is missing or whose spans do
    not give its text.
    """
    texts = {article.article_id: article.text for article in articles}
    for statement in gold:
        if problem := gold_problem(texts, statement):
            raise DataError(problem)
    by_article: dict[str, tuple[list[Statement], list[Statement]]] = defaultdict(lambda: ([], []))
    for statement in gold:
        by_article[statement.article_id][0].append(statement)
    for statement in extracted:
        by_article[statement.article_id][1].append(statement)
    matches, missed, spurious = [], [], []
    for article_id, (ours, theirs) in by_article.items():
        found = _match(texts[article_id], ours, theirs, min_overlap)
        matches += found
        golds, extracteds = {m.gold.statement_id for m in found}, {m.extracted.statement_id for m in found}
        missed += [s for s in ours if s.statement_id not in golds]
        spurious += [s for s in theirs if s.statement_id not in extracteds]
    return Alignment(tuple(matches), tuple(missed), tuple(spurious))


def gold_problem(texts: Mapping[str, str], statement: Statement) -> str | None:
    """Say in a sentence why a gold statement does not fit its article (``texts`` by article id), or return None."""
    if statement.article_id not in texts:
        return f"gold statement {statement.statement_id}: there is no article {statement.article_id!r}."
    text = texts[statement.article_id]
    if " ".join(text[start:end] for start, end in statement.spans) != statement.text:
        return (
            f"gold statement {statement.statement_id}: its spans do not give its text in the article "
            f"{statement.article_id!r}; is this the text that was annotated?"
        )
    return None


def _match(text: str, gold: list[Statement], extracted: list[Statement], min_overlap: float) -> list[Match]:
    ours, theirs = [_letters(text, s) for s in gold], [_letters(text, s) for s in extracted]
    pairs = []
    for g, a in enumerate(ours):
        for e, b in enumerate(theirs):
            if shared := len(a & b):
                overlap = shared / len(a | b)
                if overlap >= min_overlap:
                    pairs.append((-overlap, g, e))
    used_g: set[int] = set()
    used_e: set[int] = set()
    found = []
    for overlap, g, e in sorted(pairs):
        if g not in used_g and e not in used_e:
            used_g.add(g)
            used_e.add(e)
            found.append(Match(gold[g], extracted[e], -overlap))
    return sorted(found, key=lambda match: match.gold.spans)


def _letters(text: str, statement: Statement) -> frozenset[int]:
    return frozenset(i for start, end in statement.spans for i in range(start, end) if text[i : i + 1].isalnum())


def _name(name: str | None) -> str:
    words = (name or "").replace("\u2019", "'").casefold().split()
    return " ".join(word for word in words if word != "the")
