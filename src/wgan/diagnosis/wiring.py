"""Wiring: facts that no setting tells, found by trying copies of the parts before the first step (`trials`)."""

import math
from dataclasses import dataclass

SURE = 3.0
"""Standard deviations that count as a change. Several numbers are looked at, so two would be passed by chance."""


@dataclass(frozen=True)
class Leak:
    """How much a part of the condition of held-out samples is that of their nearest training sample.

    0 is by chance, and 1 always (Cohen's kappa).
    """

    part: str
    nearest: float
    other: float
    """The same of the nearest that is no near copy."""
    noise: float
    """The standard deviation of either if conditions are exchanged."""
    copied: float
    """The share of held-out samples that have near copies among the training samples."""

    @property
    def owed(self) -> float:
        """What copies add."""
        return self.nearest - self.other

    @property
    def certain(self) -> bool:
        """Whether copies add most of it, beyond doubt."""
        return self.owed > SURE * self.noise and self.other < self.nearest / 2


@dataclass(frozen=True)
class Wiring:
    """Whether the parts fit together; a failed trial counts as fitting."""

    penalised: bool = False
    """The objective has a penalty on the slopes of single scores."""
    prefers_real: bool = True
    """The critic's loss does not rise when real samples are scored higher."""
    seeks_high_scores: bool = True
    """The generator's loss does not rise when its samples are scored higher."""
    uses_real: bool = True
    """The gradient of the critic's loss depends on the real samples."""
    uses_fake: bool = True
    """The gradient of the critic's loss depends on the fake samples."""
    whole_slope: bool = True
    """The penalty depends on the norm of each sample's whole gradient, and on nothing else."""
    penalty_reaches: bool = True
    """What slopes cost, the critic is told: the penalty has a gradient."""
    slope_cost: float = 0.0
    """What a slope of 2 costs the critic beyond a slope of 1: the weight of a one-centred penalty."""
    steep_cost: float = 0.0
    """The same of slopes of 1,000 and 100, by (999^2 - 99^2): negative where a penalty has the wrong sign."""

    falls_for_ever: bool = False
    """The critic's loss falls without bound with the scale of its scores, and `constrain` does not hold them."""

    reaches_generator: bool = True
    """The gradient of the generator's loss reaches its weights."""
    listens: bool = True
    """The generator's samples depend on its latents."""
    hears: bool = True
    """The critic's scores depend on the samples."""
    generator_asked: bool = True
    """The generator's samples depend on the condition, if there is one."""
    critic_asked: bool = True
    """The critic's scores depend on the condition, if there is one."""
    scales: bool = True
    """The critic's scores grow with its weights: it is not normalised."""
    mixes_samples: bool = False
    """A sample's score depends on the others in its batch."""
    bounded_scores: bool = False
    """The critic's scores cannot leave [-1, 1]: it ends in a sigmoid or a tanh."""
    batch_norm: bool = False
    """The generator normalises over its batch."""
    score_noise: float = 0.0
    """How many times more a sample's score varies from call to call than the scores of samples differ."""
    generator_dead: float = 0.0
    critic_dead: float = 0.0
    """The largest share of a layer's units that answer to no input."""
    generator_frozen: float = 0.0
    critic_frozen: float = 0.0
    """The share of the weights that get no gradient."""
    generator_rank: float = math.inf
    """In how many directions samples move with the latents, of at most 12 that are tried."""
    critic_rank: float = math.inf
    """In how many directions the slopes of the critic point, at 12 samples."""
    first_slope: float = 1.0
    """The mean slope of the critic at some samples, with its first weights."""
    generator_low: float = -math.inf
    generator_high: float = math.inf
    """The generator can make only values between these."""

    data_low: float = -1.0
    data_high: float = 1.0
    """All but one data value of a hundred lie between these."""
    data_width: float = 2.0
    """The largest data value less the smallest."""
    data_variety: float = 1.0
    """How much samples differ from their mean, as a share of how much all values do."""
    data_copies: float = 1.0
    """How often each sample is there, about."""
    data_extreme: float = 0.0
    """The farthest of a column's values from its median, in quartile ranges, for points."""
    data_scales: float = 1.0
    """The largest quartile range of a column by the smallest, for points."""
    data_dimension: float = 0.0
    """In how many directions the data vary around a sample; 0 if that is unknown."""

    leaks: tuple[Leak, ...] = ()
    """For each part of the condition, what held-out samples owe to copies."""

    @property
    def leaking(self) -> Leak | None:
        """The part that owes most of it to copies, if one does."""
        return max((leak for leak in self.leaks if leak.certain), key=lambda leak: leak.owed, default=None)
