"""Objectives: what the two players minimise, one method per file.

An objective is a loss (`losses.py`), a penalty on the critic's slope (`penalties.py`) and the points where it is taken
(`points.py`); `Composed` takes one of each by name, the others write theirs out as their paper does.

To add one: copy the smallest file here (`wgan.py`), add a line to the table below, run `make test`;
the contract tests pick it up from the table. Then give it a page in `docs/objectives/`.
"""

from wgan.objectives.axes import axes as axes
from wgan.objectives.composed import Composed as Composed
from wgan.objectives.dragan import DRAGAN as DRAGAN
from wgan.objectives.gan import GAN as GAN
from wgan.objectives.gradient import gradient_norm as gradient_norm, input_gradient as input_gradient, slopes as slopes
from wgan.objectives.hinge import Hinge as Hinge
from wgan.objectives.losses import LOSSES as LOSSES
from wgan.objectives.lsgan import LSGAN as LSGAN
from wgan.objectives.penalties import PENALTIES as PENALTIES, POINTS as POINTS, interpolate as interpolate
from wgan.objectives.r1 import R1 as R1
from wgan.objectives.r3gan import R3GAN as R3GAN
from wgan.objectives.wgan import WGAN as WGAN
from wgan.objectives.wgan_gp import WGANGP as WGANGP
from wgan.objectives.wgan_lp import WGANLP as WGANLP
from wgan.types import Objective

OBJECTIVES: dict[str, type[Objective]] = {
    "gan": GAN,
    "lsgan": LSGAN,
    "hinge": Hinge,
    "wgan": WGAN,
    "wgan-gp": WGANGP,
    "wgan-lp": WGANLP,
    "dragan": DRAGAN,
    "r1": R1,
    "r3gan": R3GAN,
    "composed": Composed,
}
