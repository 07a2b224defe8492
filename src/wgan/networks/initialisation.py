"""The first weights of a network."""

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from wgan.networks.layers import ConditionLinear

Init = Literal["own", "normal", "all-normal", "xavier", "he", "orthogonal"]
"""How weights begin.

own         as the paper of the networks says
normal      weights N(0, 0.02), normalisation scales N(1, 0.02): Radford et al. 2016, and PyTorch's own DCGAN
all-normal  every parameter N(0, 0.02), biases and normalisation scales included: d2l.ai's DCGAN, and who copied it
xavier      Glorot & Bengio 2010, uniform; biases 0, scales 1
he          He et al. 2015, normal, by the number of inputs of an output; biases 0, scales 1
orthogonal  Saxe et al. 2014; biases 0, scales 1
"""

DEVIATION = 0.02

_WEIGHTS: dict[Init, Callable[[Tensor], object]] = {
    "normal": lambda weight: nn.init.normal_(weight, 0.0, DEVIATION),
    "xavier": nn.init.xavier_uniform_,
    "he": nn.init.kaiming_normal_,
    "orthogonal": nn.init.orthogonal_,
}


def initialised(network: nn.Module, init: Init) -> nn.Module:
    """The same network, its first weights drawn as `init` says; as they are for "own", and where a condition enters."""
    for layer in network.modules() if init != "own" else ():
        if isinstance(layer, ConditionLinear):
            continue
        if init == "all-normal":
            for parameter in layer.parameters(recurse=False):
                nn.init.normal_(parameter, 0.0, DEVIATION)
        else:
            _initialise(layer, init)
    return network


def _initialise(layer: nn.Module, init: Init) -> None:
    """Draw the weights of one layer; those of the layers within it are left to them."""
    weight, bias = (getattr(layer, name, None) for name in ("weight", "bias"))
    if isinstance(weight, nn.Parameter) and isinstance(layer, _ConvTransposeNd):
        # torch's functions take the second axis for the inputs, which here are the first. With a stride, so many times
        # fewer values of a kernel meet each output.
        drawn = torch.empty_like(weight.transpose(0, 1), memory_format=torch.contiguous_format)
        _WEIGHTS[init](drawn)
        scale = math.sqrt(math.prod(layer.stride)) if init == "he" else 1.0
        weight.data.copy_(scale * drawn.transpose(0, 1))
    elif isinstance(weight, nn.Parameter) and isinstance(layer, _ConvNd | nn.Linear):
        _WEIGHTS[init](weight)
    elif isinstance(weight, nn.Parameter):  # of a normalisation
        nn.init.normal_(weight, 1.0, DEVIATION) if init == "normal" else nn.init.ones_(weight)
    if isinstance(bias, nn.Parameter):
        nn.init.zeros_(bias)
