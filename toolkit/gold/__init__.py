"""Gold: joined to extracted statements by the overlap of spans, combined over annotators, checked and counted."""

from toolkit.gold.align import Alignment, Match, align, gold_problem
from toolkit.gold.check import Checked, check, count
from toolkit.gold.combine import combined

__all__ = ["Alignment", "Checked", "Match", "align", "check", "combined", "count", "gold_problem"]
