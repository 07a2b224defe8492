"""Arguments and options that several commands share."""

import csv
import shlex
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wgan.errors import InputError
from wgan.language import set_language

if TYPE_CHECKING:
    from torch import nn

    from wgan.runs.best import Step

Data = Annotated[
    str | None,
    typer.Argument(
        metavar="DATA",
        help="A folder or an archive (.zip, .tar ...) of pictures; a folder of idx files; an array (.npy, .npz, .h5, "
        ".mat), a table (.csv, .parquet), or a folder of arrays, scans or TIFF stacks; "
        "digits, toy:ring8, toy:grid25, toy:grid100, toy:swissroll, toy:circle, stacked:DATA; from the hub: mnist, "
        "fashion-mnist, cifar10, celeba, hf:owner/name[:config][@split][#column].",
        show_default=False,
    ),
]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="The folder that `wgan train` wrote.")]
TrainedPath = Annotated[
    Path,
    typer.Argument(metavar="RUN", help="The folder that `wgan train` or `wgan export` wrote, or hf:owner/name."),
]
OwnNetworks = Annotated[
    str | None,
    typer.Option(
        "--networks",
        metavar="MODULE:CLASS",
        help="The generator's class, of a run with networks of your own.",
        show_default=False,
    ),
]
AtStep = Annotated[
    str | None,
    typer.Option("--step", metavar="STEP", help="Use the checkpoint of this step, or the best. [default: newest]"),
]
Metrics = Annotated[
    str | None,
    typer.Option(
        metavar="A,B",
        help="Names of docs/metrics.md, with commas: frechet,recall ... A function of your own: module:function.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]

LanguageName = StrEnum("LanguageName", ["en", "zh"])
LANGUAGE_HELP = "Language of verdicts, findings and reports. [default: the locale's]"


def speak(name: LanguageName | None) -> LanguageName | None:
    """Set the language that an option names."""
    if name is not None:
        set_language("zh" if name is LanguageName.zh else "en")
    return name


Lang = Annotated[
    LanguageName | None,
    typer.Option(
        "--lang",
        callback=speak,
        help=LANGUAGE_HELP,
    ),
]
"""A command that has this option need not read it: its callback has."""
Size = Annotated[int | None, typer.Option("--size", min=1, help="Side of the pictures in pixels.", show_default=False)]


Device = StrEnum("Device", ["auto", "cpu", "cuda", "mps"])
PrecisionChoice = StrEnum("PrecisionChoice", ["auto", "fp32", "tf32", "bf16"])
Switch = StrEnum("Switch", ["auto", "on", "off"])
Augment = StrEnum("Augment", ["auto", "none", "diffaugment", "ada"])
OnDivergence = StrEnum("OnDivergence", ["stop", "rollback"])
DeviceName = Annotated[Device | None, typer.Option("--device", help="Where to compute. [default: auto]")]
BatchSize = Annotated[int | None, typer.Option("--batch-size", help="Samples in each batch.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any other setting, as in `wgan recipes NAME`; repeatable."),
]
Track = Annotated[
    list[str] | None,
    typer.Option(
        "--track",
        metavar="A,B",
        help="Send the log to wandb, mlflow or trackio while it is written, beside TensorBoard's events; none: "
        "nothing, not even those. See docs/trackers.md.",
    ),
]
Precision = Annotated[
    PrecisionChoice | None,
    typer.Option(
        help="Number format of products; tf32 needs a GPU. [default: auto: what is fastest, if the run is long]"
    ),
]
Compile = Annotated[
    Switch | None, typer.Option(help="Compile steps to fused kernels. [default: auto: if the run is long]")
]


def columns_in(text: str | None) -> tuple[str, ...] | None:
    """The names of columns in a comma-separated list; in double quotes they may have commas. None stays None.

    Raises:
        InputError: it names nothing.
    """
    if text is None:
        return None
    names = tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True), []) if name.strip())
    if not names:
        raise InputError("--condition names nothing. `wgan data DATA` says what could be asked for.")
    return names


def as_column(name: str) -> str:
    """The name of a column as a shell takes it after --condition."""
    quoted = '"' + name.replace('"', '""') + '"' if set(name) & set(',"') else name
    return shlex.quote(quoted)


def names_in(text: str | None) -> tuple[str, ...] | None:
    """The names in a comma-separated list; None stays None."""
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())


def own_generator_of(named: str | None) -> "nn.Module | None":
    """The network that --networks names; None stays None. This runs the user's code."""
    if named is None:
        return None
    from wgan.networks.own import own_generator

    return own_generator(named)


def step_in(text: str | None) -> "Step | None":
    """The step that --step names: a number, or the best."""
    if text is None or text == "best":
        return "best" if text else None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise InputError(f"--step {text} is no step. Give a whole number, or best.")
    return int(text)


def trackers_in(texts: Sequence[str] | None) -> tuple[str, ...] | None:
    """The trackers that options name; None stays None."""
    from wgan.trackers import tracked_by

    return None if texts is None else tracked_by(texts)


def settings_of(flags: Mapping[str, Any], texts: Sequence[str] | None) -> dict[str, Any]:
    """Settings by dotted key, from the flags that were given and from `--set`, which wins."""
    from wgan.config import parse_settings

    given = {key: value.value if isinstance(value, StrEnum) else value for key, value in flags.items()}
    return {key: value for key, value in given.items() if value is not None} | parse_settings(texts or ())
