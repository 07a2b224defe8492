"""The whole of training, written a second time without anything of ours but the networks and the random numbers.

Fresh real batches from the samples that are not held out, flips, latents and alphas of their own streams, the losses by
`autograd.grad`, torch's optimisers, the average: after three steps every weight agrees.
"""

import numpy as np
import pytest
import torch

from changes import changed, drawn
from helpers import small_config, small_experiment
from wgan.experiment.plan import Parts

STEPS, CRITIC_STEPS, BATCH, DECAY, SEED = 3, 2, 8, 0.9, 5
FLIP, CRITIC_Z, GENERATOR_Z, ALPHA, ORDER, CRITIC_VIEWS, GENERATOR_VIEWS = 1, 2, 3, 4, 0, 13, 14


def philox(stream, index):
    return np.random.Generator(np.random.Philox(key=[SEED, stream], counter=[0, 0, index, 0]))


def normal(stream, index, size):
    return torch.from_numpy(philox(stream, index).standard_normal((BATCH, size), dtype=np.float32))


def seen(random, samples):
    """Samples as a critic sees them, if there are random numbers to change them by; these draw on for the next."""
    if random is None:
        return samples
    made = drawn(random, samples.shape[2:], BATCH, 1.0)
    matrices = []
    for one in made:  # as a linear map and a constant, so that gradients pass
        origin = changed(np.zeros(samples.shape[1:]), one)
        basis = np.eye(64).reshape(64, *samples.shape[1:])
        matrices.append((origin, np.stack([(changed(unit, one) - origin).ravel() for unit in basis])))
    origins, maps = (torch.from_numpy(np.stack(part)) for part in zip(*matrices, strict=True))
    return (torch.einsum("bi,bio->bo", samples.flatten(1).double(), maps).view_as(samples) + origins).float()


def wgan_gp_loss(critic, real, fake, alpha):
    """`critic` takes samples alone: their conditions, if any, are those of the batch."""
    x = (alpha * real + (1 - alpha) * fake).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    norm = gradient.flatten(1).pow(2).sum(1).sqrt()
    return critic(fake).mean() - critic(real).mean() + 10 * ((norm - 1) ** 2).mean()


def wgan_loss(critic, real, fake, alpha):
    return critic(fake).mean() - critic(real).mean()


