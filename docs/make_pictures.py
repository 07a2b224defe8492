"""Make the README's pictures again, from runs on bundled data: `make docs`. Takes about three minutes on two cores."""

import shutil
import tempfile
from pathlib import Path

import wgan
from wgan.views import curves

PICTURES = Path(__file__).parent / "pictures"
CURVES = ("step", "distance", "critic_loss", "generator_loss", "gradient_norm")
"""What a reader meets first; a run's own curves.png has all that was measured."""


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        digits = wgan.train("digits", recipe="wgan-gp-digits", out=f"{folder}/digits", settings=cadence(250))
        ring = wgan.train("toy:ring8", recipe="wgan-gp-toy", out=f"{folder}/ring8", settings=cadence(100))
        shutil.copy(digits.evolution_file, PICTURES / "digits.gif")
        rows = [{term: row[term] for term in CURVES} for row in digits.metrics()]
        curves(rows).save(PICTURES / "digits-curves.png")
        shutil.copy(ring.evolution_file, PICTURES / "ring8.gif")


def cadence(steps: int) -> dict[str, int]:
    return {"output.sample_every": steps, "output.frame_milliseconds": 150}


if __name__ == "__main__":
    main()
