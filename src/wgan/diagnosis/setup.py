"""What the rules know of a run before its first step: its settings and its wiring."""

from dataclasses import dataclass
from typing import NamedTuple

from wgan.diagnosis.wiring import Wiring
from wgan.objectives import Composed


class PlayerSettings(NamedTuple):
    """How one network is updated."""

    optimizer: str
    learning_rate: float
    momentum: float
    """The decay of the gradient's running mean; 0 is none."""


@dataclass(frozen=True)
class Setup:
    """The facts that rules speak about."""

    game: Composed | None
    """The objective as a composition; None for one of the user's own."""
    generator: PlayerSettings
    critic: PlayerSettings
    batch_size: int
    critic_steps: int
    steps: int
    train_count: int
    pictures: bool
    wiring: Wiring
    ema_decay: float = 0.999
    critic_norm: str | None = None
    """How the critic normalises, where its networks leave the choice."""
    custom: frozenset[str] = frozenset()
    """Which parts were passed as Python objects: no setting changes them."""

    @property
    def wasserstein(self) -> bool:
        """Whether scores estimate a Wasserstein distance."""
        return self.game is not None and self.game.loss == "wasserstein"

    @property
    def logits(self) -> bool:
        """Whether a sigmoid of the scores is a probability."""
        return self.game is not None and self.game.loss in ("saturating", "non-saturating")

    @property
    def slope_near_one(self) -> bool:
        """Whether the penalty asks for slopes of one, or of at most one."""
        return self.game is not None and self.game.penalty_weight > 0 and self.game.penalty != "zero-centred"

    @property
    def clip(self) -> float:
        """The bound of the critic's weights; 0 is none."""
        return self.game.clip if self.game else 0.0
