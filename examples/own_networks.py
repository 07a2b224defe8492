"""Train networks of your own on an array of your own: here, sine waves as points in 32 dimensions."""

import numpy as np
from torch import nn

import wgan


def waves(count: int = 5000) -> np.ndarray:
    random = np.random.default_rng(0)
    phase, pitch = random.uniform(0, 2 * np.pi, (count, 1)), random.uniform(1, 3, (count, 1))
    return np.sin(pitch * np.linspace(0, 2 * np.pi, 32) + phase).astype(np.float32)


def main(steps: int = 2000, out: str = "runs/waves") -> wgan.Run:
    generator = nn.Sequential(nn.Linear(8, 128), nn.SiLU(), nn.Linear(128, 128), nn.SiLU(), nn.Linear(128, 32))
    critic = nn.Sequential(nn.Linear(32, 128), nn.SiLU(), nn.Linear(128, 128), nn.SiLU(), nn.Linear(128, 1))
    return wgan.train(waves(), generator=generator, critic=critic, latent_size=8, steps=steps, out=out)


if __name__ == "__main__":
    run = main()
    print(run.path, run.sample(3).shape)
