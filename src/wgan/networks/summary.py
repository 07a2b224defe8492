"""The layers of a network and their sizes, without its numbers."""

import math
from collections.abc import Callable, Container
from itertools import chain
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import type_before_parametrizations

from wgan.errors import InputError
from wgan.networks.layers import Squeeze
from wgan.system.limits import ARRAY_BYTES
from wgan.types import Architecture, SampleSpec

VIEWS = (nn.Flatten, nn.Unflatten, nn.Identity, Squeeze)
"""Layers whose output is their input in another shape."""
MAKERS = "parametrizations"
"""Where torch keeps the modules that make the weights of a layer."""
MEGABYTE = 1 << 20


class Layer(NamedTuple):
    """One row of a layer table; `output` is the shape of one sample."""

    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int
    kept: int
    """Values that the output takes in memory: none if it is the input in another shape."""


class Network(NamedTuple):
    """A network's layer table and size."""

    title: str
    parameters: int
    """Those that are trained."""
    fixed: int
    """Parameters that are not. Running statistics are none."""
    inputs: int
    """Values of one input."""
    layers: list[Layer]

    @property
    def megabytes(self) -> dict[str, float]:
        """Memory in units of 2^20 bytes: of the parameters, and of one sample in fp32.

        Backward, each layer's output has a gradient of its size: forward and backward together are twice the outputs.
        """
        outputs = sum(layer.kept for layer in self.layers)
        values = {
            "input": self.inputs,
            "forward": outputs,
            "forward_backward": 2 * outputs,
            "parameters": self.parameters + self.fixed,
        }
        return {name: 4 * count / MEGABYTE for name, count in values.items()}


def count_parameters(network: nn.Module) -> int:
    """The number of trainable parameters."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def _is_layer(name: str, module: nn.Module) -> bool:
    """Whether it holds weights or no layers, and does not make the weights of one, as a spectral norm does."""
    return (not _within(module) or bool(_own(module))) and MAKERS not in name.split(".")


def _within(module: nn.Module) -> list[str]:
    return [child for child, _ in module.named_children() if child != MAKERS]


def _own(module: nn.Module) -> int:
    """Trainable parameters beside those of the layers within."""
    return sum(p.numel() for p in module.parameters(recurse=False) if p.requires_grad)


@torch.no_grad()
def layer_table(network: nn.Module, *examples: Tensor) -> list[Layer]:
    """The leaf layers, and others with weights of their own, as `network(*examples)` calls them in evaluation mode.

    A layer comes after those within it. The network keeps its modes.
    """
    rows: list[Layer] = []
    names = {module: name for name, module in network.named_modules()}
    layers = [module for module, name in names.items() if _is_layer(name, module)]

    def note(module: nn.Module, inputs: object, output: Tensor) -> None:
        shape = tuple(output.shape[1:])
        kept = 0 if isinstance(module, VIEWS) else math.prod(shape)
        kind = type_before_parametrizations(module).__name__
        parameters = _own(module) if _within(module) else count_parameters(module)
        rows.append(Layer(names[module], kind, shape, parameters, kept))

    hooks = [module.register_forward_hook(note) for module in layers]
    modes = {module: module.training for module in network.modules()}
    try:
        network.eval()(*examples)
    finally:
        for module, training in modes.items():
            module.training = training
        for hook in hooks:
            hook.remove()
    return rows


def built(make: Callable[[], nn.Module], what: str) -> nn.Module:
    """The network that `make` makes, after a check of its size.

    Raises:
        InputError: its weights are beyond the limit, or it cannot be built.
    """
    try:
        with torch.device("meta"):  # shapes without numbers
            network = make()
    except (RuntimeError, OverflowError, MemoryError, TypeError) as error:
        raise InputError(f"{what} cannot be built: {_reason(error)}. Its settings describe no network.") from error
    tensors = chain(network.parameters(), network.buffers())
    ARRAY_BYTES.check(sum(tensor.numel() * tensor.element_size() for tensor in tensors), what)
    return make()


MOST_VALUES = 1 << 26
"""Of a network's weights, or of a layer's output: beyond it, only shapes are computed."""


def networks(pair: Architecture, spec: SampleSpec, *, leave_out: Container[str] = ()) -> list[Network]:
    """The generator and the critic of a pair, except those to leave out.

    Raises:
        InputError: these settings describe no networks for such samples.
    """
    try:
        with torch.device("meta"):  # shapes without numbers: no settings, however absurd, take memory here
            examples = {"generator": torch.zeros(2, pair.latent_size), "critic": torch.zeros(2, *spec.shape)}
            pairs = {name: getattr(pair, name)(spec) for name in examples if name not in leave_out}
        found = []
        for title, network in pairs.items():
            parameters, example = count_parameters(network), examples[title]
            # On "meta", Python code of torch's compiler computes shapes, and its import takes 1.5 s. A layer has about
            # as many channels as the root of the parameters, and at most as many places as a sample has values.
            if max(parameters, math.isqrt(parameters) * math.prod(spec.shape)) <= MOST_VALUES:
                # Not by `to_empty`, which imports the compiler too.
                empty = {name: torch.empty(t.shape, dtype=t.dtype) for name, t in network.state_dict().items()}
                network.load_state_dict(empty, assign=True)
                for module in network.modules():
                    for name, buffer in list(module.named_buffers(recurse=False)):
                        if buffer.is_meta:  # not part of the state
                            module.register_buffer(name, torch.empty(buffer.shape), persistent=False)
                example = torch.zeros(example.shape)
            fixed = sum(p.numel() for p in network.parameters()) - parameters
            asked = [] if spec.condition is None else [torch.zeros(2, spec.condition.size, device=example.device)]
            found.append(Network(title, parameters, fixed, example[0].numel(), layer_table(network, example, *asked)))
        return found
    except (RuntimeError, OverflowError, TypeError) as error:  # numbers that no tensor can have, shapes that do not fit
        raise InputError(
            f"The networks of these settings cannot be built for data of shape {spec.shape}: {_reason(error)}."
        ) from error


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
