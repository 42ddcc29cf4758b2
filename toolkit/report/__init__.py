"""What people look at: plots of one evaluation, and the table that compares many."""

from toolkit.report.bias import BIAS_FORMATS, bias_plot
from toolkit.report.plots import evaluation_plots
from toolkit.report.shift import CurveRow, GapRow, curve_csv, curve_plots, curve_table, gap_csv, gap_table
from toolkit.report.table import ComparisonRow, comparison_csv, comparison_markdown, comparison_table

__all__ = [
    "BIAS_FORMATS",
    "ComparisonRow",
    "CurveRow",
    "GapRow",
    "bias_plot",
    "comparison_csv",
    "comparison_markdown",
    "comparison_table",
    "curve_csv",
    "curve_plots",
    "curve_table",
    "evaluation_plots",
    "gap_csv",
    "gap_table",
]
