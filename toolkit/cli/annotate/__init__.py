"""``stance annotate``: what people label, and how far they agree."""

import typer

from toolkit.cli.annotate.adjudicate import adjudicate_command
from toolkit.cli.annotate.agreement import agreement_command
from toolkit.cli.annotate.page import collect_command, label_page_command

__all__ = ["app"]

app = typer.Typer(
    help="Choose what people label, let them label it, and compare what they labelled.",
    epilog="Example: stance annotate agreement coded.csv --scheme stance",
    no_args_is_help=True,
)
app.command("label")(label_page_command)
app.command("collect")(collect_command)
app.command("adjudicate")(adjudicate_command)
app.command("agreement")(agreement_command)
