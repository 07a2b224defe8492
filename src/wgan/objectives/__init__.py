"""Objectives: what the two players minimise, one method per file.

To add one: copy the smallest file here (`wgan.py`), add a line to the table below, run `make test`;
the contract tests pick it up from the table. Then give it a page in `docs/objectives/`.
"""

from wgan.objectives.gan import GAN
from wgan.objectives.gradient import gradient_norm, input_gradient, interpolate
from wgan.objectives.wgan import WGAN
from wgan.objectives.wgan_gp import WGANGP
from wgan.types import Objective

OBJECTIVES: dict[str, type[Objective]] = {
    "gan": GAN,
    "wgan": WGAN,
    "wgan-gp": WGANGP,
}

__all__ = ["GAN", "OBJECTIVES", "WGAN", "WGANGP", "gradient_norm", "input_gradient", "interpolate"]
