"""Defects of settings alone, each of which could stand in a config file."""

from typing import Any

from exam_parts.data import Data, Settings
from exam_parts.question import Defect, many_columns

G, C = "generator_optimizer", "critic_optimizer"
TOO_HIGH = ("learning-rate-too-high", "updates-too-large")
# The names that follow the comma state the same cause in the words of older rules (benchmarks/zoo).
TOO_LOW = ("learning-rate-too-low", "updates-too-small", "generator-not-updating")
SLOW_CRITIC = ("critic-too-slow", "critic-too-weak", "learning-rate-too-low", "updates-too-small", "dead-critic")
UNBOUND = ("critic-unconstrained", "steep-critic")
WEAK_PENALTY = ("penalty-too-weak", "ineffective-penalty", *UNBOUND)
TOO_STRONG = ("critic-too-strong", "saturating-loss", "vanishing-gradients", "discriminator-won")
# A plain GAN has no single cause: that nothing holds its critic, and what follows from that, are all accepted.
PLAIN = (*UNBOUND, "critic-too-strong", "critic-overfitting", "past-its-best", "oscillation", "discriminator-won")
BLOWN_UP = ("non-finite", "exploding-gradients")


def both(name: str, value: Any) -> Settings:
    """The same setting for both players' optimisers."""
    return {f"{player}.{name}": value for player in (G, C)}


def rates(generator: float, critic: float) -> Settings:
    """Learning rates."""
    return {f"{G}.learning_rate": generator, f"{C}.learning_rate": critic}


def clipped(clip: float, rate: float = 5e-4, **loss: Any) -> Settings:
    """WGAN as in its paper, at a rate for short runs."""
    rmsprop = {**both("name", "rmsprop"), **both("learning_rate", rate)}
    return {"objective.name": "wgan", "objective.clip": clip, "training.critic_steps": 5, **rmsprop, **loss}


def sgd(rate: float, **more: Any) -> Settings:
    """Gradient descent without momentum."""
    return {**both("name", "sgd"), **both("learning_rate", rate), **more}


def composed(loss: str, **more: Any) -> Settings:
    """Any loss with any penalty; without one unless told otherwise."""
    given = {f"objective.{name}": value for name, value in {"loss": loss, "penalty_weight": 0.0, **more}.items()}
    return {"objective.name": "composed", **given}


def weight(value: float) -> Settings:
    """The penalty's weight."""
    return {"objective.penalty_weight": value}


def schedule(steps: int, **factors: Any) -> Settings:
    """Settings that change while it trains."""
    return {"schedule.steps": steps, **{f"schedule.{name}": value for name, value in factors.items()}}


STRONG = {"training.critic_steps": 10, f"{G}.learning_rate": 1e-4, f"{C}.learning_rate": 1e-3}
ADAM_CLIP = {**clipped(0.01), **both("name", "adam"), **both("learning_rate", 1e-3), **both("betas", (0.9, 0.999))}
SUMMED = {"objective.reduction": "sum"}
SUM = ("summed-loss", *TOO_HIGH, *WEAK_PENALTY)  # only the game is summed, so the penalty counts for less


def digits(data: Data) -> bool:
    """Where a mirrored sample is no sample."""
    return data.name in ("turned-digits", "odd-mnist", "negative-mnist")


