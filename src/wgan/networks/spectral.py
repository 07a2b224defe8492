"""Spectral normalisation: each layer of a critic divided by the most that it can lengthen its input."""

from torch import nn
from torch.nn.modules.conv import _ConvNd
from torch.nn.utils.parametrizations import spectral_norm


def normalised(critic: nn.Module, kind: str) -> nn.Module:
    """The same critic; with `kind` "spectral", each weight of a convolution or linear layer is divided by its norm.

    Miyato et al. 2018: the norm is the largest singular value of the weight as a matrix, (outputs, the rest). torch's
    own parametrisation estimates it by one step of power iteration at each call in training mode, and keeps two vectors
    of each weight for that in its buffers. Weights are drawn before.
    """
    for layer in list(critic.modules()) if kind == "spectral" else ():
        if isinstance(layer, _ConvNd | nn.Linear):
            spectral_norm(layer)
    return critic
