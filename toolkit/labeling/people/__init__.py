"""Labels by people: what they are given, and what comes back."""

from toolkit.labeling.people.combining import METHODS, Combined, Method, combine
from toolkit.labeling.people.sampling import (
    clusters_of,
    disagreement,
    draw,
    inclusion,
    of_strata,
    rareness,
    uncertainty,
    with_floor,
)
from toolkit.labeling.people.suspects import SUSPECT_COLUMNS, Suspect, suspects

__all__ = [
    "METHODS",
    "SUSPECT_COLUMNS",
    "Combined",
    "Method",
    "Suspect",
    "clusters_of",
    "combine",
    "disagreement",
    "draw",
    "inclusion",
    "of_strata",
    "rareness",
    "suspects",
    "uncertainty",
    "with_floor",
]
