"""``stance models``: the registry."""

import typer

from toolkit.cli.models.history import history_command
from toolkit.cli.models.listing import list_command
from toolkit.cli.models.promote import promote_command
from toolkit.cli.models.recalibrate import recalibrate_command

__all__ = ["app"]

app = typer.Typer(
    help="List registered models, say which is the champion, let one decide anew on a new source.",
    epilog="Example: stance models promote stance 2",
    no_args_is_help=True,
)
app.command("list")(list_command)
app.command("recalibrate")(recalibrate_command)
app.command("promote")(promote_command)
app.command("history")(history_command)
