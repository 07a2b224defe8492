"""Numbers as a long run writes them, put into a short one: what a report shows of them does not need the training."""

import json
import math

import numpy as np

from wgan.diagnosis import Diagnosis, Finding, Severity, Verdict

LAYERS = {
    "generator": ["0.weight", "3.weight", "6.weight", "9.weight"],
    "critic": ["0.weight", "0.bias", "2.weight", "4.weight", "4.bias"],
}

BROKEN = Diagnosis(
    Verdict.unstable,
    "The distance swings by more than its mean.",
    (
        Finding(
            "critic-mixes-samples",
            Severity.error,
            "A score changes by 0.31 with the other samples of its batch.",
            "Use a norm that leaves each score a function of one sample.",
            ("networks.critic_norm=layer", 'ignore=["<b>"]'),
            None,
            "Gulrajani et al. 2017, section 4",
        ),
        Finding(
            "critic-overfits",
            Severity.warning,
            "At step 900 the distance is 3.1 on training samples and 1.2 on held-out ones.",
            "Take more data, or a smaller critic.",
            ("networks.critic_width=32",),
            900,
        ),
        Finding("saturated", Severity.note, "8 % of values are beyond 0.99; of the data 2 %.", "Watch it."),
    ),
    1000,
)


def write_signals(run, steps=1000, every=10):
    """Replace the run's metrics with `steps` of every signal there is, and give it evaluations."""
    random = np.random.default_rng(0)
    with run.metrics_file.open("w", encoding="utf-8") as file:
        for step in range(every, steps + 1, every):
            file.write(json.dumps(_row(step, steps, random)) + "\n")
    with (run.path / "evaluations.jsonl").open("w", encoding="utf-8") as file:
        for step in (250, 500, 1000):
            file.write(json.dumps({"step": step, "n": 500, "metrics": _metrics(step)}) + "\n")


def _row(step, steps, random):
    done, wobble = step / steps, lambda size: float(size * random.standard_normal())
    distance = 4 * math.exp(-3 * done) + wobble(0.05)
    return {
        "step": step,
        "images_seen": 64 * step,
        "epoch": round(step / 25, 3),
        "seconds": step / 20,
        "critic_loss": -distance + 0.1,
        "generator_loss": 3 * math.sin(5 * done) + wobble(0.1),
        "distance": distance,
        "penalty": 0.02 + wobble(0.002),
        "gradient_norm": 1 + wobble(0.03),
        "train_distance": distance + done,
        "held_out_distance": distance - done,
        "accuracy": 0.9 + wobble(0.01),
        "held_out_accuracy": 0.7 + wobble(0.01),
        "diversity": done + wobble(0.02),
        "coverage": 0.8 * done,
        "missed": 0.2 - 0.1 * done,
        "memorised": 0.5 + wobble(0.03),
        "energy_distance": 0.1 * math.exp(-3 * done),
        "score_spread": 0.4 + wobble(0.01),
        "slope": 1 + wobble(0.03),
        "saturated": 0.08,
        "saturated_real": 0.02,
        "at_clip": 0.3 + 0.2 * done,
        "generator_update": 1e-3 * math.exp(-3 * done),
        "critic_update": 3e-4,
        "ema_drift": 0.05,
        "layers": {
            network: {name: 10.0 ** (wobble(0.2) - i * done) for i, name in enumerate(names)}
            for network, names in LAYERS.items()
        },
    }


def _metrics(step):
    return {
        "sliced_wasserstein": {
            "value": 40 / step,
            "floor": 0.02,
            "low": 36 / step,
            "high": 45 / step,
            "better": "lower",
        },
        "coverage": {"value": step / 1100, "floor": 0.96, "low": step / 1200, "high": step / 1000, "better": "higher"},
    }
