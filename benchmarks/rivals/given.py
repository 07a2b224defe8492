"""What all contestants start from: the first weights of a recipe, and the batches and random numbers of its run."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from wgan.config import RunConfig
from wgan.data import Pack, open_pack, open_source
from wgan.experiment.build import batches, build_state
from wgan.experiment.plan import NO_PARTS
from wgan.networks import MLP
from wgan.training import Draws

CPU = torch.device("cpu")


def pictures(config: RunConfig, count: int, path: Path) -> str:
    """Data for a recipe: random pictures written to `path`, or the bundled digits."""
    if config.data.source == "digits":
        return "digits"
    assert config.data.size is not None
    assert config.data.channels is not None
    shape = (count, *config.data.size, config.data.channels)
    np.save(path, np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
    return str(path)


def packed(config: RunConfig, data: str) -> Pack:
    """The pack that a run of this recipe would make."""
    return open_pack(open_source(data), config.data.size, config.data.channels)


def facts_of(config: RunConfig, pack: Pack) -> dict[str, Any]:
    """What a rival needs to know of a recipe; rivals have one objective and one optimiser."""
    settings, optimizer = config.training, config.to_dict()["critic_optimizer"]
    networks = config.to_dict()["networks"]
    kind = "mlp" if isinstance(config.networks, MLP) else "dcgan"
    return {
        **networks,
        "kind": kind,
        "shape": pack.shape,
        "rate": optimizer["learning_rate"],
        "betas": optimizer["betas"],
        "penalty_weight": config.to_dict()["objective"]["penalty_weight"],
        "ema_decay": settings.ema_decay,
    }


def write_inputs(config: RunConfig, pack: Pack, steps: int, path: Path) -> None:
    """Write .npz: `real` (S, K, B, C, H, W), `z` (S, K, B, Z), `alpha` (S, K, B), `last` (S, B, Z) and all parameters.

    S steps with K critic updates each, batches of B; `last` are the latents of the generator's update.
    """
    settings = config.training
    state, real = build_state(config, pack.spec, NO_PARTS, CPU), batches(config, pack, CPU)
    draws = Draws(settings.seed, settings.batch_size, config.networks.latent_size, CPU)
    numbers = range(steps * settings.critic_steps)

    def stacked(make: Any) -> Any:
        drawn = np.stack([make(number).numpy() for number in numbers])
        return drawn.reshape(steps, settings.critic_steps, *drawn.shape[1:])

    weights = {
        f"{name}.{i}": parameter.detach().numpy()
        for name in ("generator", "critic")
        for i, parameter in enumerate(getattr(state, name).parameters())
    }
    last = np.stack([draws.generator_latents(step).numpy() for step in range(steps)])
    np.savez(
        path,
        real=stacked(real),
        z=stacked(draws.critic_latents),
        alpha=stacked(lambda number: draws.noise(number, (1,)).uniform()),
        last=last,
        **weights,
    )
