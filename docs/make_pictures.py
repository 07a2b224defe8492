"""Make the README's pictures again, from runs on bundled data: `make docs`. Takes about three minutes on two cores."""

import shutil
import tempfile
from pathlib import Path

import wgan

PICTURES = Path(__file__).parent / "pictures"


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        digits = wgan.train("digits", recipe="wgan-gp-digits", out=f"{folder}/digits", settings=cadence(250))
        ring = wgan.train("toy:ring8", recipe="wgan-gp-toy", out=f"{folder}/ring8", settings=cadence(100))
        shutil.copy(digits.evolution_file, PICTURES / "digits.gif")
        shutil.copy(digits.curves_file, PICTURES / "digits-curves.png")
        shutil.copy(ring.evolution_file, PICTURES / "ring8.gif")


def cadence(steps: int) -> dict[str, int]:
    return {"output.sample_every": steps, "output.frame_milliseconds": 150}


if __name__ == "__main__":
    main()
