"""Networks called on a part of a batch at a time, so that the memory of large ones suffices."""

from collections.abc import Callable, Iterator
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.utils._pytree import tree_leaves

from wgan.types.bound import bound
from wgan.types.condition import Conditions

VALUES = {"cpu": 1 << 24, "cuda": 1 << 28}
"""The most values between two layers of what is made at a time: 64 MB, or 1 GB on a GPU. A pass holds several."""
FEWEST = 2
"""Samples of a part: layers that take statistics need more than one."""

_WIDTHS: WeakKeyDictionary[nn.Module, int] = WeakKeyDictionary()


def parts(x: Tensor, conditions: Conditions | None, most: int) -> Iterator[tuple[Tensor, Conditions | None]]:
    """Inputs (N, ...) and their conditions in parts as even as can be, of at most so many, and of two at least."""
    count = max(1, min(-(-len(x) // most), len(x) // FEWEST))
    asked = [None] * count if conditions is None else conditions.tensor_split(count)
    return zip(x.tensor_split(count), asked, strict=True)


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
    """How many samples like these a network may see at a time."""
    return max(FEWEST, VALUES.get(x.device.type, VALUES["cpu"]) // width(network, x, conditions))


@torch.no_grad()
def width(network: Callable[..., Tensor], x: Tensor, conditions: Conditions | None = None) -> int:
    """The most values that a layer gives of a sample, by a call for two of these; 1 where nothing can be known.

    Changes no buffers, such as BatchNorm's statistics.
    """
    if not isinstance(network, nn.Module) or len(x) <= FEWEST:
        return 1
    if network in _WIDTHS:
        return _WIDTHS[network]
    widest = 1

    def look(module: nn.Module, inputs: object, output: object) -> None:
        nonlocal widest
        for leaf in tree_leaves(output):
            if isinstance(leaf, Tensor) and leaf.ndim and len(leaf) == FEWEST:  # others may be weights
                widest = max(widest, leaf[0].numel())

    hooks = []
    try:
        hooks += [module.register_forward_hook(look) for module in network.modules()]
        given = (x[:FEWEST],) if conditions is None else (x[:FEWEST], conditions[:FEWEST])
        functional_call(network, {name: buffer.clone() for name, buffer in network.named_buffers()}, given)
    except Exception:  # what it can do with all of them, the call for these will say
        widest = 1
    finally:
        for hook in hooks:
            hook.remove()
    _WIDTHS[network] = widest
    return widest
