"""Networks: pairs of a generator and a critic, one architecture per file.

To add one: copy the smallest file here (`mlp.py`), add a line to the table below, run `make test`;
the contract tests pick it up from the table.
"""

from wgan.networks.dcgan import DCGAN
from wgan.networks.mlp import MLP
from wgan.networks.r3gan import R3GAN
from wgan.networks.resnet import ResNet
from wgan.networks.small_conv import SmallConv
from wgan.networks.summary import Layer, Network, built, count_parameters, layer_table, networks
from wgan.types import Architecture

NETWORKS: dict[str, type[Architecture]] = {
    "mlp": MLP,
    "dcgan": DCGAN,
    "small-conv": SmallConv,
    "resnet": ResNet,
    "r3gan": R3GAN,
}