@pytest.mark.parametrize(
    ("name", "generator_steps", "condition", "augmentation"),
    [
        ("wgan-gp", 1, (), "none"),
        ("wgan", 1, (), "none"),
        ("wgan-gp", 3, (), "none"),
        ("wgan-gp", 1, ("label",), "none"),
        ("wgan", 3, ("label",), "none"),
        ("wgan-gp", 2, (), "diffaugment"),
    ],
)
def test_training_equals_its_second_implementation(tmp_path, name, generator_steps, condition, augmentation):
    settings = {"training__seed": SEED, "data__flip": True, "objective__name": name, "training__steps": STEPS}
    settings |= {"training__critic_steps": CRITIC_STEPS, "training__batch_size": BATCH, "training__ema_decay": DECAY}
    settings |= {"training__generator_steps": generator_steps, "data__condition": condition}
    settings |= {"augmentation": augmentation}
    settings["networks__batch_norm"] = (
        False  # a bias before BatchNorm has no gradient but rounding, which Adam scales up
    )
    ours = small_experiment(tmp_path / "run", **settings)
    pack, config = ours.pack, small_config(**settings)
    generator, critic = (getattr(config.networks, part)(pack.spec).train() for part in ("generator", "critic"))
    generator.load_state_dict(ours.state.generator.state_dict())
    critic.load_state_dict(ours.state.critic.state_dict())
    average = {key: value.clone() for key, value in generator.state_dict().items()}

    threshold = np.sort(pack.hashes)[round(0.1 * len(pack)) - 1]
    training = np.flatnonzero(pack.hashes > threshold)
    order = philox(ORDER, 0).permutation(training)
    update_critic, update_generator = (
        torch.optim.Adam(network.parameters(), 1e-3, (0.0, 0.9)) for network in (critic, generator)
    )
    for step in range(STEPS):
        for number in range(step * CRITIC_STEPS, (step + 1) * CRITIC_STEPS):
            places = order[number * BATCH : (number + 1) * BATCH]
            pixels = torch.from_numpy(pack.samples[places])
            asked = [torch.from_numpy(np.eye(10, dtype=np.float32)[pack.labels[places]])] if condition else []
            real = pixels.float() / 127.5 - 1
            for i in np.flatnonzero(philox(FLIP, number).random(BATCH) < 0.5):
                real[i] = real[i].flip(-1)
            fake = generator(normal(CRITIC_Z, number, 4), *asked).detach()
            views = philox(CRITIC_VIEWS, number) if augmentation != "none" else None
            real, fake = seen(views, real), seen(views, fake)
            alpha = torch.from_numpy(philox(ALPHA, number).random(BATCH, dtype=np.float32)).view(-1, 1, 1, 1)
            loss = (wgan_gp_loss if name == "wgan-gp" else wgan_loss)(
                lambda x, asked=tuple(asked): critic(x, *asked), real, fake, alpha
            )
            update_critic.zero_grad()
            loss.backward()
            update_critic.step()
            if name == "wgan":
                for parameter in critic.parameters():
                    parameter.data.clip_(-0.01, 0.01)
        for number in range(step * generator_steps, (step + 1) * generator_steps):
            fake, views = generator(normal(GENERATOR_Z, number, 4), *asked), None
            if augmentation != "none":
                views = philox(GENERATOR_VIEWS, number)
                drawn(views, (8, 8), BATCH, 1.0)  # those of real samples come first
            loss = -critic(seen(views, fake), *asked).mean()
            update_generator.zero_grad()
            loss.backward()
            update_generator.step()
        decay = min(DECAY, (step + 1) / (step + 11))
        for key, value in generator.state_dict().items():
            average[key] = decay * average[key] + (1 - decay) * value if value.is_floating_point() else value.clone()

    for _ in ours.events():
        pass
    rounds = condition or augmentation != "none"
    atol = 2e-4 if rounds else 1e-6  # Adam makes a tenth of a step of what little rounding leaves of a gradient
    for mine, theirs in (
        (ours.state.critic.state_dict(), critic.state_dict()),
        (ours.state.generator.state_dict(), generator.state_dict()),
        (ours.state.ema.state_dict(), average),
    ):
        for key, value in theirs.items():
            torch.testing.assert_close(
                mine[key], value, rtol=1e-4, atol=atol, msg=lambda text, key=key: f"{key}: {text}"
            )


def test_clipping_holds_after_every_critic_step(tmp_path):
    """The bound of the WGAN paper, on every weight, after every update of the critic."""
    seen = []

    class Watched(torch.nn.Module):
        """A critic that notes its largest weight whenever it is asked for scores."""

        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(64, 1)

        def forward(self, x):
            seen.append(max(p.abs().max().item() for p in self.parameters()))
            return self.layer(x.flatten(1))

    settings = {"objective__name": "wgan", "objective__clip": 0.02, "critic_optimizer__learning_rate": 0.5}
    experiment = small_experiment(tmp_path / "run", parts=Parts(critic=Watched()), **settings)
    seen.clear()
    for _ in experiment.events():
        assert max(p.abs().max().item() for p in experiment.state.critic.parameters()) <= 0.02
    scorings = seen[2:]  # the first critic step scores real and fake before it was ever clipped
    lines = 3 * 4  # each line of the log scores training, held-out and made samples, and takes one slope
    assert len(scorings) == 12 * (2 * 2 + 1) - 2 + lines
    assert max(scorings) == pytest.approx(0.02), "the steps are large enough to reach the bound, and never pass it"
