"""Rules turn settings and signals into findings: one function each, in literal tables.

To add one: write a function that yields a `Finding`, add it to a table below, give its code a paragraph in
`docs/diagnosis.md`, and a run that is broken in just that way to the failure zoo (`benchmarks/zoo/`).
"""

from collections.abc import Callable
from typing import Literal, get_args

from wgan.diagnosis.finding import Findings
from wgan.diagnosis.history import History
from wgan.diagnosis.rules import before, numbers, samples
from wgan.diagnosis.setup import Setup

BEFORE: tuple[Callable[[Setup], Findings], ...] = (
    before.generator_gets_no_gradient,
    before.wrong_sign,
    before.critic_mixes_samples,
    before.penalty_norm_axis,
    before.bounded_critic,
    before.critic_unconstrained,
    before.clip_bound,
    before.data_range,
    before.batch_too_small,
    before.clipped_cross_entropy,
    before.penalty_on_cross_entropy,
    before.summed_loss,
    before.learning_rate,
    before.critic_too_slow,
    before.momentum_with_clipping,
    before.dataset_too_small,
)
"""Rules for before the first step. Of findings of one severity, the first here is shown first."""

WHILE: tuple[Callable[[Setup, History], Findings], ...] = (
    numbers.non_finite,
    numbers.rolled_back,
    numbers.vanishing,
    numbers.dead_critic,
    samples.discriminator_won,
    numbers.generator_not_updating,
    numbers.leaping,
    numbers.exploding,
    numbers.ineffective_penalty,
    numbers.steep_critic,
    numbers.updates_too_small,
    samples.saturated_output,
    samples.values_outside,
    samples.mode_collapse,
    numbers.negative_distance,
    numbers.clipped_to_corners,
    samples.memorised,
    samples.critic_overfitting,
    samples.oscillation,
    samples.past_its_best,
    samples.samples_off_data,
)
"""Rules for the log of a run."""

Refusal = Literal["critic-mixes-samples", "generator-gets-no-gradient", "wrong-sign", "penalty-norm-axis"]
REFUSED: tuple[Refusal, ...] = get_args(Refusal)
"""Findings that keep a run from starting unless `ignore` names them, since it could learn nothing."""
