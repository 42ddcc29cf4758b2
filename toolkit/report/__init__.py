"""What people look at: plots of one evaluation, the table that compares many, and pages of HTML with their charts."""

from toolkit.report.bias import BIAS_FORMATS, bias_plot
from toolkit.report.charts import Measured, bars, forest, heat
from toolkit.report.curves import Bin, Line, coverage_risk, over_time, reliability
from toolkit.report.page import page_html
from toolkit.report.parts import (
    Cell,
    Chart,
    Code,
    Group,
    Items,
    Note,
    Page,
    Part,
    PValue,
    Quotation,
    Section,
    Terms,
    Value,
)
from toolkit.report.parts import Table as PageTable
from toolkit.report.plots import evaluation_plots
from toolkit.report.shift import CurveRow, GapRow, curve_csv, curve_plots, curve_table, gap_csv, gap_table
from toolkit.report.table import ComparisonRow, comparison_csv, comparison_markdown, comparison_table

__all__ = [
    "BIAS_FORMATS",
    "Bin",
    "Cell",
    "Chart",
    "Code",
    "ComparisonRow",
    "CurveRow",
    "GapRow",
    "Group",
    "Items",
    "Line",
    "Measured",
    "Note",
    "PValue",
    "Page",
    "PageTable",
    "Part",
    "Quotation",
    "Section",
    "Terms",
    "Value",
    "bars",
    "bias_plot",
    "comparison_csv",
    "comparison_markdown",
    "comparison_table",
    "coverage_risk",
    "curve_csv",
    "curve_plots",
    "curve_table",
    "evaluation_plots",
    "forest",
    "gap_csv",
    "gap_table",
    "heat",
    "over_time",
    "page_html",
    "reliability",
]
