"""Networks that somebody else's settings describe: their size is known before any memory is taken for them."""

from collections.abc import Callable
from itertools import chain

import torch
from torch import nn

from wgan.errors import InputError
from wgan.limits import ARRAY_BYTES


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
