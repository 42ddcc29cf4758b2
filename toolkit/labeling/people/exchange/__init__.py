"""To the tools in which people annotate, and back: every label with who gave it, when, and with what comment."""

from toolkit.labeling.people.exchange.doccano import Doccano
from toolkit.labeling.people.exchange.formats import Item, Returned, Tool, joined, read_items
from toolkit.labeling.people.exchange.labelstudio import LabelStudio
from toolkit.labeling.people.exchange.prodigy import Prodigy
from toolkit.labeling.people.exchange.sheet import Sheet

__all__ = ["TOOLS", "Item", "Returned", "Tool", "joined", "read_items"]

TOOLS: dict[str, Tool] = {
    "labelstudio": LabelStudio(),
    "doccano": Doccano(),
    "prodigy": Prodigy(),
    "table": Sheet(),
}
"""By the names that the commands know them by."""
