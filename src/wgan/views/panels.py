"""What is drawn of a run's numbers: one panel for each question, with what it is and what it should look like."""

from typing import NamedTuple


class Panel(NamedTuple):
    """Terms of metrics.jsonl that answer one question, in one drawing."""

    title: str
    terms: tuple[str, ...]
    what: str
    """What the numbers are, in a sentence."""
    expect: str
    """What they look like when all is well."""
    reference: float | None = None
    """A value to compare with, drawn as a line."""
    logarithmic: bool = False


PANELS = (
    Panel(
        "Distance",
        ("distance",),
        "How much higher the critic scores real samples than generated ones: mean C(real) - mean C(fake).",
        "It jumps up while the critic learns, falls as the generator catches up, and levels off; it does not stay "
        "below zero. Under a slope penalty it estimates the Wasserstein distance; under clipping only its course "
        "counts.",
        reference=0.0,
    ),
    Panel(
        "Samples and data",
        ("energy_distance",),
        "The energy distance between samples and held-out data, both reduced to 8x8: how far one is from the other, "
        "whatever the critic thinks.",
        "Falling, then level, the nearer to zero the better. At one, all samples might as well be in one place.",
        reference=0.0,
    ),
    Panel(
        "Training and held out",
        ("train_distance", "held_out_distance"),
        "The same distance, for samples that the critic was trained on and for samples that it never saw.",
        "The two stay together. A gap that grows is the critic learning its training samples by heart.",
        reference=0.0,
    ),
    Panel(
        "Jensen-Shannon divergence",
        ("js",),
        "A lower bound of the divergence between real and generated samples, from the discriminator's loss.",
        "It stays clear of log 2 = 0.693, where the discriminator has won and the generator learns nothing.",
        reference=0.693,
    ),
    Panel(
        "Mean scores",
        ("real_score", "fake_score"),
        "What the critic says of real and of generated samples, on average.",
        "Real above fake, and the two not running away from each other.",
    ),
    Panel(
        "Margin",
        ("margin",),
        "How much higher a real sample is scored than the generated one beside it, on average.",
        "Above zero, and bounded.",
        reference=0.0,
    ),
    Panel(
        "Losses",
        ("critic_loss", "generator_loss"),
        "What each player minimises.",
        "They settle. Alone they say little: the critic's scores have no fixed zero, so the generator's loss wanders.",
        reference=0.0,
    ),
    Panel(
        "Slope of the critic",
        ("gradient_norm", "slope"),
        "The norm of the critic's gradient by its input, on average: gradient_norm where a penalty is taken, slope at "
        "generated samples.",
        "Near one, where a penalty asks for one; in any case it neither dies nor explodes.",
        reference=1.0,
    ),
    Panel(
        "Penalty",
        ("penalty", "r1", "r2"),
        "What the critic pays for a slope that is not as it should be, before the penalty's weight.",
        "Small soon, and small from then on.",
        reference=0.0,
    ),
    Panel(
        "Accuracy of the critic",
        ("accuracy", "held_out_accuracy"),
        "The share of pairs in which the real sample is scored above the generated one.",
        "Between 0.5, where the critic cannot tell them apart, and 1, where it always can. "
        "Staying at either end is bad news.",
        reference=0.5,
    ),
    Panel(
        "Spread of the scores",
        ("score_spread",),
        "The standard deviation of the critic's scores over real and generated samples.",
        "Of one order of magnitude throughout. At zero the critic says the same of everything.",
    ),
    Panel(
        "Sure of itself",
        ("sure",),
        "The share of samples of which the discriminator is sure: of a probability beyond 99.9 % either way.",
        "Low. Where it is sure of all, the generator has little left to learn from.",
        reference=0.0,
    ),
    Panel(
        "Diversity and coverage",
        ("diversity", "coverage"),
        "How far samples are from each other, relative to the data; and the share of held-out samples with a generated "
        "one among their five nearest.",
        "Diversity near one, coverage rising. A fall of both is mode collapse.",
        reference=1.0,
    ),
    Panel(
        "Missed",
        ("missed",),
        "The share of held-out data around which there are next to no samples: less than a quarter of what there would "
        "be, were samples distributed as the data are.",
        "Falling to nearly zero. What stays is a part of the data that is never generated.",
        reference=0.0,
    ),
    Panel(
        "Memorised",
        ("memorised",),
        "The share of generated samples that are less than half as far from a training sample as held-out ones are.",
        "Near zero. Towards one, the generator repeats what it was shown.",
        reference=0.0,
    ),
    Panel(
        "Saturation",
        ("saturated", "saturated_real"),
        "The share of values at the ends of the range, in generated and in real samples.",
        "The two are alike. Far more in generated ones: the generator's last layer is driven to its limits.",
    ),
    Panel(
        "Weights at the clip bound",
        ("at_clip",),
        "The share of the critic's weights that clipping holds at its bound.",
        "Some, not nearly all: a critic with every weight in a corner can tell little apart.",
    ),
    Panel(
        "Size of an update",
        ("generator_update", "critic_update"),
        "How much one step changes a network, relative to its weights.",
        "Steady, between a ten-thousandth and a few hundredths. At zero a network stands still; near one it is thrown "
        "about.",
        logarithmic=True,
    ),
    Panel(
        "Drift from the average",
        ("ema_drift",),
        "How far the generator is from its average, which is what is sampled, relative to its weights.",
        "Settling at a small value. What grows without end, the average cannot follow.",
    ),
)


NO_TERMS = {"step", "images_seen", "epoch", "seconds", "layers"}
"""What a line of the log has beside terms and signals."""


def measured(terms: set[str]) -> list[Panel]:
    """The panels that have something to show, each with those of its terms that are there; any other term has its own.

    So an objective with a term that nobody knows needs no panel to be written for it.
    """
    known = [panel._replace(terms=tuple(term for term in panel.terms if term in terms)) for panel in PANELS]
    others = sorted(terms - NO_TERMS - {term for panel in PANELS for term in panel.terms})
    own = [Panel(term.replace("_", " ").capitalize(), (term,), "A term of the objective.", "") for term in others]
    return [panel for panel in known if panel.terms] + own
