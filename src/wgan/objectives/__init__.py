"""Objectives: what the two players minimise, one method per file.

An objective is a loss, a penalty on the critic's slope and the points where the slope is taken (`axes.py`). `Composed`
takes one of each by name, and the slope itself or finite differences; the others write theirs out as their papers do,
and their `composition` names the choices that they equal. A new loss, penalty or point comes first, in `axes.py`.

To add one: copy the smallest file here (`wgan.py`), add a line to the table below, run `make test`;
the contract tests pick it up from the table. Then give it a page in `docs/objectives/`.
"""

from wgan.objectives.axes import LOSSES, PENALTIES, POINTS, interpolate
from wgan.objectives.composed import Composed, Named
from wgan.objectives.dragan import DRAGAN
from wgan.objectives.gan import GAN
from wgan.objectives.gradient import differences, gradient_norm, input_gradient, slopes
from wgan.objectives.hinge import Hinge
from wgan.objectives.lsgan import LSGAN
from wgan.objectives.r1 import R1
from wgan.objectives.r3gan import R3GAN
from wgan.objectives.wgan import WGAN
from wgan.objectives.wgan_gp import WGANGP
from wgan.objectives.wgan_lp import WGANLP
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


def axes(objective: Objective) -> Composed | None:
    """The composition that an objective equals; None for a user's own objective."""
    if isinstance(objective, Named) and type(objective) in OBJECTIVES.values():
        return objective.composition
    return None
