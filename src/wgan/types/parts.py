"""Networks called on a part of a batch at a time, so that the memory of large ones suffices."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from wgan.types.bound import bound
from wgan.types.condition import Conditions

VALUES = 1 << 24
"""The most values, between two layers, of what is made at a time: 64 megabytes, of which a pass holds several."""


def parts(x: Tensor, conditions: Conditions | None, most: int) -> Iterator[tuple[Tensor, Conditions | None]]:
    """Inputs (N, ...) and their conditions, at most so many at a time."""
    pieces = x.split(most)
    return zip(pieces, [None] * len(pieces) if conditions is None else conditions.split(most), strict=True)


@torch.no_grad()
def made(generator: Callable[..., Tensor], z: Tensor, conditions: Conditions | None = None) -> Tensor:
    """The samples (N, *data) of a generator in evaluation mode, in as many calls as memory needs.

    Large networks have many values between their layers: R3GAN's at 64x64, 25 million bytes for each sample.
    """
    most = at_once(generator, z, conditions)
    if most >= len(z):
        return bound(generator, conditions)(z)
    return torch.cat([bound(generator, asked)(part) for part, asked in parts(z, conditions, most)])


def at_once(network: Callable[..., Tensor], x: Tensor, conditions: Conditions | None = None) -> int:
    """How many samples a network can take at a time: a call for one of them tells. All of them if it is no module."""
    if not isinstance(network, nn.Module) or len(x) < 2:
        return len(x)
    widest = 1

    def look(module: nn.Module, inputs: object, output: object) -> None:
        nonlocal widest
        widest = max([widest, *(leaf.numel() for leaf in tree_leaves(output) if isinstance(leaf, Tensor))])

    hooks = [module.register_forward_hook(look) for module in network.modules()]
    try:
        bound(network, None if conditions is None else conditions[:1])(x[:1])
    finally:
        for hook in hooks:
            hook.remove()
    return max(1, VALUES // widest)
