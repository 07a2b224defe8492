"""WGAN-GP on MNIST as a tutorial has it: MLPs, a DataLoader, each picture transformed by itself, eager steps.

    PYTHONPATH=benchmarks python -m rivals.tutorial_mnist FOLDER [--epochs N] [--out DIR]

FOLDER holds the idx files, .gz or not. Networks, sizes and rates are those of `wgan-gp-mnist`: batch 64, the generator
trained after every fifth batch, both losses printed for every batch, a grid of 25 every 400 batches.
"""

import argparse
import gzip
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from rivals.tutorial import Normalize, Players, run, to_tensor

LATENT_SIZE = 100
BATCH_SIZE = 64
RATE, BETAS = 2e-4, (0.5, 0.999)


def read_idx(folder: Path, name: str, header: int) -> Any:
    path = folder / name
    content = path.read_bytes() if path.exists() else gzip.decompress((folder / f"{name}.gz").read_bytes())
    return np.frombuffer(content, np.uint8, offset=header)


class MNIST(Dataset[Any]):
    """The training pictures, each as the transform makes it, and its digit."""

    def __init__(self, folder: Path, transform: Callable[[Image.Image], Tensor]) -> None:
        self.images = read_idx(folder, "train-images-idx3-ubyte", 16).reshape(-1, 28, 28)
        self.labels = read_idx(folder, "train-labels-idx1-ubyte", 8)
        self.transform = transform

    def __len__(self) -> int:
        """How many."""
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Picture (1, 28, 28), digit."""
        return self.transform(Image.fromarray(self.images[index])), int(self.labels[index])


class Generator(nn.Module):
    """Latents (B, Z) to pictures (B, C, H, W)."""

    def __init__(self, latent_size: int, widths: Sequence[int], shape: Sequence[int], leak: float = 0.2) -> None:
        super().__init__()
        self.shape = tuple(shape)

        def block(inputs: int, outputs: int, normalize: bool = True) -> list[nn.Module]:
            layers: list[nn.Module] = [nn.Linear(inputs, outputs)]
            if normalize:
                layers.append(nn.BatchNorm1d(outputs))
            layers.append(nn.LeakyReLU(leak, inplace=True))
            return layers

        layers = block(latent_size, widths[0], normalize=False)
        for inputs, outputs in pairwise(widths):
            layers += block(inputs, outputs)
        self.model = nn.Sequential(*layers, nn.Linear(widths[-1], int(np.prod(self.shape))), nn.Tanh())

    def forward(self, z: Tensor) -> Tensor:
        """Pictures in [-1, 1]."""
        result: Tensor = self.model(z).view(len(z), *self.shape)
        return result


class Critic(nn.Module):
    """Pictures (B, C, H, W) to scores (B, 1)."""

    def __init__(self, widths: Sequence[int], shape: Sequence[int], leak: float = 0.2) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = int(np.prod(shape))
        for outputs in widths:
            layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(leak, inplace=True)]
            inputs = outputs
        self.model = nn.Sequential(*layers, nn.Linear(inputs, 1))

    def forward(self, x: Tensor) -> Tensor:
        """High for real ones."""
        result: Tensor = self.model(x.view(len(x), -1))
        return result


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("images"))
    parser.add_argument("--workers", type=int, default=0, help="processes that load; the scripts found have none")
    parser.add_argument("--as-published", action="store_true", help="leave the generator in the critic's graph")
    given = parser.parse_args(arguments)
    normalize = Normalize([0.5], [0.5])
    data = MNIST(given.folder, lambda image: normalize(to_tensor(image)))
    loader = DataLoader(data, batch_size=BATCH_SIZE, shuffle=True, num_workers=given.workers)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    generator = Generator(LATENT_SIZE, (128, 256, 512, 1024), (1, 28, 28)).to(device)
    critic = Critic((512, 256), (1, 28, 28)).to(device)
    players = Players(generator, critic, RATE, BETAS, as_published=given.as_published)
    run(players, loader, given.epochs, lambda count: torch.randn(count, LATENT_SIZE), given.out)


if __name__ == "__main__":
    main()
