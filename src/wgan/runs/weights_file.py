"""A file of a generator's weights without its run, and what it says of the networks that they are for."""

import warnings
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import tomli_w
from torch import nn

from wgan.config import RunConfig
from wgan.errors import InputError
from wgan.networks import NETWORKS, built
from wgan.runs.best import Step
from wgan.runs.generative import Generative, spec_values
from wgan.runs.run import Run
from wgan.runs.weights import load_weights, read_metadata
from wgan.system.validation import OneOf, checked, toml_values
from wgan.types import Architecture, SampleSpec

KEY = "wgan"
"""In the metadata of a safetensors file; its value is TOML."""
COLUMNS = 8


@dataclass(frozen=True)
class Described:
    """What the metadata of a file say."""

    networks: Annotated[Architecture, OneOf(NETWORKS, "networks")]
    sample: SampleSpec


ONE_GENERATOR = "{} holds one generator, and not one for each step."


def metadata_of(config: RunConfig, spec: SampleSpec) -> dict[str, str]:
    """What makes a generator's weights readable without their run; nothing for a generator of the user's own."""
    if "generator" in config.custom:
        return {}
    values = {"recipe": config.recipe, "networks": config.to_dict()["networks"], "sample": spec_values(spec)}
    return {KEY: tomli_w.dumps(values)}


class WeightsFile(Generative):
    """A file of a generator's weights. Reading it executes nothing."""

    def __init__(self, path: str | Path, networks: Architecture, spec: SampleSpec) -> None:
        self.path, self._spec, self._latent_size = Path(path), spec, networks.latent_size
        self._make: Callable[[], nn.Module] = lambda: built(lambda: networks.generator(spec), f"The one of {path}")

    @classmethod
    def open(cls, path: str | Path, generator: nn.Module | None = None) -> "WeightsFile":
        """A file that says itself what it is for, or that lies beside the configuration of its run.

        `generator` receives the weights if the run's generator was passed from Python.

        Raises:
            InputError: it does neither, or its description is damaged.
        """
        path = Path(path)
        beside = Run(path.parent, generator)
        if beside.config_file.is_file():
            opened = cls(path, beside.config.networks, beside.spec)
            opened._make = beside.blank_generator
            return opened
        text = read_metadata(path).get(KEY)
        if text is None:
            raise InputError(
                f"{path} does not say which networks its weights are for, and no config.toml of a run lies beside it. "
                "Name the recipe that they were trained with: --recipe NAME, with the --set that it was given."
            )
        found = checked(Described, toml_values(text, f"The description in {path}"), f"{path}: ")
        return cls(path, found.networks, found.sample)

    @property
    def spec(self) -> SampleSpec:
        return self._spec

    @property
    def latent_size(self) -> int:
        return self._latent_size

    @property
    def columns(self) -> int:
        return COLUMNS

    @cached_property
    def _loaded(self) -> tuple[nn.Module, str]:
        network = self._make()
        note = load_weights(network, self.path)
        return network.eval().requires_grad_(False), note

    @property
    def note(self) -> str:
        """How the weights were matched, if not by name."""
        return self._loaded[1]

    def generator(self, step: Step | None = None) -> nn.Module:
        if step is not None:
            raise InputError(ONE_GENERATOR.format(self.path))
        return self._loaded[0]


def opened(path: str | Path, generator: nn.Module | None = None) -> Generative:
    """A run, a generator on the hub, or a file of weights. Raises what their `open` raises."""
    return WeightsFile.open(path, generator) if Path(path).is_file() else Run.open(path, generator)


def load(run: str | Path, *, step: Step | None = None, generator: nn.Module | None = None) -> nn.Module:
    """The trained generator of a run: averaged weights, evaluation mode, CPU. Takes (B, latent size) normals.

    That of a conditional run is called with (z, condition): `opened.conditions(len(z), {"label": "cat"})` makes the
    second of the words of a user, where `opened` is `wgan.Run.open(run)`.

    Of a file of weights too, if it says what they are for, or `generator` is such a network; and of one on the hub,
    `hf:owner/name`.
    """
    if generator is None or not Path(run).is_file():
        return (opened(run) if generator is None else Run.open(run, generator)).generator(step)
    if step is not None:
        raise InputError(ONE_GENERATOR.format(run))
    network = deepcopy(generator).cpu()
    if note := load_weights(network, Path(run)):
        warnings.warn(f"{note}.", stacklevel=2)
    return network.eval().requires_grad_(False)
