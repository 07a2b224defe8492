"""The networks of a configuration as layer tables."""

import math

import torch
from torch import nn

from wgan.config import RunConfig
from wgan.errors import InputError
from wgan.networks import Layer, count_parameters, layer_table
from wgan.types import DataShape

MOST_VALUES = 1 << 26
"""Of a network's weights, or of a layer's output: beyond that, only shapes are computed."""


class Network:
    """A network's layer table and size. `network` and `example` are without numbers, on the device "meta"."""

    def __init__(self, title: str, network: nn.Module, example: torch.Tensor, values: int) -> None:
        self.title = title
        self.parameters = count_parameters(network)
        # Shapes without numbers are computed by Python code of torch's compiler, which takes 1.5 s to import. A layer
        # has about as many channels as the root of the parameters, and at most as many places as there are `values`.
        if max(self.parameters, math.isqrt(self.parameters) * values) <= MOST_VALUES:
            empty = {name: torch.empty(t.shape, dtype=t.dtype) for name, t in network.state_dict().items()}
            network.load_state_dict(empty, assign=True)
            example = torch.zeros(example.shape)
        self.layers: list[Layer] = layer_table(network, example)


def networks(config: RunConfig, shape: DataShape) -> list[Network]:
    """The generator and the critic of a configuration; those that were passed from Python cannot be shown.

    Raises:
        InputError: there are none of these settings for this shape.
    """
    try:
        with torch.device("meta"):  # shapes without numbers: no settings, however absurd, take memory here
            examples = {"generator": torch.zeros(2, config.networks.latent_size), "critic": torch.zeros(2, *shape)}
            built = {name: getattr(config.networks, name)(shape) for name in examples if name not in config.custom}
        return [Network(name, network, examples[name], math.prod(shape)) for name, network in built.items()]
    except (RuntimeError, OverflowError, TypeError) as error:  # numbers that no tensor can have, shapes that do not fit
        reason = str(error).strip().partition("\n")[0]
        raise InputError(
            f"The networks of these settings cannot be built for data of shape {shape}: {reason}."
        ) from error
