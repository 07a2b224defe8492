"""Rules on the samples in a run's log: their variety, their distance from the data, and its course."""

import math

import numpy as np

from wgan.diagnosis.finding import Finding, Findings, Severity
from wgan.diagnosis.history import BY_HEART, RECENT, Column, History, smoothed
from wgan.diagnosis.progress import ALIKE
from wgan.diagnosis.rules.numbers import FAR
from wgan.diagnosis.setup import Setup
from wgan.language import say

ERROR, WARNING, NOTE = Severity.error, Severity.warning, Severity.note

MISSED = 0.3
SOME_MISSED = 0.2
"""Equal distributions miss none; a plain GAN that has all modes of a ring, in unequal shares, misses up to 0.29."""
PART = 0.5
"""Of the precision, recall or coverage of real samples."""
EXCESS = 0.2
OUTSIDE = 0.1
"""Shares of values: the data's own are at most a hundredth outside."""
COPIED = 0.5
MEASURED = 128
"""Samples whose scores a line of the log knows, of places; of points more."""
SURE = 2
"""Standard errors: scores of six held-out samples differ from those of training samples by chance."""
NOISE = 0.01
"""The random change of the energy distance of 128 samples from line to line."""


def mode_collapse(setup: Setup, history: History) -> Findings:
    """Little variety, or parts of the data with no samples near them."""
    progress, diversity, missed = history.progress, history.recent("diversity"), history.recent("missed")
    if len(history) < 2 * RECENT and not progress.known:
        return
    covered = [progress.share(name) for name in ("recall", "coverage")]
    if diversity < ALIKE:
        what = say(
            "Samples are {diversity:.0%} as far from each other as the data are: the generator makes only part of the "
            "data.",
            diversity=diversity,
        )
        holds = history.column("diversity") < ALIKE
        grave = not history.falls("energy_distance") and not progress.gains
    elif progress.known:
        if min(covered) >= PART or progress.share("precision") < PART:  # the latter are off the data
            return
        what = say(
            "Samples look like the data, but reach only a part of them ({numbers}): the generator makes only part of "
            "the data.",
            numbers=progress.told("recall", "coverage"),
        )
        holds = history.column("missed") > SOME_MISSED
        grave = min(covered) < PART / 2 and not progress.gains
    elif missed > SOME_MISSED:
        what = say(
            "Around {missed:.0%} of held-out samples there are less than a quarter as many fakes as real samples: the "
            "generator makes only part of the data.",
            missed=missed,
        )
        holds = history.column("missed") > SOME_MISSED
        # Samples just beside narrow modes miss them for long.
        grave = missed > MISSED and history.recent("energy_distance") > 2 * NOISE and not history.falls("missed")
    else:
        return
    yield Finding(
        "mode-collapse",
        ERROR if grave and not history.young else WARNING,
        what,
        say("Train with WGAN-GP or R3GAN, whose critics notice what is missing; lower the generator's learning rate.")
        if not setup.wasserstein
        else say("Lower the generator's learning rate, or give the critic more steps."),
        setup.rates(0.3, "generator") if setup.wasserstein else setup.wgan_gp(),
        history.since(holds),
        "Naeem et al. 2020, section 3; Lin et al. 2018 (PacGAN)",
    )


def samples_off_data(setup: Setup, history: History) -> Findings:
    """Samples that are varied, and not like the data."""
    progress, diversity = history.progress, history.recent("diversity")
    if progress.known and progress.share("precision") < PART and diversity >= ALIKE and not progress.gains:
        yield Finding(
            "samples-off-data",
            NOTE if history.young else WARNING,
            say(
                "Samples differ from each other, and are not like the data ({numbers}); they have come no "
                "nearer over the last half of the steps.",
                numbers=progress.told("precision"),
            ),
            say("Look for a cause in the other findings. Without one: a larger generator and critic, or other rates."),
            (),
            progress.step // 2,
            "Kynkäänniemi et al. 2019, section 3",
        )


def saturated_output(setup: Setup, history: History) -> Findings:
    """Values at the ends of the range, far more than in the data."""
    fake, real = history.recent("saturated"), history.recent("saturated_real")
    if setup.spatial and fake - real > EXCESS and not history.progress.near:
        yield Finding(
            "saturated-output",
            ERROR if fake - real > 2 * EXCESS and not history.young and not history.progress.gains else WARNING,
            say(
                "{fake:.0%} of the samples' values lie at the ends of the range, and {real:.0%} of the "
                "data's: the last layer is saturated, and passes on hardly any gradient.",
                fake=fake,
                real=real,
            ),
            say("Start the generator's last layer with smaller weights, and lower its learning rate."),
            setup.rates(0.1, "generator"),
            history.since(history.column("saturated") - history.column("saturated_real") > EXCESS),
            "Glorot & Bengio 2010, section 3",
        )


def values_outside(setup: Setup, history: History) -> Findings:
    """Values that the data do not have."""
    share = history.recent("outside")
    if share > OUTSIDE and not history.progress.near:
        yield Finding(
            "values-outside-data",
            ERROR if share > 3 * OUTSIDE and not history.young and not history.progress.gains else WARNING,
            say("{share:.0%} of the samples' values lie outside of the range of the data.", share=share),
            say("End the generator in a layer with the data's range (tanh for [-1, 1])."),
            (),
            history.since(history.column("outside") > OUTSIDE),
            "Radford et al. 2016, section 4",
        )


