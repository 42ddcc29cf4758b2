"""Labels for statements: gold joined to extracted statements by the overlap of spans; checks and counts."""

from toolkit.gold.align import Alignment, Match, align, gold_problem
from toolkit.gold.check import Checked, check, count

__all__ = ["Alignment", "Checked", "Match", "align", "check", "count", "gold_problem"]
