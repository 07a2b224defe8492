"""The conventions of `types.py`, held."""

import numpy as np
import torch

from helpers import noise_for
from wgan.data import open_pack, open_source
from wgan.objectives import WGAN, WGANGP, WGANLP
from wgan.training import Batches
from wgan.types import SampleSpec


def test_the_critic_scores_real_data_high():
    """A critic that adds up its input has distance 2 between real data of +1 and fakes of -1, whatever the penalty."""
    critic = lambda x: x.flatten(1).mean(1)  # noqa: E731
    real, fake = torch.ones(4, 3, 2, 2), -torch.ones(4, 3, 2, 2)
    for objective in (WGAN(), WGANGP(), WGANLP()):
        assert objective.critic_loss(critic, real, fake, noise_for(real)).terms["distance"].item() == 2.0
        assert objective.generator_loss(critic, real, fake).value.item() == 1.0


def test_bytes_and_unit_range_are_inverse():
    pixels = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    spec = SampleSpec.picture(1, 16, 16)
    images = spec.to_samples(pixels)
    assert images.min() == -1
    assert images.max() == 1
    assert torch.equal(spec.to_stored(images), pixels)
    assert torch.equal(
        spec.to_stored(torch.tensor([-3.0, 3.0]).reshape(2, 1, 1, 1)).flatten(),
        torch.tensor([0, 255], dtype=torch.uint8),
    )


def test_real_images_lie_in_the_unit_range():
    pack = open_pack(open_source("digits"))
    batch = Batches(
        pack.samples, pack.spec, np.arange(len(pack)), batch_size=64, seed=0, flip=False, device=torch.device("cpu")
    )(0)
    assert batch.min() == -1
    assert batch.max() == 1
