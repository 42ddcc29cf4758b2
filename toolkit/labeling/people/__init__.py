"""Labels by people: what they are given, and what comes back."""

from toolkit.labeling.people.combining import METHODS, Combined, Method, combine
from toolkit.labeling.people.curves import SIMULATED, Course, Plan, Simulation
from toolkit.labeling.people.sampling import (
    clusters_of,
    disagreement,
    draw,
    inclusion,
    of_strata,
    rareness,
    uncertainty,
    weights_by,
    with_floor,
)
from toolkit.labeling.people.simulation import simulate
from toolkit.labeling.people.suspects import SUSPECT_COLUMNS, Suspect, suspects

__all__ = [
    "METHODS",
    "SIMULATED",
    "SUSPECT_COLUMNS",
    "Combined",
    "Course",
    "Method",
    "Plan",
    "Simulation",
    "Suspect",
    "clusters_of",
    "combine",
    "disagreement",
    "draw",
    "inclusion",
    "of_strata",
    "rareness",
    "simulate",
    "suspects",
    "uncertainty",
    "weights_by",
    "with_floor",
]
