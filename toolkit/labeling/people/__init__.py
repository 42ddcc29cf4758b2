"""Labels by people: what they are given, and what comes back."""

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

__all__ = [
    "clusters_of",
    "disagreement",
    "draw",
    "inclusion",
    "of_strata",
    "rareness",
    "uncertainty",
    "with_floor",
]
