"""What tutorial-style WGAN-GP scripts have in common: transforms, penalty, updates, loop, pictures. Plain and eager.

Nothing of `wgan` is used here. Fakes are detached before the critic's loss. `as_published` does as the scripts found on
the web do, which leave the generator in the critic's graph, so that each critic update differentiates it for nothing.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader

CRITIC_STEPS = 5
PENALTY_WEIGHT = 10.0
SAMPLE_EVERY = 400
"""Batches."""
FILL = 127
"""The grey between the pictures of a grid."""


def to_tensor(image: Image.Image) -> Tensor:
    """A picture as (C, H, W) in [0, 1]."""
    array = np.array(image)
    pixels = torch.from_numpy(array).reshape(*array.shape[:2], -1)
    return pixels.permute(2, 0, 1).contiguous().float().div(255)


class Normalize:
    """From [0, 1] to [-1, 1], channel by channel."""

    def __init__(self, mean: list[float], std: list[float]) -> None:
        self.mean, self.std = (torch.tensor(values).reshape(-1, 1, 1) for values in (mean, std))

    def __call__(self, picture: Tensor) -> Tensor:
        """The picture with its channels shifted and scaled."""
        return picture.clone().sub_(self.mean).div_(self.std)


def gradient_penalty(critic: nn.Module, real: Tensor, fake: Tensor, alpha: Tensor) -> Tensor:
    """Mean of (|gradient| - 1)^2 at `alpha` real + (1 - `alpha`) fake."""
    alpha = alpha.reshape(-1, *[1] * (real.ndim - 1))
    between = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
    scores = critic(between)
    gradient = torch.autograd.grad(
        outputs=scores,
        inputs=between,
        grad_outputs=torch.ones_like(scores),
        create_graph=True,
        retain_graph=True,
        only_inputs=True,
    )[0]
    norm: Tensor = gradient.reshape(len(gradient), -1).norm(2, dim=1)
    return (norm - 1).pow(2).mean()


def critic_loss(critic: nn.Module, real: Tensor, fake: Tensor, alpha: Tensor) -> Tensor:
    """Minus the distance, plus the weighted penalty."""
    penalty = gradient_penalty(critic, real.data, fake.data, alpha)
    loss: Tensor = -critic(real).mean() + critic(fake).mean() + PENALTY_WEIGHT * penalty
    return loss


class Players:
    """Two networks and their optimisers, as torch builds them when nothing is said."""

    def __init__(
        self, generator: nn.Module, critic: nn.Module, rate: float, betas: tuple[float, float], *, as_published: bool
    ) -> None:
        self.generator, self.critic, self.as_published = generator, critic, as_published
        self.generator_optimizer = torch.optim.Adam(generator.parameters(), lr=rate, betas=betas)
        self.critic_optimizer = torch.optim.Adam(critic.parameters(), lr=rate, betas=betas)

    def update_critic(self, real: Tensor, z: Tensor, alpha: Tensor) -> Tensor:
        """One update; the loss."""
        self.critic_optimizer.zero_grad()
        fake = self.generator(z)
        if not self.as_published:
            fake = fake.detach()
        loss = critic_loss(self.critic, real, fake, alpha)
        loss.backward()
        self.critic_optimizer.step()
        return loss

    def update_generator(self, z: Tensor) -> Tensor:
        """One update; the loss."""
        self.generator_optimizer.zero_grad()
        loss: Tensor = -self.critic(self.generator(z)).mean()
        loss.backward()
        self.generator_optimizer.step()
        return loss


def run(players: Players, loader: "DataLoader[Any]", epochs: int, latents: Callable[[int], Tensor], out: Path) -> None:
    """Train: the critic on every batch, the generator after each fifth; print every batch, save grids and weights."""
    out.mkdir(parents=True, exist_ok=True)
    begin, done, g_loss = time.time(), 0, torch.zeros(())
    device = next(players.critic.parameters()).device
    for epoch in range(epochs):
        for i, (real, _) in enumerate(loader):
            real = real.to(device)
            alpha = torch.rand(len(real), device=device)
            d_loss = players.update_critic(real, latents(len(real)).to(device), alpha)
            if i % CRITIC_STEPS == 0:
                g_loss = players.update_generator(latents(len(real)).to(device))
            print(
                f"[Epoch {epoch}/{epochs}] [Batch {i}/{len(loader)}] "
                f"[D loss: {d_loss.item():f}] [G loss: {g_loss.item():f}]"
            )
            if done % SAMPLE_EVERY == 0:
                with torch.no_grad():
                    save_grid(players.generator(latents(len(real)).to(device))[:25], out / f"{done}.png", 5)
            done += 1
    for name in ("generator", "critic"):
        torch.save(getattr(players, name).state_dict(), out / f"{name}.pt")
    print(f"{done} batches in {(time.time() - begin) / 60:.2f} minutes")


def save_grid(pictures: Tensor, path: Path, columns: int, gap: int = 2) -> None:
    """Pictures (B, C, H, W) in [-1, 1] as one PNG."""
    pixels = ((pictures.cpu() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    count, channels, height, width = pixels.shape
    rows = -(-count // columns)
    grid = torch.full((channels, rows * (height + gap) + gap, columns * (width + gap) + gap), FILL, dtype=torch.uint8)
    for k in range(count):
        y, x = (k // columns) * (height + gap) + gap, (k % columns) * (width + gap) + gap
        grid[:, y : y + height, x : x + width] = pixels[k]
    array = grid.permute(1, 2, 0).numpy()
    Image.fromarray(array[:, :, 0] if channels == 1 else array).save(path)
