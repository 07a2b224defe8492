"""What a network is made of: its layers and their sizes, known before memory is taken for them."""

import math
from collections.abc import Callable, Container
from itertools import chain
from typing import NamedTuple

import torch
from torch import Tensor, nn

from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES
from wgan.types import Architecture, SampleSpec


class Layer(NamedTuple):
    """One row of a layer table; `output` is the shape of one sample."""

    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int


def count_parameters(network: nn.Module) -> int:
    """How many numbers training adjusts."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


@torch.no_grad()
def layer_table(network: nn.Module, example: Tensor) -> list[Layer]:
    """The leaf layers in the order in which `network(example)` calls them.

    The network runs in evaluation mode on a batch of its own, and is left as it was.
    """
    rows: list[Layer] = []
    names = {module: name for name, module in network.named_modules()}

    def note(module: nn.Module, inputs: object, output: Tensor) -> None:
        rows.append(Layer(names[module], type(module).__name__, tuple(output.shape[1:]), count_parameters(module)))

    leaves = [module for module in network.modules() if not list(module.children())]
    hooks = [leaf.register_forward_hook(note) for leaf in leaves]
    modes = {module: module.training for module in network.modules()}
    try:
        network.eval()(example)
    finally:
        for module, training in modes.items():
            module.training = training
        for hook in hooks:
            hook.remove()
    return rows


def built(make: Callable[[], nn.Module], what: str) -> nn.Module:
    """The network that `make` makes, if its weights are within the limit.

    Raises:
        InputError: they are not, or cannot be counted.
    """
    try:
        with torch.device("meta"):  # shapes without numbers
            network = make()
    except (RuntimeError, OverflowError, MemoryError, TypeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise InputError(f"{what} cannot be built: {reason}. Its settings describe no network.") from error
    tensors = chain(network.parameters(), network.buffers())
    ARRAY_BYTES.check(sum(tensor.numel() * tensor.element_size() for tensor in tensors), what)
    return make()


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


def networks(pair: Architecture, spec: SampleSpec, *, leave_out: Container[str] = ()) -> list[Network]:
    """The generator and the critic of a pair, but for those that are to be left out.

    Raises:
        InputError: there are none of these settings for these samples.
    """
    try:
        with torch.device("meta"):  # shapes without numbers: no settings, however absurd, take memory here
            examples = {"generator": torch.zeros(2, pair.latent_size), "critic": torch.zeros(2, *spec.shape)}
            built = {name: getattr(pair, name)(spec) for name in examples if name not in leave_out}
        return [Network(name, network, examples[name], math.prod(spec.shape)) for name, network in built.items()]
    except (RuntimeError, OverflowError, TypeError) as error:  # numbers that no tensor can have, shapes that do not fit
        reason = str(error).strip().partition("\n")[0]
        raise InputError(
            f"The networks of these settings cannot be built for data of shape {spec.shape}: {reason}."
        ) from error
