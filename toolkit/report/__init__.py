"""What people look at: plots of one evaluation, the table that compares many, and pages of HTML with their charts."""

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
from toolkit.report.table import ComparisonRow, comparison_csv, comparison_markdown, comparison_table

__all__ = [
    "Bin",
    "Cell",
    "Chart",
    "Code",
    "ComparisonRow",
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
    "comparison_csv",
    "comparison_markdown",
    "comparison_table",
    "coverage_risk",
    "evaluation_plots",
    "forest",
    "heat",
    "over_time",
    "page_html",
    "reliability",
]
