"""Facts on standard output: one JSON object, or lines for people."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import typer

from wgan.system.text import printable

if TYPE_CHECKING:
    from wgan.views.terminal import Terminal

Facts = Mapping[str, Any]


def make_terminal(*, quiet: bool = False) -> "Terminal":
    """Where long work is shown; a `quiet` one shows nothing."""
    from rich.console import Console

    from wgan.views.terminal import Terminal

    return Terminal(Console(quiet=quiet))


def announce(text: str) -> None:
    """Say on a terminal what takes a while. A pipe or a file hears nothing."""
    if sys.stderr.isatty():
        typer.echo(printable(text), err=True)


def print_facts(facts: Facts, lines: Callable[[Facts], Iterable[str]], *, as_json: bool) -> None:
    """Print facts as one JSON object, or as the lines that `lines` makes of them."""
    if as_json:
        json.dump(facts, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        for line in lines(facts):
            typer.echo(printable(line))
