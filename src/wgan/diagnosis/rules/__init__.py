"""Rules: what turns settings and signals into findings, one function each, in literal tables.

To add one: write a function that returns a `Finding` or None, add it to a table below, give its code a paragraph in
`docs/diagnosis.md`, and a run that is broken in just that way to the failure zoo (`benchmarks/zoo/`).
"""

from collections.abc import Callable
from typing import Literal, get_args

from wgan.diagnosis.finding import Finding
from wgan.diagnosis.history import History
from wgan.diagnosis.rules import numbers, samples, settings, wiring
from wgan.diagnosis.setup import Setup

BEFORE: tuple[Callable[[Setup], Finding | None], ...] = (
    wiring.generator_gets_no_gradient,
    wiring.wrong_sign,
    wiring.critic_mixes_samples,
    wiring.penalty_norm_axis,
    wiring.bounded_critic,
    settings.critic_unconstrained,
    settings.clip_bound,
    wiring.data_range,
    wiring.batch_too_small,
    settings.clipped_cross_entropy,
    settings.penalty_on_cross_entropy,
    settings.summed_loss,
    settings.learning_rate,
    settings.critic_too_slow,
    settings.momentum_with_clipping,
    settings.dataset_too_small,
)
"""What can be told before the first step. Of findings of one severity, the first here is shown first."""

WHILE: tuple[Callable[[Setup, History], Finding | None], ...] = (
    numbers.non_finite,
    numbers.rolled_back,
    numbers.vanishing,
    numbers.dead_critic,
    samples.discriminator_won,
    numbers.generator_not_updating,
    numbers.leaping,
    numbers.exploding,
    numbers.ineffective_penalty,
    samples.mode_collapse,
    numbers.negative_distance,
    numbers.clipped_to_corners,
    samples.memorised,
    samples.critic_overfitting,
    samples.oscillation,
    samples.past_its_best,
)
"""What can be told from the numbers that training writes."""

Refusal = Literal["critic-mixes-samples", "generator-gets-no-gradient", "wrong-sign", "penalty-norm-axis"]
REFUSED: tuple[Refusal, ...] = get_args(Refusal)
"""What keeps a run from starting, unless `ignore` names it: nothing that could be learnt from it is learnt."""
