"""Rules on the networks, for before the first step."""

import math

from wgan.diagnosis.finding import Finding, Findings, Severity
from wgan.diagnosis.setup import Setup
from wgan.diagnosis.words import player_word
from wgan.language import say

ERROR, WARNING = Severity.error, Severity.warning

NOISY = 2.5
HALF = 0.5
UNTRAINED = 0.05
"""A share of the weights that may be there for something else."""
SPREAD = 1.5
"""An intrinsic dimension from which data are more than a curve."""
STEEP = 50.0
"""First slopes of our critics are 0.001 to 5."""
RANKED = 12
"""No higher rank is looked for."""


def generator_ignores_latents(setup: Setup) -> Findings:
    """A generator that makes one sample."""
    if not setup.wiring.listens:
        yield Finding(
            "generator-ignores-latents",
            ERROR,
            say("The generator makes the same sample of all latents, with its first weights and with others."),
            say("Look at what forward does with its argument, and for ReLUs that are zero for every input."),
            reference="Goodfellow et al. 2014, section 3",
        )


def critic_hears_nothing(setup: Setup) -> Findings:
    """A critic that gives one score."""
    if not setup.wiring.hears:
        yield Finding(
            "dead-critic",
            ERROR,
            say("The critic gives every sample the same score, with its first weights and with others."),
            say("Look at what forward does with its argument, and for ReLUs that are zero for every input."),
            reference="Arjovsky & Bottou 2017, section 2",
        )


def critic_mixes_samples(setup: Setup) -> Findings:
    """A penalty per sample, and a critic in which a score depends on the whole batch."""
    if setup.wiring.mixes_samples and setup.wiring.penalised:
        yield Finding(
            "critic-mixes-samples",
            ERROR,
            say(
                "The critic mixes the samples of a batch: a score changes with the other samples (BatchNorm "
                "does that). The penalty needs each score to depend on one sample alone."
            ),
            say("Use InstanceNorm, LayerNorm or no normalisation in the critic."),
            setup.independent_scores(),
            reference="Gulrajani et al. 2017, section 4",
        )


def bounded_critic(setup: Setup) -> Findings:
    """A sigmoid or tanh at the end of a critic."""
    if setup.wiring.bounded_scores:
        yield Finding(
            "bounded-critic",
            WARNING if setup.game is None else ERROR,
            say("The critic's scores cannot leave [-1, 1], whatever its weights: it ends in a sigmoid or a tanh."),
            say("Let the critic end in its last linear layer or convolution: a score is not a probability."),
            reference="Arjovsky et al. 2017, section 3",
        )


def frozen_weights(setup: Setup) -> Findings:
    """Weights that no step changes."""
    shares = {"generator": setup.wiring.generator_frozen, "critic": setup.wiring.critic_frozen}
    for player, share in shares.items():
        if share > UNTRAINED and (player == "critic" or setup.wiring.reaches_generator):
            yield Finding(
                "frozen-weights",
                ERROR if share == 1 else WARNING,
                say(
                    "{share:.0%} of the {player}'s weights get no gradient: they stay as they are.",
                    share=share,
                    player=player_word(player),
                ),
                say(
                    "Look for requires_grad_(False), no_grad() and detach() in the network, and for layers that "
                    "forward does not use. If that is meant, all is well."
                ),
                reference="Goodfellow et al. 2014, algorithm 1",
            )


def dead_units(setup: Setup) -> Findings:
    """Units that are zero for every input, and stay so."""
    shares = {"generator": setup.wiring.generator_dead, "critic": setup.wiring.critic_dead}
    for player, share in shares.items():
        if share >= HALF:
            yield Finding(
                "dead-units",
                WARNING,
                say(
                    "In a layer of the {player}, {share:.0%} of the units get no gradient from any input that "
                    "was tried: they are dead, and do not learn.",
                    player=player_word(player),
                    share=share,
                ),
                say("Use LeakyReLU, and biases that start at 0."),
                reference="Maas et al. 2013, section 2",
            )


def noisy_critic(setup: Setup) -> Findings:
    """Dropout or noise that drowns what the critic says."""
    if setup.wiring.score_noise > NOISY:
        yield Finding(
            "noisy-critic",
            WARNING,
            say(
                "From call to call a sample's score varies {times:.2g} times as much as the scores of "
                "different samples differ: dropout or noise drowns what the critic says.",
                times=setup.wiring.score_noise,
            ),
            say("Use less dropout or noise in the critic (0.3 is plenty), or none."),
            reference="Srivastava et al. 2014, section 7.3",
        )


def too_few_directions(setup: Setup) -> Findings:
    """Latents or networks that cannot vary in as many ways as the data do."""
    wiring = setup.wiring
    needed = max(2.0, wiring.data_dimension / 2) if wiring.data_dimension > SPREAD else 0.0
    data = say("the data vary in about {dimension:.0f} directions around a sample", dimension=wiring.data_dimension)
    if 0 < setup.latent_size < needed:
        size = setup.latent_size
        enough = max(64, 2 ** math.ceil(math.log2(needed))) if setup.spatial else math.ceil(2 * wiring.data_dimension)
        numbers = say("1 number") if size == 1 else say("{count:,} numbers", count=size)
        yield Finding(
            "latent-too-small",
            WARNING,
            say(
                "Latents have {numbers}, and {data}: the generator cannot make all of them.", numbers=numbers, data=data
            ),
            say("Use more latents; too many do no harm."),
            (f"networks.latent_size={enough}",) if "generator" not in setup.custom else (),
            reference="Facco et al. 2017 (how the directions are counted)",
        )
    ranks = {"generator": wiring.generator_rank, "critic": wiring.critic_rank}
    limits = {"generator": setup.latent_size or RANKED, "critic": RANKED}
    for player, rank in ranks.items():
        if rank < min(needed, limits[player], RANKED):
            text = {
                "generator": say(
                    "The generator's samples move in {rank:.0f} directions, and {data}: a layer of it is too narrow.",
                    rank=rank,
                    data=data,
                ),
                "critic": say(
                    "The critic's slopes point in {rank:.0f} directions, and {data}: a layer of it is too narrow.",
                    rank=rank,
                    data=data,
                ),
            }
            yield Finding(
                "network-too-small",
                WARNING,
                text[player],
                say("Use wider layers in the {player}.", player=player_word(player)),
                reference="Facco et al. 2017 (how the directions are counted)",
            )


def steep_at_first(setup: Setup) -> Findings:
    """A critic whose scores change far too fast before it has learnt anything."""
    slope = setup.wiring.first_slope
    if slope > STEEP:
        yield Finding(
            "steep-critic",
            WARNING,
            say(
                "With its first weights the critic's slope is {slope:.2g}; those of sound critics are 0.001 "
                "to 5. Scores are scaled up, or the first weights are too large.",
                slope=slope,
            ),
            say("Leave the weights as PyTorch starts them, and do not multiply scores."),
            reference="Glorot & Bengio 2010, section 4",
        )
