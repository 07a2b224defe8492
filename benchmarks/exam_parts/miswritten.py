"""Defects of objectives and networks that people write themselves."""

from functools import partial

from torch import nn

from exam_parts import objectives as loss
from exam_parts.misset import PLAIN, SLOW_CRITIC, TOO_LOW, TOO_STRONG, UNBOUND, WEAK_PENALTY, clipped, sgd
from exam_parts.networks import (
    Centred,
    FirstOnly,
    Noisy,
    Times,
    critic,
    dead,
    frozen,
    generator,
    offset,
    silent,
    weights,
)
from exam_parts.objectives import Own, Probabilities
from exam_parts.question import Defect, pictures, points

NO_GRADIENT = ("generator-gets-no-gradient", "generator-not-updating")
UNREACHED = ("penalty-without-gradient", "ineffective-penalty", *UNBOUND)
WELCOME = ("penalty-rewards-slopes", *UNBOUND, "exploding-gradients", "non-finite")
SIGN = ("wrong-sign",)
BLIND = ("critic-ignores-samples",)
BOUNDED = ("bounded-critic", "saturated-output")
NOISY = ("noisy-critic",)
SMALL = ("network-too-small", "critic-too-weak")
FROZEN = ("frozen-weights", "dead-critic", "generator-not-updating")
FROZEN_WORDS = r"(?i)frozen|requires_grad|no trainable|not trained"
DEAD = ("dead-units", "dead-critic", "vanishing-gradients")
RANGE = ("data-outside-generator-range", "values-outside-data")
OUTSIDE = ("values-outside-data", "generator-unbounded")  # the second is invented
SATURATED = ("saturated-output", "vanishing-gradients")
LARGE_WEIGHTS = (
    "weights-too-large",
    "exploding-gradients",
    "steep-critic",
    "updates-too-large",
)  # the first is invented
ZERO_WEIGHTS = ("weights-too-small", "generator-ignores-latents", "dead-units", "vanishing-gradients")  # as above

OBJECTIVES = (
    Defect("no-create-graph", objective=Own(loss.without_graph), true=UNREACHED),
    Defect("detached-penalty", objective=Own(loss.detached), true=UNREACHED),
    Defect("minus-penalty", objective=Own(penalty_weight=-10.0), true=WELCOME),
    Defect("one-sided-wrong", objective=Own(loss.steep_welcome), true=WELCOME),
    Defect("norm-over-channels", objective=Own(loss.channels_only), true=("penalty-norm-axis",), suits=pictures),
    Defect("norm-over-batch", objective=Own(loss.over_batch), true=("penalty-norm-axis",)),
    Defect("absolute-at-real", objective=Own(loss.absolute_at_real), true=("penalty-norm-axis", *WEAK_PENALTY)),
    # The next three have no code in the list: the invented ones are penalty-not-squared, -target and -of-mean-score.
    Defect("not-squared", objective=Own(loss.not_squared), true=("penalty-not-squared", "penalty-too-strong")),
    Defect("slope-100", objective=Own(loss.hundred), true=("penalty-target", "steep-critic")),
    Defect(
        "of-mean-score",
        objective=Own(loss.of_mean_score),
        true=("penalty-of-mean-score", "penalty-norm-axis", *WEAK_PENALTY),
    ),
    Defect("critic-flipped", objective=Own(real_weight=-1.0, fake_weight=-1.0), true=SIGN),
    Defect("generator-flipped", objective=Own(generator=loss.plus_score), true=SIGN),
    Defect("both-flipped", objective=Own(loss.usual, loss.plus_score, 10.0, -1.0, -1.0), true=SIGN),
    Defect("fakes-ignored", objective=Own(fake_weight=0.0), true=BLIND),
    Defect("reals-ignored", objective=Own(real_weight=0.0), true=BLIND),
    Defect("fakes-detached", objective=Own(generator=loss.cut_off), true=NO_GRADIENT),
    Defect("loss-times-zero", objective=Own(generator=loss.nothing), true=NO_GRADIENT),
    Defect("reals-to-generator", objective=Own(generator=loss.reals_only), true=NO_GRADIENT),
    Defect("like-reals", objective=Own(generator=loss.like_reals), true=("generator-ignores-critic",)),  # invented
    Defect("loss-times-1e-9", objective=Own(scale=1e-9), true=(*SLOW_CRITIC, "vanishing-gradients")),
    Defect("loss-times-1e-4", sgd(1e-2), objective=Own(scale=1e-4), true=(*SLOW_CRITIC, *TOO_LOW)),
    Defect(
        "loss-times-1e6",
        sgd(1e-3),
        objective=Own(scale=1e6),
        true=("updates-too-large", *WELCOME, "learning-rate-too-high"),
    ),
    Defect(
        "saturating-probabilities",
        {"training.critic_steps": 10},
        objective=Probabilities(saturating=True),
        critic=partial(critic, end=nn.Sigmoid),
        true=(*TOO_STRONG, *PLAIN),
    ),
)

