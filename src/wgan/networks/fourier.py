"""High frequencies for networks of few inputs: random Fourier features, and a way past the network."""

from contextlib import nullcontext

import torch
from torch import Tensor, nn

from wgan.networks.grouped import META
from wgan.types import Conditions, SampleSpec


class Fourier(nn.Module):
    """Inputs beside sines and cosines of them: (B, ...) to (B, values + 2 count).

    Frequencies are drawn once, from a normal distribution of that deviation, in radians per unit of the inputs
    (Tancik et al. 2020, "Fourier features let networks learn high frequency functions in low dimensional domains").
    A multilayer perceptron of plain inputs learns what is smooth first, and details hardly at all. They are saved
    with the weights, and never trained. Slopes grow with the frequencies: a critic with spectral normalisation, which
    leaves them as they are, has scores that change faster than their inputs.
    """

    frequencies: Tensor

    def __init__(self, values: int, count: int, deviation: float) -> None:
        super().__init__()
        self.register_buffer("frequencies", deviation * torch.randn(values, count))

    def forward(self, x: Tensor) -> Tensor:
        x, device = x.flatten(1), x.device.type
        # bf16 has steps of a quarter between 32 and 64 radians.
        with nullcontext() if device == META else torch.autocast(device, enabled=False):
            angles = x.to(self.frequencies.dtype) @ self.frequencies
        return torch.cat([x, angles.sin(), angles.cos()], dim=1)


class Shifted(nn.Module):
    """A generator that starts as its latents, so many times as large: scale z + network(z), which starts at 0.

    What it learns is how far each point has to go, where other generators have to unfold a blob around 0 first. Samples
    with places are squashed by tanh. The last linear layer of the network begins with zeros.
    """

    def __init__(self, network: nn.Module, scale: float, spec: SampleSpec) -> None:
        super().__init__()
        self.network, self.scale, self.shape, self.squashed = network, scale, spec.shape, spec.is_spatial
        last = [layer for layer in network.modules() if isinstance(layer, nn.Linear)][-1]
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def forward(self, z: Tensor, *condition: Conditions) -> Tensor:
        shifted: Tensor = (self.scale * z + self.network(z, *condition)).unflatten(1, self.shape)
        return shifted.tanh() if self.squashed else shifted
