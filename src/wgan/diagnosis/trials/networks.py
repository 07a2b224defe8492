"""Trials of the networks: what they answer to, what they can make, and which of their weights can learn."""

import math
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from wgan.diagnosis.trials.tryout import Still, Tryout, enlarged, shaken, turned
from wgan.objectives import input_gradient, slopes

ENLARGED = 10.0
FACTORS = (10.0, 100.0, 1000.0)
"""A critic whose scores start near 0 needs more than `ENLARGED` to leave [-1, 1]."""
STAYS = 0.05
"""The share by which an end of a range may still move."""
PASSES, TRIED, FEW = 32, 12, 4
TINY, SMALL = 1e-4, 1e-3
"""A step in the space of latents; and a singular value, as a share of the largest, that counts as 0."""


def reaches_generator(parts: Tryout) -> dict[str, Any]:
    """Whether the gradient of the generator's loss reaches its samples, and its weights."""
    generator, critic = deepcopy(parts.generator), deepcopy(parts.critic)
    fake = generator(parts.z)
    loss = parts.objective.generator_loss(critic, parts.real[: len(fake)], fake).value
    if not loss.requires_grad:
        return {"reaches_generator": False}
    generator.zero_grad()
    loss.backward()
    return {"reaches_generator": any(weight.grad is not None for weight in generator.parameters())}


@torch.no_grad()
def listens(parts: Tryout) -> dict[str, Any]:
    """Whether samples of different latents differ at all, with weights that are not the first ones."""
    return {"listens": _differ(shaken(parts.generator), parts.latents(FEW))}


@torch.no_grad()
def hears(parts: Tryout) -> dict[str, Any]:
    """Whether scores of different samples differ at all, with weights that are not the first ones."""
    return {"hears": _differ(shaken(parts.critic), parts.mixed(FEW))}


@torch.no_grad()
def hears_condition(parts: Tryout) -> dict[str, Any]:
    """Whether samples, and scores, change with the condition at all, with weights that are not the first ones."""
    if parts.conditions is None:
        return {}
    latents, samples = parts.latents(1), parts.mixed(FEW)[:1]
    heard = {}
    for player, inputs in (("generator", latents), ("critic", samples)):
        network = shaken(getattr(parts, player).network).double().eval()
        asked = parts.conditions.double()
        outputs = network(inputs.double().expand(len(asked), *inputs.shape[1:]), asked)
        heard[f"{player}_asked"] = bool((outputs != outputs[:1]).any())
    return heard


def _differ(network: nn.Module, inputs: Tensor) -> bool:
    """In double precision and for large inputs too, where the little that deep sigmoids let through can be seen."""
    outputs = network.double()(torch.cat([inputs, 10 * inputs]).double())
    return bool((outputs != outputs[:1]).any())


@torch.no_grad()
def mixes_samples(parts: Tryout) -> dict[str, Any]:
    """Whether a sample's score changes with the others in its batch.

    Three others: of two samples, BatchNorm only says which is the larger.
    """
    random = torch.Generator().manual_seed(0)
    sample, *others = torch.randn(7, *parts.shape, generator=random).split([1, 3, 3])
    scores: list[Tensor] = []
    for beside in (others[0], 3 * others[1] + 1):
        torch.default_generator.manual_seed(0)  # dropout is allowed
        critic = deepcopy(parts.critic)  # which a spectral norm changes
        scores.append(critic(torch.cat([sample, beside]))[0])
    return {"mixes_samples": not torch.allclose(scores[0], scores[1], rtol=1e-3, atol=1e-5)}


@torch.no_grad()
def bounded_scores(parts: Tryout) -> dict[str, Any]:
    """Whether much larger weights still give scores in [-1, 1], but not one score for every sample."""
    samples = torch.randn(len(parts.z), *parts.shape)
    large = [enlarged(parts.critic, by)(by * samples).abs().max() for by in FACTORS]
    scores = deepcopy(parts.critic)(samples)
    leaves = any(score > 1 for score in large)  # NaN, an overflow before a sigmoid, does not
    return {"bounded_scores": bool(not leaves and max(large[0], scores.abs().max()) > 0.01 and scores.std() > 1e-6)}


@torch.no_grad()
def scales(parts: Tryout) -> dict[str, Any]:
    """Whether ten times the weights give scores that are more than three times as far apart."""
    samples = parts.mixed(TRIED)
    plain, large = (shaken(parts.critic), enlarged(shaken(parts.critic), ENLARGED))
    return {"scales": bool(large(samples).std() > 3 * plain(samples).std())}


def batch_norm(parts: Tryout) -> dict[str, Any]:
    """Whether a layer of the generator is a BatchNorm."""
    layers = parts.generator.modules()
    return {"batch_norm": any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in layers)}


@torch.no_grad()
def score_noise(parts: Tryout) -> dict[str, Any]:
    """How much dropout or noise hides of what the critic says: the noise of a score by the spread of scores."""
    samples = parts.mixed(8)

    def scores(seed: int) -> Tensor:
        torch.default_generator.manual_seed(seed)
        return torch.as_tensor(deepcopy(parts.critic)(samples)).reshape(len(samples), -1).mean(1)

    if torch.equal(scores(0), scores(1)):
        return {}
    calls = torch.stack([scores(seed) for seed in range(PASSES)])
    noise = calls.var(0).mean()
    spread = (calls.mean(0).var() - noise / PASSES).clamp_min(noise / PASSES)  # the mean of 32 calls still has some
    return {"score_noise": float((noise / spread).sqrt())}


