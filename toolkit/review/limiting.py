"""The section of a page that tells what its figures do not say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from toolkit.report import Items, Section
from toolkit.review.reviewed import Reviewed

__all__ = ["limits"]

_FEW_EXAMPLES, _FEW_ARTICLES = 30, 30
"""Gold examples of a label, and held-out articles, below which a reader is warned of an interval."""
_INVENTED = "data/sample/"
"""Where the corpus lies that comes with the toolkit."""
_RULES = ("codebook", "cues")
"""Kinds of models that ask what the codebook's authors wrote, and settings that make features of it."""


def limits(of: Reviewed) -> Section:
    """What the figures do not say."""
    return Section("Limits", (Items(tuple(dict.fromkeys(_limits(of)))),))


def _limits(of: Reviewed) -> Iterator[str]:
    files = [*of.config.get("data", {}).get("articles", []), *of.config.get("data", {}).get("statements", [])]
    if any(str(name).startswith(_INVENTED) for name in files):
        yield (
            "The corpus under data/sample is invented, by writers who knew the codebook: its figures compare models "
            "with each other and say nothing of how well any does on real news."
        )
    statements = of.models[0].statements
    articles, sources = {one.article_id for one in statements}, {one.source for one in statements}
    if len(articles) < _FEW_ARTICLES:
        yield f"Only {len(articles)} articles are held out: intervals over so few clusters are rather too short."
    if of.config.get("split", {}).get("kind") == "grouped":
        yield (
            f"Held-out articles are of the same {len(sources)} sources and the same time as the training articles: the "
            "figures are not those of another source or a later year."
        )
    yield from _ruled(of)
    for model in of.models:
        for label in model.run.scheme.labels:
            support = model.figure(f"f1/{label}").support
            if support < _FEW_EXAMPLES:
                yield f"{model.run.scheme.name}: {label} has {support} gold examples held out; its figures are loose."
    undefined = sorted(
        {name for model in of.models for name, one in model.evaluation.figures.items() if one.value is None}
    )
    if undefined:
        yield f"Undefined for a model at least, and so in no average: {', '.join(undefined[:12])}."
    yield f"One split and one seed ({of.config.get('seed')}): what another division gives is not told here."
    yield "Tests of behaviour are no part of a logged run; stance evaluate behaviour runs them."
    yield "Gold labels are taken as true; how far annotators agree is not part of these runs."
    if of.tags.get("git.dirty") == "true":
        yield "The code differed from the commit when the runs were made: the commit alone does not give them back."


def _ruled(of: Reviewed) -> Iterator[str]:
    """Warn of figures that the authors of the rules may have written themselves."""
    names = list(dict.fromkeys(model.name for model in of.models if _reads_rules(model.run.parameters)))
    if names:
        one = len(names) == 1
        yield (
            f"{' and '.join(names)} {'reads' if one else 'read'} rules or cues of the codebook, written by "
            "people who may have read statements like the held-out ones, which no run can know: unless they were kept "
            f"unread, {'its figures are' if one else 'their figures are'} upper bounds."
        )


def _reads_rules(parameters: Mapping[str, str]) -> bool:
    """Say whether a model, or a member of it, asks the codebook; its parameters tell what was chosen by a search."""
    for name, value in parameters.items():
        last = name.rpartition(".")[2]
        if (last == "kind" and value in _RULES) or (last in _RULES and value not in ("0", "0.0", "False")):
            return True
    return False