CRITICS = (
    Defect("batch-norm", critic=partial(critic, norm="batch"), true=("critic-mixes-samples",)),
    Defect("batch-mean", critic=partial(critic, before=Centred), true=("critic-mixes-samples",)),
    Defect("sigmoid", critic=partial(critic, end=nn.Sigmoid), true=BOUNDED),
    Defect("tanh", critic=partial(critic, end=nn.Tanh), true=BOUNDED),
    Defect("sigmoid-clipped", clipped(0.05), critic=partial(critic, end=nn.Sigmoid), true=BOUNDED),
    Defect("critic-dropout", critic=partial(critic, dropout=0.9), true=NOISY),
    Defect("noisy-input", critic=partial(critic, before=partial(Noisy, 3.0)), true=NOISY),
    Defect("one-unit", critic=partial(critic, widths=(1,)), true=SMALL),
    Defect("linear-critic", critic=partial(critic, widths=()), true=SMALL),
    Defect("dead-critic", critic=partial(critic, activation=nn.ReLU, change=dead), true=DEAD),
    Defect("frozen-critic", critic=partial(critic, change=frozen), true=FROZEN, words=FROZEN_WORDS),
    Defect("frozen-hidden", critic=partial(critic, change=partial(frozen, layers=slice(-1))), true=FROZEN),
    Defect("silent-critic", critic=partial(critic, change=silent), true=(*FROZEN, *BLIND, *DEAD)),
    Defect("deep-sigmoids", critic=partial(critic, widths=[64] * 12, activation=nn.Sigmoid), true=DEAD),
    Defect("zero-critic", critic=partial(critic, change=partial(weights, spread=0.0)), true=(*ZERO_WEIGHTS, *DEAD)),
    Defect("large-critic", critic=partial(critic, change=partial(weights, spread=5.0)), true=LARGE_WEIGHTS),
    Defect("score-times-1e4", critic=partial(critic, end=partial(Times, 1e4)), true=LARGE_WEIGHTS),
)

GENERATORS = (
    Defect(
        "frozen-generator",
        generator=partial(generator, change=frozen),
        true=(*FROZEN, *NO_GRADIENT),
        words=FROZEN_WORDS,
    ),
    Defect("frozen-end", generator=partial(generator, change=partial(frozen, layers=slice(-1, None))), true=FROZEN),
    Defect(
        "latents-times-0", generator=partial(generator, before=partial(Times, 0.0)), true=("generator-ignores-latents",)
    ),
    Defect(
        "one-latent-used",
        generator=partial(generator, before=partial(FirstOnly, 1)),
        true=("generator-ignores-latents", "latent-too-small"),
    ),
    Defect(
        "bottleneck",
        generator=partial(generator, widths=(128, 1, 128)),
        true=("network-too-small", "latent-too-small"),
    ),
    Defect(
        "dead-generator",
        generator=partial(generator, activation=nn.ReLU, change=dead),
        true=("dead-units", "generator-ignores-latents", "vanishing-gradients"),
    ),
    Defect("no-tanh", generator=partial(generator, end=()), true=OUTSIDE, suits=pictures),
    Defect("ends-in-relu", generator=partial(generator, end=[nn.ReLU]), true=RANGE),
    Defect("ends-in-sigmoid", generator=partial(generator, end=[nn.Sigmoid]), true=RANGE),
    Defect("tanh-for-points", generator=partial(generator, end=[nn.Tanh]), true=RANGE, suits=points),
    Defect(
        "tanh-of-50", generator=partial(generator, end=[partial(Times, 50.0), nn.Tanh]), true=SATURATED, suits=pictures
    ),
    Defect("width-1", generator=partial(generator, widths=(1,)), true=("network-too-small", "latent-too-small")),
    Defect("offset-30", generator=partial(generator, change=partial(offset, by=30.0)), true=(*OUTSIDE, *SATURATED)),
    Defect("zero-generator", generator=partial(generator, change=partial(weights, spread=0.0)), true=ZERO_WEIGHTS),
    Defect(
        "large-generator",
        generator=partial(generator, change=partial(weights, spread=5.0)),
        true=(*LARGE_WEIGHTS, *SATURATED),
    ),
    Defect("deep-sigmoid-generator", generator=partial(generator, widths=[64] * 12, activation=nn.Sigmoid), true=DEAD),
    Defect("linear-generator", generator=partial(generator, widths=[64], activation=nn.Identity), true=SMALL),
    Defect("generator-dropout", generator=partial(generator, dropout=0.9), true=("noisy-generator",)),  # invented
    Defect(
        "batch-2-normed",
        {"training.batch_size": 2},
        generator=partial(generator, norm="batch"),
        true=("batch-too-small", "generator-mixes-samples"),
    ),
)
MISWRITTEN = (*OBJECTIVES, *CRITICS, *GENERATORS)
