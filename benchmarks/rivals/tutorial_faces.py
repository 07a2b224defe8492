"""WGAN-GP on a folder of faces as a tutorial has it: DCGAN at 64x64, every picture decoded and resized in each epoch.

    PYTHONPATH=benchmarks python -m rivals.tutorial_faces FOLDER [--epochs N] [--out DIR]

Networks, sizes and rates are those of `wgan-gp-celeba`. Each critic update has a fresh batch and the generator is
trained after every fifth, as ours: document 000 scores one batch five times, which its code does by mistake.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from rivals.tutorial import Normalize, Players, run, to_tensor

LATENT_SIZE = 100
BATCH_SIZE = 64
SIDE = 64
RATE, BETAS = 1e-4, (0.0, 0.9)
ENDINGS = {".jpg", ".jpeg", ".png"}


class Faces(Dataset[Any]):
    """The pictures of a folder, opened when they are asked for."""

    def __init__(self, folder: Path, transform: Callable[[Image.Image], Tensor]) -> None:
        self.paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
        self.transform = transform

    def __len__(self) -> int:
        """How many."""
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Picture (3, 64, 64), and the label that every picture has here."""
        with Image.open(self.paths[index]) as image:
            return self.transform(image.convert("RGB")), 0


def resized(image: Image.Image) -> Image.Image:
    """The shorter side to `SIDE`, then the middle."""
    scale = SIDE / min(image.size)
    width, height = (max(SIDE, int(side * scale)) for side in image.size)
    image = image.resize((width, height), Image.Resampling.BILINEAR)
    left, top = (width - SIDE) // 2, (height - SIDE) // 2
    return image.crop((left, top, left + SIDE, top + SIDE))


class Generator(nn.Module):
    """Latents (B, Z) to pictures (B, 3, 64, 64)."""

    def __init__(self, latent_size: int = LATENT_SIZE, width: int = 16) -> None:
        super().__init__()
        self.net = nn.Sequential(
            *self._block(latent_size, width * 16, 4, 1, 0),
            *self._block(width * 16, width * 8, 4, 2, 1),
            *self._block(width * 8, width * 4, 4, 2, 1),
            *self._block(width * 4, width * 2, 4, 2, 1),
            nn.ConvTranspose2d(width * 2, 3, kernel_size=4, stride=2, padding=1),
            nn.Tanh(),
        )

    def _block(self, inputs: int, outputs: int, kernel: int, stride: int, padding: int) -> list[nn.Module]:
        convolution = nn.ConvTranspose2d(inputs, outputs, kernel, stride, padding, bias=False)
        return [convolution, nn.BatchNorm2d(outputs), nn.ReLU()]

    def forward(self, z: Tensor) -> Tensor:
        """Pictures in [-1, 1]."""
        result: Tensor = self.net(z.view(len(z), -1, 1, 1))
        return result


class Critic(nn.Module):
    """Pictures (B, 3, 64, 64) to scores (B, 1)."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.disc = nn.Sequential(
            nn.Conv2d(3, width, kernel_size=4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            *self._block(width, width * 2),
            *self._block(width * 2, width * 4),
            *self._block(width * 4, width * 8),
            nn.Conv2d(width * 8, 1, kernel_size=4, stride=2, padding=0),
        )

    def _block(self, inputs: int, outputs: int) -> list[nn.Module]:
        convolution = nn.Conv2d(inputs, outputs, kernel_size=4, stride=2, padding=1, bias=False)
        return [convolution, nn.InstanceNorm2d(outputs, affine=True), nn.LeakyReLU(0.2)]

    def forward(self, x: Tensor) -> Tensor:
        """High for real ones."""
        result: Tensor = self.disc(x).view(len(x), -1)
        return result


def initialize(network: nn.Module) -> None:
    """Weights from N(0, 0.02)."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight.data, 0.0, 0.02)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("images"))
    parser.add_argument("--workers", type=int, default=2, help="processes that load; document 000 has two")
    parser.add_argument("--as-published", action="store_true", help="leave the generator in the critic's graph")
    given = parser.parse_args(arguments)
    normalize = Normalize([0.5] * 3, [0.5] * 3)
    data = Faces(given.folder, lambda image: normalize(to_tensor(resized(image))))
    loader = DataLoader(data, batch_size=BATCH_SIZE, shuffle=True, num_workers=given.workers)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    generator, critic = Generator().to(device), Critic().to(device)
    initialize(generator)
    initialize(critic)
    players = Players(generator, critic, RATE, BETAS, as_published=given.as_published)
    run(players, loader, given.epochs, lambda count: torch.randn(count, LATENT_SIZE), given.out)


if __name__ == "__main__":
    main()
