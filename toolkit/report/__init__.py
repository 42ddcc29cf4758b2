"""What people look at: plots of one evaluation, and the table that compares many."""

from toolkit.report.plots import evaluation_plots
from toolkit.report.table import ComparisonRow, comparison_csv, comparison_markdown, comparison_table

__all__ = ["ComparisonRow", "comparison_csv", "comparison_markdown", "comparison_table", "evaluation_plots"]
