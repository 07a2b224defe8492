"""What the numbers of a run say of its samples: how many different ones, how like the data, better or worse."""

import numpy as np

from wgan.diagnosis.finding import Finding, Severity
from wgan.diagnosis.history import RECENT, Column, History, smoothed
from wgan.diagnosis.rules.advice import lower_rates, wgan_gp
from wgan.diagnosis.rules.numbers import FAR
from wgan.diagnosis.setup import Setup

ERROR, WARNING, NOTE = Severity.error, Severity.warning, Severity.note

ALIKE = 0.3
"""Samples this much less apart than the data's are all but the same."""
MISSED = 0.3
SOME_MISSED = 0.2
"""Equal distributions miss none; a plain GAN that has all modes of a ring, in unequal shares, up to 0.29."""
COPIED = 0.5
NOISE = 0.01
"""How much the energy distance of 128 samples changes from line to line for nothing."""


def mode_collapse(setup: Setup, history: History) -> Finding | None:
    """Few different samples, or parts of the data that none of them is near."""
    diversity, missed, energy = (history.recent(name) for name in ("diversity", "missed", "energy_distance"))
    if len(history) < 2 * RECENT:
        return None
    if diversity < ALIKE:
        what = f"Samples are {diversity:.0%} as far from each other as the data are"
        holds = history.column("diversity") < ALIKE
        grave = not history.falls("energy_distance")
    elif missed > SOME_MISSED:
        what = f"Around {missed:.0%} of held-out samples there are less than a quarter as many made ones as real ones"
        holds = history.column("missed") > SOME_MISSED
        # Narrow modes are missed for long by samples that are just beside them.
        grave = missed > MISSED and energy > 2 * NOISE and not history.falls("missed")
    else:
        return None
    return Finding(
        "mode-collapse",
        ERROR if grave and not history.young else WARNING,
        f"{what}: the generator makes only some of what there is.",
        "Train with WGAN-GP or R3GAN, whose critics notice what is missing; lower the generator's learning rate.",
        () if setup.wasserstein else wgan_gp(setup),
        history.since(holds),
        "Naeem et al. 2020, section 3; Lin et al. 2018 (PacGAN)",
    )


def discriminator_won(setup: Setup, history: History) -> Finding | None:
    """A discriminator that tells everything apart while the samples are bad."""
    accuracy, energy = history.recent("held_out_accuracy"), history.recent("energy_distance")
    known = setup.game is not None and not setup.wasserstein
    if not (known and accuracy > 0.99 and energy > FAR) or len(history) < 2 * RECENT:
        return None
    sure = history.recent("sure")
    share = f", and is sure (beyond 99.9%) of {sure:.0%}" if sure > 0.5 else ""
    return Finding(
        "discriminator-won",
        WARNING if history.young else ERROR,
        f"The discriminator tells {accuracy:.1%} of real and made samples apart{share}; hardly a gradient is left that "
        "leads the generator to the data.",
        "Lower the discriminator's learning rate, give the generator the non-saturating loss, or use WGAN-GP, whose "
        "critic may be as good as it likes.",
        wgan_gp(setup),
        history.since(history.column("held_out_accuracy") > 0.99),
        "Arjovsky & Bottou 2017, theorem 2.4",
    )


def critic_overfitting(setup: Setup, history: History) -> Finding | None:
    """A critic that knows the training data by heart."""
    train, held_out = history.recent("train_distance"), history.recent("held_out_distance")
    gap, accuracies = train - held_out, (history.recent("accuracy"), history.recent("held_out_accuracy"))
    if not (train > 0 and gap > 0.4 * train and accuracies[0] - accuracies[1] > 0.05):
        return None
    all_but_all = gap > 0.8 * train
    course = history.column("held_out_distance") < 0.6 * history.column("train_distance")
    return Finding(
        "critic-overfitting",
        WARNING if all_but_all or setup.train_count < 1000 else NOTE,
        f"The critic scores training samples {train:.3g} above made ones, and samples it never saw {held_out:.3g}: "
        f"{gap / train:.0%} of its distance is knowing {setup.train_count:,} samples by heart.",
        "Read the held-out distance instead. More data help, and pictures mirrored (--set data.flip=true) where left "
        "and right mean the same; so does a smaller critic.",
        (),
        history.since(course),
        "Gulrajani et al. 2017, figure 5b; Karras et al. 2020 (ADA)",
    )


def memorised(setup: Setup, history: History) -> Finding | None:
    """Samples that are training samples."""
    share = history.recent("memorised")
    if not (share > COPIED and history.recent("energy_distance") < FAR):
        return None
    return Finding(
        "memorised",
        WARNING,
        f"{share:.0%} of samples are less than half as far from their nearest training sample as held-out samples are: "
        "the generator repeats what it was shown.",
        "Stop earlier, get more data, or use a smaller generator; `wgan report` shows samples beside their nearest.",
        (),
        history.since(history.column("memorised") > COPIED),
        "Webster et al. 2019; Meehan et al. 2020",
    )


def oscillation(setup: Setup, history: History) -> Finding | None:
    """Samples that go away from the data and come back, again and again."""
    energy = smoothed(history.column("energy_distance"), 3)
    late = energy[len(energy) // 3 :]
    if len(late) < 2 * RECENT:
        return None
    low, high = np.quantile(late, [0.1, 0.9])
    turns = _turns(late, max(0.1, (high - low) / 2))
    if turns < 4 or high - low < 0.1:
        return None
    return Finding(
        "oscillation",
        WARNING,
        f"Between steps {int(history.steps[-len(late)]):,} and {history.step:,} the samples' distance from the data "
        f"swung {turns} times between {low:.2f} and {high:.2f}.",
        "Lower both learning rates, use Adam without momentum (betas 0 and 0.9), or a longer average.",
        (*lower_rates(setup), *(("training.ema_decay=0.999",) if setup.ema_decay < 0.999 else ())),
        history.step,
        "Mescheder et al. 2018, section 2",
    )


def _turns(column: Column, least: float) -> int:
    """How often a column turns round after having gone `least` or more in one direction."""
    turns, direction, extreme = 0, 0, column[0]
    for value in column[1:]:
        if (direction >= 0 and value > extreme) or (direction <= 0 and value < extreme):
            if direction == 0 and abs(value - column[0]) >= least:
                direction = 1 if value > column[0] else -1
            extreme = value if direction else extreme
        elif direction and abs(value - extreme) >= least:
            turns, direction, extreme = turns + 1, -direction, value
    return turns


def past_its_best(setup: Setup, history: History) -> Finding | None:
    """Samples that were better before."""
    energy = smoothed(history.column("energy_distance"))
    if len(energy) < 2 * RECENT:
        return None
    best = int(np.argmin(energy))
    now = energy[-1]
    if not now > 2 * max(energy[best], 0.0) + 5 * NOISE:
        return None
    return Finding(
        "past-its-best",
        WARNING,
        f"Samples were nearest to the data about step {int(history.steps[best + RECENT // 2]):,} (energy distance "
        f"{energy[best]:.3f}); now it is {now:.3f}.",
        "Keep the best generator and not only the newest, and let the learning rates fall.",
        (
            f"output.best_by={'frechet' if setup.pictures else 'w1'}",
            f"schedule.steps={setup.steps}",
            "schedule.learning_rate=0",
        ),
        int(history.steps[best + RECENT // 2]),
        "Székely & Rizzo 2013; Lucic et al. 2018, section 6",
    )
