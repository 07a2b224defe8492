"""How many samples are compared where nobody says, and how few are too few."""

from collections.abc import Iterable

from wgan.data import Pack
from wgan.errors import InputError
from wgan.metrics import METRICS, MIXTURE_SAMPLES, STACKED_SAMPLES, DataInfo

SAMPLES = 2500
"""Fakes and reals, where nobody says how many and the data have as many."""


def usual_count(info: DataInfo) -> int:
    """The protocol's number where the data have a protocol."""
    if info.stacked:
        return STACKED_SAMPLES
    return MIXTURE_SAMPLES if info.mixture is not None else SAMPLES


def too_few(metrics: Iterable[str], count: int) -> str:
    """Those of the metrics that are not defined for so few samples, with what they need; empty if there are none."""
    return ", ".join(f"{name} (needs {METRICS[name].fewest})" for name in metrics if METRICS[name].fewest > count)


def refuse_too_few(metrics: Iterable[str], pack: Pack, holdout: float, n: int | None = None) -> None:
    """Tell apart data and counts that these metrics can work with from those they cannot; n None is all there are.

    Raises:
        InputError: nothing is held out, fewer than two samples are asked for, or a metric needs more than there are.
    """
    train, held_out = map(len, pack.split(holdout))
    if n is not None and n < 2:
        raise InputError(f"Samples of a distribution are compared: {n} is too few. Ask for more: -n 1000.")
    if held_out < 2:
        raise InputError(f"Nothing of {pack.contents.name} is held out to compare with. Set data.holdout to 0.1.")
    count = min(train, held_out, *([] if n is None else [n]))
    if wanting := too_few(metrics, count):
        fakes = "" if n is None else f"{n:,} fakes, "
        raise InputError(
            f"Too few samples for {wanting}: there are {fakes}{held_out:,} held-out and {train:,} training reals. "
            "Ask for more fakes (-n), hold out more of the data (data.holdout), or leave these metrics out."
        )
