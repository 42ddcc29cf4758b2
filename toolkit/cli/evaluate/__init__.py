"""``stance evaluate``: how good an extraction and a model are, where they fail, and whether they behave as meant."""

import typer

from toolkit.cli.evaluate.behaviour import behaviour_command
from toolkit.cli.evaluate.calibration import calibration_command
from toolkit.cli.evaluate.codebook import codebook_command
from toolkit.cli.evaluate.errors import errors_command
from toolkit.cli.evaluate.model import model_command
from toolkit.cli.evaluate.quotes import quotes_command
from toolkit.cli.evaluate.slices import slices_command

__all__ = ["app"]

app = typer.Typer(
    help="Compare what was predicted with gold.",
    epilog="Example: stance evaluate quotes data/sample/gold.jsonl statements.jsonl -a data/sample/articles.jsonl",
    no_args_is_help=True,
)
app.command("quotes")(quotes_command)
app.command("codebook")(codebook_command)
app.command("model")(model_command)
app.command("slices")(slices_command)
app.command("calibration")(calibration_command)
app.command("errors")(errors_command)
app.command("behaviour")(behaviour_command)
