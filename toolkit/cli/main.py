"""The ``stance`` program: its commands, and the one place where errors become sentences and exit codes."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import Annotated, NoReturn

import typer

from toolkit.cli import (
    annotate,
    compare,
    config,
    console,
    data,
    evaluate,
    extract,
    init,
    label,
    models,
    predict,
    prevalence,
    report,
    train,
    ui,
)
from toolkit.errors import ToolkitError, first_line
from toolkit.version import __version__

__all__ = ["app", "main"]

_ANYWHERE = ("--debug", "--quiet", "--log-json")
"""Options of the program that may stand behind the command too."""

app = typer.Typer(
    name="stance",
    help="From news articles to attributed statements, their stance, and figures that a reviewer can recompute.",
    epilog="Example: stance train experiments/quickstart.yaml",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("init")(init.init_command)
app.command("extract")(extract.extract_command)
app.command("label")(label.label_command)
app.command("train")(train.train_command)
app.add_typer(annotate.app, name="annotate")
app.add_typer(evaluate.app, name="evaluate")
app.command("compare")(compare.compare_command)
app.command("predict")(predict.predict_command)
app.add_typer(data.app, name="data")
app.add_typer(config.app, name="config")
app.add_typer(models.app, name="models")
app.command("prevalence")(prevalence.prevalence_command)
app.command("report")(report.report_command)
app.command("ui")(ui.ui_command)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")] = False,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Say everything as JSON Lines (or by STANCE_LOG=json).")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    # Only for the help: main() takes these off the line wherever they stand.
    console.debug = console.debug or debug
    console.quiet = console.quiet or quiet
    console.log_json = console.log_json or log_json


def main() -> NoReturn:
    """Run the program and exit: 0 success, 1 failed work, 2 a wrong call, 130 and 143 when interrupted."""
    signal.signal(signal.SIGTERM, lambda number, frame: console.end(console.Terminated))
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # otherwise whoever started us wants it ignored
        signal.signal(signal.SIGINT, lambda number, frame: console.end(KeyboardInterrupt))
    # Anywhere on the line: people add it to the end of the line that failed.
    arguments = [a for a in sys.argv[1:] if a not in _ANYWHERE]
    console.debug, console.quiet, log_json = (option in sys.argv[1:] for option in _ANYWHERE)
    asked = os.environ.get("STANCE_LOG", "")
    if asked not in ("", "json"):
        console.error(f"STANCE_LOG: {asked!r} is no format of logs; allowed is json.")
        sys.exit(2)
    console.log_json = log_json or asked == "json"
    if console.quiet or console.log_json:
        _quieten_libraries()
    sys.exit(_run(arguments))


def _quieten_libraries() -> None:
    """Let logs of libraries come as ours do: lines of JSON, or errors alone. MLflow would print its own past them."""
    os.environ.setdefault("MLFLOW_CONFIGURE_LOGGING", "false")
    logging.root.addHandler(console.Logged(logging.ERROR if console.quiet else logging.WARNING))


def _run(arguments: list[str]) -> int:
    try:
        with console.remarks_said():
            code = app(arguments, prog_name="stance", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except typer.Exit as error:
        return error.exit_code
    except typer.TyperException as error:
        console.error(f"{error.format_message().rstrip('.')}. --help behind the command tells what is allowed.")
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        console.advise("Interrupted.")
        return 130
    except console.Terminated:
        console.advise("Terminated.")
        return 143
    except BrokenPipeError:
        # The reader of our output has left; nothing is to be said any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ToolkitError as error:
        if console.debug:
            raise
        for line in str(error).splitlines():
            console.error(line)
        return error.exit_code
    except OSError as error:
        if console.debug:
            raise
        # A full disk, a missing permission: the machine's, and a person can mend it.
        console.error(f"{error.filename or 'the work'}: {(error.strerror or first_line(error)).lower()}.")
        return 1
    except MemoryError:
        if console.debug:
            raise
        console.error("there is not enough memory for this: give it smaller files, or a machine with more.")
        return 1
    except Exception as error:
        if console.debug:
            raise
        told = f"{type(error).__name__}: {first_line(error)}"
        console.error(f"This is a fault of the toolkit, not yours: {told} (--debug shows more).")
        return 1