def discriminator_won(setup: Setup, history: History) -> Findings:
    """A discriminator that tells everything apart while the samples are bad."""
    accuracy, energy = history.recent("held_out_accuracy"), history.recent("energy_distance")
    known = setup.game is not None and not setup.wasserstein
    if known and accuracy > 0.99 and energy > FAR and len(history) >= 2 * RECENT:
        sure = history.recent("sure")
        share = say(", and is sure (beyond 99.9%) of {sure:.0%}", sure=sure) if sure > 0.5 else ""
        yield Finding(
            "discriminator-won",
            WARNING if history.young or history.progress.gains else ERROR,
            say(
                "The discriminator tells {accuracy:.1%} of real and fake samples apart{share}; hardly any "
                "gradient is left to lead the generator to the data.",
                accuracy=accuracy,
                share=share,
            ),
            say(
                "Lower the discriminator's learning rate, give the generator the non-saturating loss, or use "
                "WGAN-GP, whose critic cannot be too good."
            ),
            setup.wgan_gp(),
            history.since(history.column("held_out_accuracy") > 0.99),
            "Arjovsky & Bottou 2017, theorem 2.4",
        )


def critic_overfitting(setup: Setup, history: History) -> Findings:
    """A critic that has memorised the training data."""
    train, held_out = history.recent("train_distance"), history.recent("held_out_distance")
    gap, accuracies = train - held_out, (history.recent("accuracy"), history.recent("held_out_accuracy"))
    seen = min(history.progress.reals or MEASURED, MEASURED)  # held-out samples whose scores are known
    noise = history.recent("score_spread") * math.sqrt(1 / seen + 1 / min(setup.train_count, MEASURED))
    if train > 0 and gap > max(0.4 * train, SURE * noise) and accuracies[0] - accuracies[1] > 0.05:
        yield Finding(
            "critic-overfitting",
            WARNING if history.by_heart > BY_HEART or setup.train_count < 1000 else NOTE,
            say(
                "The critic scores training samples {train:.3g} above fakes, and samples it never saw "
                "{held_out:.3g}: {share:.0%} of its distance comes from memorising {count:,} samples.",
                train=train,
                held_out=held_out,
                share=history.by_heart,
                count=setup.train_count,
            ),
            say(
                "Read held_out_distance (metrics.jsonl, report) instead. Get more data{mirroring}{changing}, or use a "
                "smaller critic.",
                mirroring=setup.mirroring,
                changing=setup.changing,
            ),
            setup.augment(),
            history.since(history.column("held_out_distance") < 0.6 * history.column("train_distance")),
            "Gulrajani et al. 2017, figure 5b; Karras et al. 2020 (ADA)",
        )


def memorised(setup: Setup, history: History) -> Findings:
    """Samples that copy training samples."""
    share = history.recent("memorised")
    if share > COPIED and history.recent("energy_distance") < FAR:
        yield Finding(
            "memorised",
            WARNING,
            say(
                "{share:.0%} of samples are less than half as far from their nearest training sample as "
                "held-out samples are: the generator repeats what it was shown.",
                share=share,
            ),
            say(
                "Stop earlier, get more data{changing}, or use a smaller generator; `wgan report` shows samples and "
                "their nearest.",
                changing=setup.changing,
            ),
            setup.augment(),
            history.since(history.column("memorised") > COPIED),
            "Webster et al. 2019; Meehan et al. 2020",
        )


def oscillation(setup: Setup, history: History) -> Findings:
    """Samples that leave the data and return, again and again."""
    energy = smoothed(history.column("energy_distance"), 3)
    late = energy[len(energy) // 3 :]
    if len(late) < 2 * RECENT:
        return
    low, high = np.quantile(late, [0.1, 0.9])
    turns = _turns(late, max(0.1, (high - low) / 2))
    if turns >= 4 and not high - low < 0.1:
        since = int(history.column("step")[-len(late)])
        yield Finding(
            "oscillation",
            WARNING,
            say(
                "Between steps {first:,} and {last:,} the samples' distance from the data swung {turns} "
                "times between {low:.2f} and {high:.2f}.",
                first=since,
                last=history.step,
                turns=turns,
                low=low,
                high=high,
            ),
            say("Lower both learning rates, use Adam without momentum (betas 0 and 0.9), or average over more steps."),
            (*setup.rates(0.1), *(("training.ema_decay=0.999",) if setup.ema_decay < 0.999 else ())),
            history.step,
            "Mescheder et al. 2018, section 2",
        )


def _turns(column: Column, least: float) -> int:
    """How often a column reverses after a change of `least` or more in one direction."""
    turns, direction, extreme = 0, 0, column[0]
    for value in column[1:]:
        if (direction >= 0 and value > extreme) or (direction <= 0 and value < extreme):
            if direction == 0 and abs(value - column[0]) >= least:
                direction = 1 if value > column[0] else -1
            extreme = value if direction else extreme
        elif direction and abs(value - extreme) >= least:
            turns, direction, extreme = turns + 1, -direction, value
    return turns


def past_its_best(setup: Setup, history: History) -> Findings:
    """Samples that were better before. Nobody can tell early in a run, when they move fast and are all poor."""
    early = history.young and history.step < setup.steps
    if early or (best := history.progress.best) is None:
        return
    yield Finding(
        "past-its-best",
        WARNING,
        say(
            "Samples were nearest to the data about step {step:,} (Fréchet distance {value:.3g}); now it is {now:.3g}.",
            step=best.step,
            value=best.value,
            now=best.now,
        ),
        say("Keep the best generator besides the newest, and let the learning rates fall."),
        (
            f"output.best_by={'frechet' if setup.spatial else 'w1'}",
            f"schedule.steps={setup.steps}",
            "schedule.learning_rate=0",
        ),
        best.step,
        "Heusel et al. 2017, section 3; Lucic et al. 2018, section 6",
    )
