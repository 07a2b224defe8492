"""What the rules know of a run before its first step: its settings and its wiring."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wgan.diagnosis.wiring import Wiring
from wgan.language import say
from wgan.objectives import Composed
from wgan.types import Condition
from wgan.types.sample_spec import Kind

PICTURES, POINTS = 10.0, 1.0
"""Weights of WGAN-GP's penalty; signals and volumes have that of pictures. Points of unit scale are so near each other
that 10 outweighs the distance."""

HIGHEST_RATE = {"adam": 1e-2, "rmsprop": 2e-3, "sgd": 1.0}
"""At least four times what any working run of ours used, by optimiser."""
LOW_RATE = 1e-6
"""A rate below this is next to nothing."""
ALWAYS_CHANGED = 1000
"""Of fewer samples, critics overfit surely, and a probability that follows them comes too late."""
SAFE = 0.03
"""Of that rate, what is advised where a run's own rate is no guide."""


class PlayerSettings(NamedTuple):
    """How one network is updated."""

    optimizer: str
    learning_rate: float
    momentum: float
    """The decay of the running mean of gradients; 0 if there is none."""

    @property
    def highest_rate(self) -> float:
        """A learning rate at which no GAN of ours worked."""
        return HIGHEST_RATE.get(self.optimizer, 1.0)


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
    kind: Kind
    """Of the samples."""
    wiring: Wiring
    ema_decay: float = 0.999
    latent_size: int = 0
    """0 if unknown."""
    critic_norm: str | None = None
    """How the critic normalises, where its networks leave the choice."""
    custom: frozenset[str] = frozenset()
    """The parts that were passed as Python objects, which no setting changes."""
    generator_steps: int = 1
    flip: bool = False
    """Whether pictures are mirrored already."""
    augmentation: str = "none"
    """How samples are changed before the critic sees them."""
    rate_rise: float = 1.0
    """By what the schedule multiplies the learning rates in the end, if they rise."""
    rates_vanish_at: int | None = None
    """The step at which the schedule has taken the learning rates to next to nothing, if it does."""
    condition: Condition | None = None
    """What samples are asked for, with how many there are of each; None if the run has no condition."""
    applicable: Callable[[Sequence[str]], tuple[str, ...]] = tuple
    """What remains of advised settings for this run, with what must go with them."""

    @property
    def spatial(self) -> bool:
        """Whether samples are signals, pictures or volumes, from -1 to 1."""
        return self.kind != "points"

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
        advice = say(", mirror pictures (--set data.flip=true) if left and right mean the same")
        return advice if self.kind == "picture" and not self.flip else ""

    @property
    def changing(self) -> str:
        """Advice to change samples before the critic sees them, as a part of a sentence, where that can be done."""
        return say(", change samples before the critic sees them") if self.augment() else ""

    def augment(self) -> tuple[str, ...]:
        """The setting for that: `ada`, and where samples are few, or that was not enough, `diffaugment`.

        Of pictures alone: whether a shifted signal means the same, only its owner knows.
        """
        if self.kind != "picture" or self.augmentation == "diffaugment":
            return ()
        enough = self.train_count >= ALWAYS_CHANGED and self.augmentation == "none"
        return ("augmentation=ada",) if enough else ("augmentation=diffaugment",)

    @property
    def usual_penalty(self) -> str:
        """The setting that gives WGAN-GP its usual weight on such data."""
        return f"objective.penalty_weight={PICTURES if self.spatial else POINTS:g}"

    def rates(self, factor: float, *players: str) -> tuple[str, ...]:
        """The learning rates of these players, or of both, times a factor; a safe one where that is far too high."""
        found = []
        for name in players or ("generator", "critic"):
            player: PlayerSettings = getattr(self, name)
            rate = player.learning_rate * factor
            rate = rate if rate < player.highest_rate else SAFE * player.highest_rate
            found.append(f"{name}_optimizer.learning_rate={rate:.3g}")
        return tuple(found)

    def usual_rate(self, player: str) -> tuple[str, ...]:
        """For a player whose rate is next to nothing: the other's, if that is larger and of the same optimiser."""
        own, other = (self.generator, self.critic) if player == "generator" else (self.critic, self.generator)
        if own.learning_rate >= LOW_RATE:
            return ()
        alike = own.optimizer == other.optimizer and LOW_RATE <= other.learning_rate < other.highest_rate
        rate = other.learning_rate if alike else SAFE * own.highest_rate
        return (f"{player}_optimizer.learning_rate={rate:g}",)

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
