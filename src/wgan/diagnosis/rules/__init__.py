"""Rules turn settings and signals into findings: one function each, in literal tables.

To add one: write a function that yields a `Finding`, add it to a table below, give its code a paragraph in
`docs/diagnosis.md`, and a run that is broken in just that way to the failure zoo (`benchmarks/zoo/`).
"""

from collections.abc import Callable
from typing import Literal, get_args

from wgan.diagnosis.finding import Findings
from wgan.diagnosis.history import History
from wgan.diagnosis.rules import conditions, data, networks, numbers, objective, samples, settings
from wgan.diagnosis.setup import Setup

BEFORE: tuple[Callable[[Setup], Findings], ...] = (
    objective.generator_gets_no_gradient,
    objective.wrong_sign,
    objective.critic_ignores_samples,
    objective.penalty_without_gradient,
    objective.penalty_rewards_slopes,
    networks.generator_ignores_latents,
    networks.critic_hears_nothing,
    conditions.network_ignores_condition,
    networks.critic_mixes_samples,
    objective.penalty_norm_axis,
    networks.bounded_critic,
    settings.critic_unconstrained,
    objective.own_critic_unconstrained,
    settings.clip_bound,
    data.data_alike,
    data.data_range,
    settings.batch_too_small,
    conditions.condition_leaks,
    networks.frozen_weights,
    networks.dead_units,
    networks.noisy_critic,
    networks.steep_at_first,
    settings.learning_rate,
    settings.critic_too_slow,
    objective.penalty_weight,
    settings.clipped_cross_entropy,
    settings.penalty_on_cross_entropy,
    settings.summed_loss,
    settings.momentum_too_high,
    settings.momentum_with_clipping,
    data.data_columns,
    data.data_narrow,
    data.data_repeated,
    networks.too_few_directions,
    conditions.class_starved,
    data.dataset_too_small,
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
    conditions.conditions_say_nothing,
    conditions.condition_not_shown,
    conditions.classes_collapsed,
    numbers.negative_distance,
    numbers.clipped_to_corners,
    samples.memorised,
    samples.critic_overfitting,
    samples.oscillation,
    samples.past_its_best,
    samples.samples_off_data,
)
"""Rules for the log of a run."""

Refusal = Literal[
    "critic-mixes-samples",
    "generator-gets-no-gradient",
    "wrong-sign",
    "penalty-norm-axis",
    "critic-ignores-samples",
    "penalty-without-gradient",
    "penalty-rewards-slopes",
    "generator-ignores-latents",
    "condition-ignored",
]
REFUSED: tuple[Refusal, ...] = get_args(Refusal)
"""Findings that keep a run from starting unless `ignore` names them, since it could learn nothing."""