def dead_generator(parts: Tryout) -> dict[str, Any]:
    """How many of the generator's units answer to none of some latents."""
    return {"generator_dead": _dead(parts.generator, parts.latents(_many(parts)))}


def dead_critic(parts: Tryout) -> dict[str, Any]:
    """How many of the critic's units answer to none of some samples."""
    return {"critic_dead": _dead(parts.critic, parts.mixed(_many(parts)))}


def _many(parts: Tryout) -> int:
    """Enough samples that few units of a sound network answer to none, if that is quick."""
    return max(TRIED, min(len(parts.real), 2**16 // math.prod(parts.shape)))


def _dead(network: nn.Module, inputs: Tensor) -> float:
    """The largest share of the rows of a weight that get no gradient from any of the inputs.

    With shaken weights, since zeros in the last layer keep the gradient from all others at first, and mend themselves;
    zeros in every layer do not, so all is dead if no weight gets a gradient with the first ones.
    """
    shares = [_without(network, inputs[-FEW:]), _without(shaken(network), inputs)]
    return 1.0 if shares[0] and min(shares[0]) == 1 else max(shares[1], default=0.0)


def _without(network: nn.Module, inputs: Tensor) -> list[float]:
    """The share of each weight's rows that get no gradient."""
    copy = deepcopy(network).requires_grad_(True)
    copy.zero_grad(set_to_none=True)
    outputs = copy(inputs)
    (outputs * torch.randn(outputs.shape)).sum().backward()
    tables = {id(layer.weight) for layer in copy.modules() if isinstance(layer, nn.Embedding)}  # few rows are looked up
    weights = [weight for weight in copy.parameters() if weight.ndim > 1 and id(weight) not in tables]
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    return [float((one.flatten(1).abs().sum(1) == 0).float().mean()) for one in gradients]


def frozen(parts: Tryout) -> dict[str, Any]:
    """The shares of the weights that a step leaves alone."""
    generator, critic = deepcopy(parts.generator), deepcopy(parts.critic)
    for network in (generator, critic):
        network.zero_grad(set_to_none=True)
    fake = generator(parts.z)
    real = parts.real[: len(fake)]
    loss = parts.objective.critic_loss(critic, real, fake.detach(), Still(real, parts.direction())).value
    loss.backward()
    critic_frozen = _without_gradient(critic)
    parts.objective.generator_loss(critic, real, fake).value.backward()
    return {"generator_frozen": _without_gradient(generator), "critic_frozen": critic_frozen}


def _without_gradient(network: nn.Module) -> float:
    sizes = [(weight.numel(), weight.grad is None) for weight in network.parameters()]
    return sum(size for size, missing in sizes if missing) / max(1, sum(size for size, _ in sizes))


@torch.no_grad()
def generator_rank(parts: Tryout) -> dict[str, Any]:
    """The rank of the generator's derivative at one latent, by small steps in double precision."""
    generator = shaken(parts.generator).double().eval()
    z = parts.latents(1).double()
    size = z.shape[1]
    directions = torch.linalg.qr(torch.randn(size, min(size, TRIED)).double()).Q.T
    samples = generator(torch.cat([z, z + TINY * directions])).flatten(1)
    return {"generator_rank": _rank(samples[1:] - samples[:1], SMALL)}


def critic_rank(parts: Tryout) -> dict[str, Any]:
    """The rank of the critic's slopes at some samples."""
    gradients = input_gradient(shaken(parts.critic), parts.mixed(TRIED))[0].detach()
    return {"critic_rank": _rank(gradients.flatten(1).double(), SMALL)}


def first_slope(parts: Tryout) -> dict[str, Any]:
    """The mean norm of the critic's slopes at some samples, with its first weights."""
    return {"first_slope": float(slopes(deepcopy(parts.critic), parts.mixed(FEW)).detach().mean())}


def _rank(rows: Tensor, share: float) -> float:
    values = torch.linalg.svdvals(rows)
    return float((values > share * values[0]).sum()) if values[0] > 0 else math.inf  # constant: another finding


@torch.no_grad()
def reach(parts: Tryout) -> dict[str, Any]:
    """The ends of the range of samples that stay about where they are when weights and latents grow, or change signs.

    A last layer of positive weights after a ReLU starts above 0 too, and need not stay there.
    """
    latents = torch.cat([parts.z, -parts.z])
    generator = shaken(parts.generator)
    generators = (generator, *turned(generator))
    some, more = (torch.cat([enlarged(one, by)(by * latents) for one in generators]) for by in (ENLARGED, 3 * ENLARGED))
    low, high = float(some.min()), float(some.max())
    both = torch.cat([some, more])
    lower, higher = float(both.min()), float(both.max())  # NaN stays, and is no end
    return {
        "generator_low": lower if low - lower <= STAYS * (1e-2 + abs(low)) else -math.inf,
        "generator_high": higher if higher - high <= STAYS * (1e-2 + abs(high)) else math.inf,
    }
