"""The command line, frozen: a flag that appears or goes makes this fail, on purpose."""

import typer

from wgan.augmentation import AUGMENTATIONS
from wgan.cli import app, options

SURFACE = {
    "train": [
        "DATA",
        "--recipe",
        "--out",
        "--steps",
        "--epochs",
        "--minutes",
        "--condition",
        "--size",
        "--augment",
        "--batch-size",
        "--seed",
        "--device",
        "--precision",
        "--compile",
        "--metrics",
        "--stop",
        "--track",
        "--set",
        "--dry-run",
        "--fresh",
        "--on-divergence",
        "--lang",
    ],
    "sample": [
        "RUN",
        "-n",
        "--seed",
        "--out",
        "--each",
        "--format",
        "--condition",
        "--interpolate",
        "--stretch",
        "--step",
        "--only",
        "--latent",
        "--recipe",
        "--set",
        "--networks",
    ],
    "explore": ["RUN", "--out", "--step", "--neighbours", "--networks", "--lang"],
    "doctor": ["RUN", "--json", "--lang"],
    "evaluate": ["RUN", "--metrics", "--data", "-n", "--step", "--seed", "--networks", "--json", "--lang"],
    "export": ["RUN", "--to", "--push", "--private", "--license", "--data-name", "--step", "--onnx", "--networks"],
    "report": ["RUN...", "--out", "--lang"],
    "sweep": [
        "DATA",
        "--set",
        "--seeds",
        "--out",
        "--jobs",
        "--metric",
        "--at",
        "--random",
        "--optuna",
        "--draw-seed",
        "--slurm",
        "--table",
        "--dry-run",
        "--recipe",
        "--steps",
        "--epochs",
        "--minutes",
        "--condition",
        "--size",
        "--augment",
        "--batch-size",
        "--device",
        "--precision",
        "--compile",
        "--stop",
        "--lang",
    ],
    "data": ["DATA", "--size", "--set", "--augment", "--out", "--json"],
    "recipes": ["[NAME]", "--json"],
    "bench": ["[RECIPE]", "--batch-size", "--device", "--set", "--engine", "--rounds", "--json"],
    "gallery": ["[FIGURE...]", "--out", "--list"],
}


def test_augmentations_are_those_of_the_table():
    assert [name.value for name in options.Augment] == ["auto", *AUGMENTATIONS]


def test_the_surface_is_this():
    commands = typer.main.get_command(app).commands
    surface = {
        name: [option.opts[0] if option.opts[0].startswith("-") else option.metavar for option in command.params]
        for name, command in commands.items()
    }
    assert surface == SURFACE


def test_everything_has_a_help_text():
    for command in typer.main.get_command(app).commands.values():
        assert command.help
        for option in command.params:
            assert option.help, (command.name, option.name)
