"""Randomness: a pure function, with the distributions it claims."""

import numpy as np
import torch

from wgan.training import Batches, Draws, Stream, latents, random_numbers
from wgan.types import SampleSpec

CPU = torch.device("cpu")


def batches(count=10, batch_size=4, seed=0, flip=False, shape=(1, 2, 2)):
    samples = np.arange(count * int(np.prod(shape)), dtype=np.uint8).reshape(count, *shape)
    return Batches(
        samples,
        SampleSpec.of(samples.shape[1:]),
        np.arange(count),
        batch_size=batch_size,
        seed=seed,
        flip=flip,
        device=CPU,
    )


def test_draws_depend_on_their_place_alone():
    draws = Draws(3, 8, 5, CPU)
    first = [draws.critic_latents(2), draws.noise(2, (1,)).uniform(), draws.generator_latents(1)]
    draws.critic_latents(0)
    again = Draws(3, 8, 5, CPU)
    others = [again.critic_latents(2), again.noise(2, (1,)).uniform(), again.generator_latents(1)]
    for mine, theirs in zip(first, others, strict=True):
        assert torch.equal(mine, theirs)


def test_each_critic_step_has_noise_of_its_own():
    draws = Draws(3, 8, 5, CPU)
    shape = (2, 3, 4)
    drawn = {number: draws.noise(number, shape) for number in (0, 1, 7)}
    normals = [noise.normal() for noise in drawn.values()]
    assert all(normal.shape == (8, *shape) for normal in normals)
    for values in (normals, [noise.uniform() for noise in drawn.values()]):
        assert not torch.equal(values[0], values[1])
        assert not torch.equal(values[1], values[2])
    assert torch.equal(drawn[7].normal(), Draws(3, 8, 5, CPU).noise(7, shape).normal())
    assert torch.equal(drawn[7].uniform(), draws.noise(7, (5,)).uniform())
    assert abs(torch.cat(normals).std().item() - 1) < 0.1


def test_streams_steps_and_seeds_share_nothing():
    places = [(seed, stream, index) for seed in (0, 1) for stream in Stream for index in (0, 1, 2**40)]
    drawn = [tuple(random_numbers(*place).integers(2**62, size=4)) for place in places]
    assert len(set(drawn)) == len(places)


def test_latents_are_normal_and_uniforms_uniform():
    z = latents(0, Stream.SAMPLE, 0, 1000, 100)
    assert z.dtype == torch.float32
    assert abs(z.mean().item()) < 0.02
    assert abs(z.std().item() - 1) < 0.02
    u = Draws(0, 100_000, 1, CPU).noise(0, (1,)).uniform()
    assert 0 <= u.min() < 0.001
    assert 0.999 < u.max() < 1
    assert abs(u.mean().item() - 0.5) < 0.005


def test_more_latents_begin_with_fewer():
    assert torch.equal(latents(0, Stream.SAMPLE, 0, 100, 7)[:10], latents(0, Stream.SAMPLE, 0, 10, 7))


def test_an_epoch_holds_every_sample_once_whatever_the_batch_size():
    for batch_size in (4, 3, 10, 25):
        real = batches(batch_size=batch_size)
        seen = np.concatenate([real.indices(i) for i in range(60 // batch_size + 1)])
        for epoch in range(3):
            assert sorted(seen[10 * epoch : 10 * epoch + 10]) == list(range(10))


def test_epochs_are_shuffled_anew():
    real = batches(count=50, batch_size=50)
    assert not np.array_equal(real.indices(0), real.indices(1))
    assert np.array_equal(real.indices(1), batches(count=50, batch_size=50).indices(1))
    assert not np.array_equal(real.indices(1), batches(count=50, batch_size=50, seed=1).indices(1))


def test_flips_mirror_about_half_of_the_pictures_left_to_right():
    plain, flipped = batches(200 // 4, 48), batches(200 // 4, 48, flip=True)
    mirrored = 0
    for number in range(20):
        for image, other in zip(plain(number), flipped(number), strict=True):
            assert torch.equal(other, image) or torch.equal(other, image.flip(-1))
            mirrored += not torch.equal(other, image)
    assert 0.45 < mirrored / (20 * 48) < 0.55
