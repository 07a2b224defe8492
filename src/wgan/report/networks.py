"""The networks of a configuration as layer tables."""

import torch
from torch import nn

from wgan.config import RunConfig
from wgan.errors import InputError
from wgan.networks import Layer, count_parameters, layer_table
from wgan.types import DataShape


class Network:
    """A network's layer table and size."""

    def __init__(self, title: str, network: nn.Module, example: torch.Tensor) -> None:
        self.title = title
        self.layers: list[Layer] = layer_table(network, example)
        self.parameters = count_parameters(network)


def networks(config: RunConfig, shape: DataShape) -> list[Network]:
    """The generator and the critic of a configuration; those that were passed from Python cannot be shown.

    Raises:
        InputError: there are none of these settings for this shape.
    """
    try:
        with torch.device("meta"):  # shapes without numbers: no settings, however absurd, take memory here
            examples = {"generator": torch.zeros(2, config.networks.latent_size), "critic": torch.zeros(2, *shape)}
            return [
                Network(name, getattr(config.networks, name)(shape), example)
                for name, example in examples.items()
                if name not in config.custom
            ]
    except (RuntimeError, OverflowError, TypeError) as error:  # numbers that no tensor can have, shapes that do not fit
        reason = str(error).strip().partition("\n")[0]
        raise InputError(
            f"The networks of these settings cannot be built for data of shape {shape}: {reason}."
        ) from error
