"""``stance annotate``: what people label, and how far they agree."""

import typer

from toolkit.cli.annotate.adjudicate import adjudicate_command
from toolkit.cli.annotate.agreement import agreement_command
from toolkit.cli.annotate.combine import combine_command
from toolkit.cli.annotate.exchange import export_command, import_command
from toolkit.cli.annotate.page import collect_command, label_page_command
from toolkit.cli.annotate.sample import sample_command
from toolkit.cli.annotate.simulate import simulate_command

__all__ = ["app"]

app = typer.Typer(
    help="Choose what people label, let them label it here or in their tools, and compare what they labelled.",
    epilog="Example: stance annotate agreement coded.csv --scheme stance",
    no_args_is_help=True,
)
app.command("sample")(sample_command)
app.command("simulate")(simulate_command)
app.command("label")(label_page_command)
app.command("collect")(collect_command)
app.command("export")(export_command)
app.command("import")(import_command)
app.command("agreement")(agreement_command)
app.command("combine")(combine_command)
app.command("adjudicate")(adjudicate_command)
