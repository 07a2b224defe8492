"""Layer tables: what each layer puts out and how many parameters it has."""

from typing import NamedTuple

import torch
from torch import Tensor, nn


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
