"""Generators that nothing was trained with, as files of weights: every kind of sample, network and condition."""

from dataclasses import replace

import pytest
import torch

from helpers import CONDITIONS, small_config
from wgan.networks import DCGAN, MLP, R3GAN, ResNet, SmallConv
from wgan.runs import WeightsFile
from wgan.runs.weights import save_weights
from wgan.runs.weights_file import metadata_of
from wgan.types import SampleSpec

NARROW = {"latent_size": 6, "generator_width": 8, "critic_width": 8}
POINTS = SampleSpec(
    "points", (3,), "float32", centre=(100.0, -5.0, 0.0), spread=(20.0, 0.5, 1.0), names=("a", "b", "c")
)
SPECS = {
    "digits": (MLP(latent_size=6, generator_widths=(16, 16), critic_widths=(16,)), SampleSpec.picture(1, 8, 8)),
    "points": (MLP(latent_size=6, generator_widths=(16, 16), critic_widths=(16,)), POINTS),
    "moved points": (
        MLP(latent_size=3, generator_widths=(16,), critic_widths=(16,), batch_norm=False, fourier=4, shift=1.5),
        POINTS,
    ),
    "colours": (DCGAN(**NARROW), SampleSpec.picture(3, 16, 16)),
    "wide": (DCGAN(**NARROW), SampleSpec.picture(3, 16, 32)),
    "scans": (DCGAN(**NARROW), SampleSpec("picture", (1, 16, 16), "uint16", 100.0, 4095.0)),
    "signals": (DCGAN(**NARROW), SampleSpec("signal", (2, 64), "int16", -2000.0, 2000.0)),
    "volumes": (DCGAN(**NARROW), SampleSpec("volume", (1, 16, 16, 16), "float32", -1.5, 7.0)),
    "residual": (ResNet(latent_size=6, generator_width=8, critic_width=8), SampleSpec.picture(3, 16, 16)),
    "small-conv": (SmallConv(latent_size=6), SampleSpec.picture(1, 28, 28)),
    "r3gan": (R3GAN(**NARROW, blocks=1, group=4), SampleSpec.picture(3, 16, 16)),
    **{
        kind: (DCGAN(**NARROW), replace(SampleSpec.picture(1, 16, 16), condition=condition))
        for kind, condition in CONDITIONS.items()
    },
    "asked": (
        R3GAN(**NARROW, blocks=1, group=4),
        replace(SampleSpec.picture(3, 16, 16), condition=CONDITIONS["class"]),
    ),
}


def weights_file(folder, kind):
    """A file of the weights of an untrained generator of one of `SPECS`."""
    networks, spec = SPECS[kind]
    torch.manual_seed(5)
    network = networks.generator(spec)
    for name, value in network.state_dict().items():
        if "running" in name:  # statistics that are not 0 and 1, of layers that are not dead
            value.copy_(torch.rand_like(value) - 0.7 if "mean" in name else torch.rand_like(value) + 0.5)
        elif value.dim() > 1:  # weights that make samples of all values
            value.copy_(torch.randn_like(value) * (2.5 / value[0].numel()) ** 0.5)
    file = folder / f"{kind}.safetensors"
    save_weights(network, file, metadata_of(small_config().model_copy(update={"networks": networks}), spec))
    return WeightsFile.open(file)


@pytest.fixture
def generator(tmp_path):
    """Makes a file of weights of one of `SPECS`."""
    return lambda kind: weights_file(tmp_path, kind)


@pytest.fixture(autouse=True)
def _without_models(monkeypatch):
    """Folders have no model, which takes seconds to make, except where a test wants one."""
    monkeypatch.setattr("wgan.share.folder.has_onnx", lambda: False)
