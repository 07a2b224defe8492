"""A healthy run's set-up and lines, to be made ill one symptom at a time."""

from dataclasses import replace

from wgan.diagnosis import Log, PlayerSettings, Setup, Wiring
from wgan.objectives import WGANGP, axes
from wgan.types.condition import Condition, Part

SETUP = Setup(
    game=axes(WGANGP()),
    generator=PlayerSettings("adam", 1e-3, 0.0),
    critic=PlayerSettings("adam", 1e-3, 0.0),
    batch_size=64,
    critic_steps=2,
    steps=1000,
    train_count=1617,
    kind="picture",
    wiring=Wiring(penalised=True, batch_norm=True, generator_low=-1.0, generator_high=1.0),
)

LINE = {
    "distance": 0.35,
    "penalty": 0.01,
    "gradient_norm": 0.98,
    "train_distance": 0.3,
    "held_out_distance": 0.25,
    "accuracy": 0.65,
    "held_out_accuracy": 0.62,
    "score_spread": 0.4,
    "energy_distance": 0.002,
    "diversity": 0.97,
    "missed": 0.0,
    "coverage": 0.97,
    "memorised": 0.5,
    "outside": 0.0,
    "saturated": 0.37,
    "saturated_real": 0.58,
    "generator_update": 0.01,
    "critic_update": 0.02,
    "ema_drift": 0.09,
    "slope": 1.0,
    "layers": {"generator": {"0.weight": 0.4, "3.weight": 0.5}, "critic": {"1.weight": 1.7, "5.weight": 2.0}},
}
"""What the run on digits writes (docs/log.md)."""


def setup(game=SETUP.game, wiring=None, **facts) -> Setup:
    return replace(SETUP, game=game, wiring=replace(SETUP.wiring, **(wiring or {})), **facts)


def rows(count=40, **signals) -> list[dict]:
    """So many lines, 50 steps apart; a signal is a number, or a function of the line's place."""
    made = []
    for place in range(count):
        row = {"step": 50 * (place + 1), **LINE}
        row |= {name: value(place) if callable(value) else value for name, value in signals.items()}
        made.append(row)
    return made


FLOORS = {"frechet": 8.0, "energy": 0.1, "precision": 0.95, "recall": 0.9, "coverage": 0.96}
NOISE = {"frechet": 0.5, "energy": 0.006, "precision": 0.01, "recall": 0.02, "coverage": 0.01}
NEAR = {"frechet": 9.0, "energy": 0.11, "precision": 0.94, "recall": 0.8, "coverage": 0.95}
FLOORS |= {"asked digit": 0.94, "narrowest digit": 0.82}
NOISE |= {"asked digit": 0.017, "narrowest digit": 0.045}
ANSWERED = NEAR | {"asked digit": 0.9, "narrowest digit": 0.8}
FAR = {"frechet": 200.0, "energy": 0.8, "precision": 0.1, "recall": 0.02, "coverage": 0.1}
"""What the run on digits has in the end, and what it had early; and in the end if it is asked for a digit."""


DIGIT = Condition((Part("digit", "class", tuple("0123456789"), (180,) * 10, 1797),))
HEARD = {"matched": 0.8, "held_out_matched": 0.75, "moved": 0.88, "moved_real": 0.27}
"""What a conditional run writes besides."""


def comparison(step, values, epoch=None, floors=FLOORS, **more) -> dict:
    metrics = {
        name: {
            "value": value,
            "floor": floors[name],
            "noise": NOISE[name],
            "better": "lower" if name in ("frechet", "energy") else "higher",
        }
        for name, value in values.items()
    }
    return {
        "step": step,
        "epoch": step / 12 if epoch is None else epoch,
        "fakes": 256,
        "reals": 180,
        "metrics": metrics,
        **more,
    }


def comparisons(last=2000, values=lambda share: NEAR, count=16) -> list[dict]:
    """So many comparisons up to a step, with the values at each share of the way."""
    return [comparison(last * place // count, values(place / count)) for place in range(count + 1)]


def log(count=40, compared=NEAR, failure=None, **signals) -> Log:
    """The log of a run whose comparisons have these values, or those of a function of the share of the way."""
    values = compared if callable(compared) else lambda share: compared
    lines = rows(count, **signals)
    last = lines[-1]["step"] if lines else 0
    return Log(lines, comparisons(last, values) if compared and lines else [], failure=failure)
