"""The command line: parse, call, print. What it offers is frozen by `tests/cli/test_surface.py`.

To add a command: copy the smallest file here (`doctor.py`) and add a line to the table below.
"""

import atexit
import gc
import signal
import warnings
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from wgan._version import __version__
from wgan.cli.bench import bench
from wgan.cli.data import data
from wgan.cli.doctor import doctor
from wgan.cli.evaluate import evaluate
from wgan.cli.explore import explore
from wgan.cli.export import export
from wgan.cli.gallery import gallery
from wgan.cli.options import LANGUAGE_HELP, LanguageName, speak
from wgan.cli.recipes import recipes
from wgan.cli.report import report
from wgan.cli.sample import sample
from wgan.cli.sweep import sweep
from wgan.cli.train import train
from wgan.errors import InputError, WganError
from wgan.language import using
from wgan.system.interruption import Interrupted, raising
from wgan.system.text import printable

COMMANDS = (train, sample, explore, doctor, evaluate, report, sweep, export, data, recipes, bench, gallery)
"""In the order of `wgan --help`. What they need is imported when they are called: `--help` answers at once."""


class Commands(TyperGroup):
    """Turns errors into one paragraph and an exit code: 2 for bad input, 1 for a failed run, 128 + n for signal n."""

    def invoke(self, ctx: Any) -> Any:
        try:
            with raising(), using(None):  # an option's language is that of its command only
                return super().invoke(ctx)
        except WganError as error:
            _complain(str(error))
            raise typer.Exit(2 if isinstance(error, InputError) else 1) from error
        except BrokenPipeError:
            raise  # the reader of our output left; typer knows what to do
        except OSError as error:
            _complain(f"{error.filename or 'A file'}: {error.strerror or error}.")
            raise typer.Exit(1) from error
        except KeyboardInterrupt as interrupt:
            number = interrupt.signal if isinstance(interrupt, Interrupted) else signal.SIGINT
            by = "" if number == signal.SIGINT else f" by {number.name}"
            typer.echo(f"Interrupted{by}. {interrupt}".rstrip(), err=True)
            raise typer.Exit(128 + number) from interrupt


def _complain(text: str) -> None:
    typer.secho("error: ", fg="red", bold=True, nl=False, err=True)
    typer.echo(printable(text, kept="\n"), err=True)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Train, watch and use generative adversarial networks of the Wasserstein family.",
    epilog="Start with: wgan train",
)
for command in COMMANDS:
    app.command()(command)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
    lang: Annotated[LanguageName | None, typer.Option(help=LANGUAGE_HELP)] = None,
) -> None:
    speak(lang)  # here, not in a callback: options before the command are read before `invoke`
    if version:
        typer.echo(f"wgan {__version__}")
        raise typer.Exit


def main() -> None:
    """The `wgan` command."""
    warnings.formatwarning = lambda message, *_, **__: f"note: {printable(str(message))}\n"
    # Python looks through all that was loaded for garbage, again and again while torch is imported and once at the end:
    # half a second of the four that a short run takes, in which there is none.
    gc.set_threshold(10_000, 10, 10)
    atexit.register(gc.freeze)
    app()
