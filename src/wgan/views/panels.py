"""The panels that a run's numbers are drawn in: what each shows, and what to expect."""

from typing import NamedTuple

from wgan.language import marked


class Panel(NamedTuple):
    """Terms of metrics.jsonl that answer one question together. Its texts are English; `told` translates them."""

    title: str
    terms: tuple[str, ...]
    what: str
    """What the numbers are."""
    expect: str
    """What they look like in a healthy run."""
    reference: float | None = None
    """A value to compare with, drawn as a line across."""
    logarithmic: bool = False


PANELS = (
    Panel(
        marked("Distance"),
        ("distance",),
        marked("How much higher the critic scores real samples than generated ones: mean C(real) - mean C(fake)."),
        marked(
            "It rises while the critic learns, falls as the generator catches up, and levels off; it does not "
            "stay below zero. With a slope penalty it estimates the Wasserstein distance; with clipping only its "
            "trend is meaningful."
        ),
        reference=0.0,
    ),
    Panel(
        marked("Samples and data"),
        ("energy_distance",),
        marked(
            "The energy distance between samples and held-out data, both reduced to at most eight values a side. "
            "It does not depend on the critic."
        ),
        marked(
            "Falling, then level; nearer to zero is better. At one, the samples are no closer to the data than a "
            "single point would be."
        ),
        reference=0.0,
    ),
    Panel(
        marked("Training and held out"),
        ("train_distance", "held_out_distance"),
        marked("The critic's distance, for its training samples and for samples that it never saw."),
        marked("The two stay together. A growing gap means that the critic memorises its training samples."),
        reference=0.0,
    ),
    Panel(
        marked("Jensen-Shannon divergence"),
        ("js",),
        marked("A lower bound on the divergence between real and generated samples, from the discriminator's loss."),
        marked("Well below log 2 = 0.693, at which the discriminator is perfect and the generator learns nothing."),
        reference=0.693,
    ),
    Panel(
        marked("Mean scores"),
        ("real_score", "fake_score"),
        marked("The critic's mean scores of real and of generated samples."),
        marked("Real above fake, with a bounded gap."),
    ),
    Panel(
        marked("Margin"),
        ("margin",),
        marked("How much higher a real sample is scored than the generated one paired with it, on average."),
        marked("Above zero, and bounded."),
        reference=0.0,
    ),
    Panel(
        marked("Losses"),
        ("critic_loss", "generator_loss"),
        marked("What the critic and the generator minimise."),
        marked(
            "They settle. They say little by themselves: scores have no fixed zero, so the generator's loss can drift."
        ),
        reference=0.0,
    ),
    Panel(
        marked("Slope of the critic"),
        ("gradient_norm", "slope"),
        marked(
            "The mean norm of the critic's gradient with respect to its input: gradient_norm where the penalty "
            "is taken, slope at generated samples."
        ),
        marked("Near one if a penalty asks for that; otherwise it neither vanishes nor explodes."),
        reference=1.0,
    ),
    Panel(
        marked("Penalty"),
        ("penalty", "r1", "r2"),
        marked("The penalty on the critic's slope, before its weight."),
        marked("Small after a short while, and small from then on."),
        reference=0.0,
    ),
    Panel(
        marked("Accuracy of the critic"),
        ("accuracy", "held_out_accuracy"),
        marked("The share of pairs in which the real sample is scored above the generated one."),
        marked(
            "Between 0.5, where the critic cannot tell them apart, and 1, where it always can. It should not "
            "stay at either end."
        ),
        reference=0.5,
    ),
    Panel(
        marked("Does the critic hear the condition?"),
        ("matched", "held_out_matched"),
        marked(
            "The share of real samples that the critic scores higher with their own condition than with another, for "
            "its training samples and for samples that it never saw."
        ),
        marked(
            "Well above 0.5, which is chance, at least early on; it falls as the generator catches up. If only the "
            "first is high, the critic memorises which sample had which condition."
        ),
        reference=0.5,
    ),
    Panel(
        marked("Do samples move with the condition?"),
        ("moved", "moved_real"),
        marked(
            "How far samples of the same latents move if they are asked for something else, relative to the distance "
            "between real samples; and how far they move at least if they are like the data."
        ),
        marked("The first above the second. At zero the generator ignores what it is asked for."),
        reference=0.0,
    ),
    Panel(
        marked("Spread of the scores"),
        ("score_spread",),
        marked("The standard deviation of the critic's scores over real and generated samples."),
        marked("Within one order of magnitude throughout. At zero the critic gives every sample the same score."),
    ),
    Panel(
        marked("Sure of itself"),
        ("sure",),
        marked(
            "The share of samples that the discriminator assigns a probability above 99.9 % of being real or generated."
        ),
        marked("Low. If it is sure of all samples, the generator has little to learn from."),
        reference=0.0,
    ),
    Panel(
        marked("Diversity and coverage"),
        ("diversity", "coverage"),
        marked(
            "How far samples are from each other, relative to the data; and the share of held-out samples with a "
            "generated one among their five nearest."
        ),
        marked("Diversity near one, coverage rising. If both fall, the generator collapses to few modes."),
        reference=1.0,
    ),
    Panel(
        marked("Missed"),
        ("missed",),
        marked(
            "The share of held-out data with almost no samples around it: less than a quarter of the expected "
            "number if samples were distributed like the data."
        ),
        marked("Falling to nearly zero. The rest is a part of the data that is never generated."),
        reference=0.0,
    ),
    Panel(
        marked("Memorised"),
        ("memorised",),
        marked(
            "The share of generated samples that are less than half as far from a training sample as held-out "
            "samples are."
        ),
        marked("Near zero. Towards one, the generator copies its training data."),
        reference=0.0,
    ),
    Panel(
        marked("Saturation"),
        ("saturated", "saturated_real", "outside"),
        marked(
            "The share of values at the ends of the range, in generated and in real samples; and of generated "
            "values outside of the data's range."
        ),
        marked("Similar shares, and none outside. Far more in generated samples means that the last layer saturates."),
    ),
    Panel(
        marked("Augmentation"),
        ("augmented",),
        marked("How often each kind of change is made in samples before the critic sees them."),
        marked("Of ada: rising while the critic memorises, falling when it stops. Of diffaugment: always one."),
        reference=0.0,
    ),
    Panel(
        marked("Weights at the clip bound"),
        ("at_clip",),
        marked("The share of the critic's weights that clipping holds at its bound."),
        marked("Some, but not nearly all: a critic with all weights at the bound can distinguish little."),
    ),
    Panel(
        marked("Size of an update"),
        ("generator_update", "critic_update"),
        marked("How much one step changes a network, relative to its weights."),
        marked(
            "Steady, between 0.0001 and a few hundredths. At zero a network does not change; near one it changes "
            "erratically."
        ),
        logarithmic=True,
    ),
    Panel(
        marked("Drift from the average"),
        ("ema_drift",),
        marked(
            "The distance of the generator from its average, which samples are drawn from, relative to its weights."
        ),
        marked("Settling at a small value. If it keeps growing, the average cannot follow the generator."),
    ),
)


NO_TERMS = {"step", "images_seen", "epoch", "seconds", "layers"}
"""What a row of the log holds besides terms and signals."""


def measured(terms: set[str]) -> list[Panel]:
    """The panels with measured terms, each reduced to those. A term without a panel gets one of its own.

    A new objective therefore needs no panel for its terms.
    """
    known = [panel._replace(terms=tuple(term for term in panel.terms if term in terms)) for panel in PANELS]
    others = sorted(terms - NO_TERMS - {term for panel in PANELS for term in panel.terms})
    own = [
        Panel(
            term.replace("_", " ").capitalize(), (term,), marked("A number of the log without a panel of its own."), ""
        )
        for term in others
    ]
    return [panel for panel in known if panel.terms] + own
