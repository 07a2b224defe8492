"""Networks: a generator and a critic that belong together, one architecture per file.

To add one: copy the smallest file here (`mlp.py`), add a line to the table below, run `make test`;
the contract tests pick it up from the table.
"""

from wgan.networks.dcgan import DCGAN as DCGAN
from wgan.networks.mlp import MLP as MLP
from wgan.networks.resnet import ResNet as ResNet
from wgan.networks.small_conv import SmallConv as SmallConv
from wgan.networks.summary import (
    Layer as Layer,
    Network as Network,
    built as built,
    count_parameters as count_parameters,
    layer_table as layer_table,
    networks as networks,
)
from wgan.types import Architecture

NETWORKS: dict[str, type[Architecture]] = {
    "mlp": MLP,
    "dcgan": DCGAN,
    "small-conv": SmallConv,
    "resnet": ResNet,
}
