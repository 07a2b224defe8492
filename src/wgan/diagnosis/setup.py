"""What the rules know of a run before its first step: its settings and its wiring."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wgan.diagnosis.wiring import Wiring
from wgan.objectives import Composed

PICTURES, POINTS = 10.0, 1.0
"""Weights of WGAN-GP's penalty. Points of unit scale are so near each other that 10 outweighs the distance."""


class PlayerSettings(NamedTuple):
    """How one network is updated."""

    optimizer: str
    learning_rate: float
    momentum: float
    """The decay of the running mean of gradients; 0 if there is none."""


@dataclass(frozen=True)
class Setup:
    """The facts that rules speak about, and the settings that they advise.

    What is advised is relative to the run's own settings, and only settings that it has.
    """

    game: Composed | None
    """The objective as a composition; None for a user's own."""
    generator: PlayerSettings
    critic: PlayerSettings
    batch_size: int
    critic_steps: int
    steps: int
    train_count: int
    pictures: bool
    wiring: Wiring
    ema_decay: float = 0.999
    latent_size: int = 0
    """0 if unknown."""
    critic_norm: str | None = None
    """How the critic normalises, where its networks leave the choice."""
    custom: frozenset[str] = frozenset()
    """The parts that were passed as Python objects, which no setting changes."""
    flip: bool = False
    """Whether pictures are mirrored already."""
    rate_rise: float = 1.0
    """By what the schedule multiplies the learning rates in the end, if they rise."""
    applicable: Callable[[Sequence[str]], tuple[str, ...]] = tuple
    """What remains of advised settings for this run, with what must go with them."""

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
        return self.game is not None and self.penalty_weight > 0 and self.game.penalty in ("one-centred", "one-sided")

    @property
    def penalty_weight(self) -> float:
        """0 if there is no penalty."""
        return self.game.penalty_weight if self.game else 0.0

    @property
    def clip(self) -> float:
        """The bound of the critic's weights; 0 is none."""
        return self.game.clip if self.game else 0.0

    @property
    def mirroring(self) -> str:
        """Advice to mirror pictures, as a part of a sentence, where there are pictures that are not mirrored yet."""
        advice = ", mirror pictures (--set data.flip=true) if left and right mean the same"
        return advice if self.pictures and not self.flip else ""

    @property
    def usual_penalty(self) -> str:
        """The setting that gives WGAN-GP its usual weight on such data."""
        return f"objective.penalty_weight={PICTURES if self.pictures else POINTS:g}"

    def rates(self, factor: float, *players: str) -> tuple[str, ...]:
        """The learning rates of these players, or of both, times a factor."""
        return tuple(
            f"{player}_optimizer.learning_rate={getattr(self, player).learning_rate * factor:.3g}"
            for player in players or ("generator", "critic")
        )

    def independent_scores(self) -> tuple[str, ...]:
        """A critic that does not mix samples, if this one does and its networks leave the choice."""
        return ("networks.critic_norm=layer",) if "critic" not in self.custom and self.critic_norm == "batch" else ()

    def wgan_gp(self) -> tuple[str, ...]:
        """The objective that most runs can fall back on, with a critic that suits it; never in place of a user's."""
        if "objective" in self.custom or (self.wiring.mixes_samples and not self.independent_scores()):
            return ()
        if self.wasserstein and not self.clip:  # it is WGAN-GP, perhaps without its penalty
            return () if self.penalty_weight else (self.usual_penalty,)
        return ("objective=wgan-gp", *self.independent_scores())
