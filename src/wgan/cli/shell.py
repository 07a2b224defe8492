"""What all commands share: errors as exit codes, the arguments they have in common, facts as lines or JSON."""

import json
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from wgan.errors import InputError, WganError
from wgan.interruption import Interrupted, raising
from wgan.printable import printable


class Commands(TyperGroup):
    """Turns errors into one paragraph and an exit code: 2 for bad input, 1 for a failed run, 128 + n for signal n."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            with raising():
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


Data = Annotated[
    str | None,
    typer.Argument(
        metavar="DATA",
        help="A folder or an archive (.zip, .tar ...) of pictures; a folder of idx files; a .npy, .npz or .parquet; "
        "digits, toy:ring8, toy:grid25, toy:swissroll, stacked:DATA; from the hub: mnist, fashion-mnist, cifar10, "
        "celeba, hf:owner/name[:config][@split][#column].",
        show_default=False,
    ),
]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="The folder that `wgan train` wrote.")]
Metrics = Annotated[
    str | None,
    typer.Option(metavar="A,B", help="Names of docs/metrics.md, with commas: frechet,recall ...", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]
Size = Annotated[int | None, typer.Option("--size", min=1, help="Side of the pictures in pixels.", show_default=False)]


class Device(StrEnum):
    """Where to compute."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


class PrecisionChoice(StrEnum):
    """How products and convolutions round; "auto" measures, where a run is long enough for that to pay."""

    auto = "auto"
    fp32 = "fp32"
    tf32 = "tf32"
    bf16 = "bf16"


class Switch(StrEnum):
    """What may be left to the program."""

    auto = "auto"
    on = "on"
    off = "off"


class OnDivergence(StrEnum):
    """What to do when numbers leave every bound."""

    stop = "stop"
    rollback = "rollback"


DeviceName = Annotated[Device | None, typer.Option("--device", help="Where to compute. [default: auto]")]
BatchSize = Annotated[int | None, typer.Option("--batch-size", help="Samples in each batch.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any other setting, as in `wgan recipes NAME`; repeatable."),
]
Precision = Annotated[
    PrecisionChoice | None,
    typer.Option(
        help="Of products and convolutions; tf32 needs a GPU. [default: auto: what is fastest, if the run is long]"
    ),
]
Compile = Annotated[
    Switch | None, typer.Option(help="Compile steps to fused kernels. [default: auto: if the run is long]")
]


def _complain(text: str) -> None:
    typer.secho("error: ", fg="red", bold=True, nl=False, err=True)
    typer.echo(printable(text, kept="\n"), err=True)


def make_terminal(*, quiet: bool = False) -> Any:
    """Where long work is shown; a `quiet` one shows nothing."""
    from rich.console import Console

    from wgan.views.terminal import Terminal

    return Terminal(Console(quiet=quiet))


def print_facts(facts: Any, lines: Any, as_json: bool) -> None:
    """Facts as one JSON object, or as the lines that `lines` makes of them."""
    if as_json:
        json.dump(facts, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        for line in lines(facts):
            typer.echo(printable(line))