MISSET = (
    # How fast.
    Defect("rates-0.01", both("learning_rate", 0.01), true=(*TOO_HIGH, *BLOWN_UP)),
    Defect("rates-0.05", both("learning_rate", 0.05), true=(*TOO_HIGH, *BLOWN_UP)),
    Defect("generator-rate-0.05", {f"{G}.learning_rate": 0.05}, true=TOO_HIGH),
    Defect("critic-rate-0.05", {f"{C}.learning_rate": 0.05}, true=(*TOO_HIGH, *BLOWN_UP)),
    Defect("generator-rate-1e-7", {f"{G}.learning_rate": 1e-7}, true=TOO_LOW),
    Defect("critic-rate-1e-7", {f"{C}.learning_rate": 1e-7}, true=SLOW_CRITIC),
    Defect("rates-1e-7", both("learning_rate", 1e-7), true=(*TOO_LOW, "dead-critic")),
    Defect("slower-critic", {"training.critic_steps": 1, **rates(1e-3, 1e-5)}, true=SLOW_CRITIC),
    Defect("rate-falls-at-once", schedule(20, learning_rate=0.0), true=(*TOO_LOW, "schedule-too-short")),  # invented
    Defect("rate-rises", schedule(600, learning_rate=100.0), true=(*TOO_HIGH, *BLOWN_UP)),
    Defect("plain-descent", sgd(1e-4), true=(*TOO_LOW, *SLOW_CRITIC)),
    Defect("plain-descent-1", sgd(1.0), true=(*TOO_HIGH, *BLOWN_UP)),
    Defect("beta-0.99", both("betas", (0.99, 0.999)), true=("momentum-too-high", "oscillation")),
    Defect("summed", {**sgd(1e-3), **composed("wasserstein", penalty_weight=10.0), **SUMMED}, true=SUM),
    Defect("ema-0.99999", {"training.ema_decay": 0.99999}, true=("ema-too-slow",)),
    Defect("ema-0.9995", {"training.ema_decay": 0.9995}, true=("ema-too-slow",), longer=0.5),
    Defect("one-fast-clipped-step", clipped(0.01) | {"training.critic_steps": 1} | rates(1e-3, 5e-5), true=SLOW_CRITIC),
    # What holds the critic.
    Defect("penalty-0", weight(0.0), true=(*WEAK_PENALTY, "exploding-gradients")),
    Defect("penalty-1e-4", weight(1e-4), true=WEAK_PENALTY),
    Defect("penalty-1000", weight(1000.0), true=("penalty-too-strong",)),
    Defect("penalty-10000", weight(1e4), true=("penalty-too-strong",)),
    Defect("r1-1e5", {"objective.name": "r1", **weight(1e5)}, true=("penalty-too-strong",)),
    Defect("penalty-falls", schedule(200, penalty_weight=0.0), true=WEAK_PENALTY),
    Defect("clip-1e-5", clipped(1e-5), true=("clip-too-small", "vanishing-gradients")),
    Defect("clip-1e-3", clipped(1e-3), true=("clip-too-small", "vanishing-gradients")),
    Defect("clip-5", clipped(5.0), true=("clip-too-large", *UNBOUND)),
    Defect("clip-momentum", ADAM_CLIP, true=("momentum-with-clipping", "momentum-too-high")),
    Defect(
        "clip-cross-entropy",
        {**clipped(0.01), **composed("non-saturating", clip=0.01)},
        true=("clipped-cross-entropy",),
    ),
    Defect(
        "penalised-cross-entropy", composed("non-saturating", penalty_weight=10.0), true=("penalty-on-cross-entropy",)
    ),
    Defect("no-bound-hinge", {"objective.name": "hinge", **STRONG}, true=PLAIN),
    # Games that are hard to win.
    Defect("gan", {"objective.name": "gan"}, true=PLAIN, longer=2.0),
    Defect("strong-saturating", {"objective.name": "gan", "objective.saturating": True, **STRONG}, true=TOO_STRONG),
    Defect("strong-gan", {"objective.name": "gan", **STRONG}, true=(*TOO_STRONG, *PLAIN)),
    # How large.
    Defect("batch-2", {"training.batch_size": 2}, true=("batch-too-small",)),
    Defect("batch-1", {"training.batch_size": 1}, true=("batch-too-small",), words=r"(?i)batch.?size|batch of (1|one)"),
    Defect("hold-out-0.99", {"data.holdout": 0.99}, true=("dataset-too-small", "critic-overfitting")),
    Defect("latents-1", {"networks.latent_size": 1}, true=("latent-too-small",)),
    Defect("latents-2", {"networks.latent_size": 2}, true=("latent-too-small",), suits=many_columns),
    Defect("width-2", {"networks.generator_widths": (2, 2)}, true=("network-too-small", "latent-too-small")),
    Defect("critic-width-1", {"networks.critic_widths": (1,)}, true=("network-too-small", "critic-too-weak")),
    Defect(
        "leak-1", {"networks.leak": 1.0}, true=("network-too-small", "critic-too-weak", "linear-network")
    ),  # invented
    Defect("mirrored", {"data.flip": True}, true=("data-mirrored",), suits=digits),  # invented
)
