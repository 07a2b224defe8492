"""Networks bound to conditions: functions of their first input alone, as objectives know them."""

from collections.abc import Callable
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from wgan.errors import InputError
from wgan.types.condition import Conditions


def tiled(conditions: Conditions, count: int) -> Float[Tensor, "{count} size"]:
    """The conditions of `count` samples: those of a batch, over and over."""
    if len(conditions) == count:
        return conditions
    return conditions.repeat(-(-count // len(conditions)), 1)[:count]


def bound(network: Callable[..., Tensor], conditions: Conditions | None) -> Callable[[Tensor], Tensor]:
    """The network as a function of its first input alone: of a batch, or of several that have these conditions.

    The network itself where there is no condition. The function raises an InputError for parts of a batch, whose
    conditions nobody knows.
    """
    if conditions is None:
        return network

    def asked(inputs: Tensor) -> Tensor:
        if len(inputs) % len(conditions):
            raise InputError(
                f"A network was given {len(inputs)} inputs for a batch of {len(conditions)}: with a condition, an "
                "objective may score whole batches only, one after another."
            )
        return network(inputs, tiled(conditions, len(inputs)))

    return asked


class Bound(nn.Module):
    """The same as a module, for what copies networks and looks into them."""

    conditions: Tensor

    def __init__(self, network: nn.Module, conditions: Conditions) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("conditions", conditions, persistent=False)

    def forward(self, inputs: Tensor) -> Any:
        return self.network(inputs, tiled(self.conditions, len(inputs)))
