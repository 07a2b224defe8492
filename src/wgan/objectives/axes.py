"""Each named objective as a composition: which loss, which penalty, at which points."""

from collections.abc import Callable
from typing import Any

from wgan.objectives.composed import Composed
from wgan.objectives.dragan import DRAGAN
from wgan.objectives.gan import GAN
from wgan.objectives.hinge import Hinge
from wgan.objectives.lsgan import LSGAN
from wgan.objectives.r1 import R1
from wgan.objectives.r3gan import R3GAN
from wgan.objectives.wgan import WGAN
from wgan.objectives.wgan_gp import WGANGP
from wgan.objectives.wgan_lp import WGANLP
from wgan.types import Objective

AXES: dict[type[Objective], Callable[[Any], Composed]] = {
    GAN: lambda game: Composed("saturating" if game.saturating else "non-saturating", penalty_weight=0.0),
    LSGAN: lambda game: Composed("least-squares", penalty_weight=0.0),
    Hinge: lambda game: Composed("hinge", penalty_weight=0.0),
    WGAN: lambda game: Composed("wasserstein", penalty_weight=0.0, clip=game.clip),
    WGANGP: lambda game: Composed("wasserstein", "one-centred", ("line",), game.penalty_weight),
    WGANLP: lambda game: Composed("wasserstein", "one-sided", ("line",), game.penalty_weight),
    DRAGAN: lambda game: Composed("non-saturating", "one-centred", ("around-real",), game.penalty_weight),
    R1: lambda game: Composed("non-saturating", "zero-centred", ("real",), game.penalty_weight),
    R3GAN: lambda game: Composed("relativistic", "zero-centred", ("real", "fake"), game.penalty_weight),
    Composed: lambda game: game,
}
"""DRAGAN's `spread` has no place in a composition: there it is always 0.5."""


def axes(objective: Objective) -> Composed | None:
    """The composition that an objective equals; None for one of the user's own."""
    composition = AXES.get(type(objective))
    return None if composition is None else composition(objective)
