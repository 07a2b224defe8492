"""Make the pictures of the README and of theory.md again: `make docs`. Takes about five minutes on two cores."""

import shutil
import tempfile
from pathlib import Path

import wgan
from wgan.gallery import FIGURES, show
from wgan.views import curves

PICTURES = Path(__file__).parent / "pictures"
CURVES = ("step", "distance", "critic_loss", "generator_loss", "gradient_norm")
"""What a reader meets first; a run's own curves.png has all that was measured."""


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        digits = wgan.train("digits", recipe="wgan-gp-digits", out=f"{folder}/digits", settings=cadence(125))
        ring = wgan.train("toy:ring8", recipe="wgan-gp-toy", out=f"{folder}/ring8", settings=cadence(100))
        shutil.copy(digits.evolution_file, PICTURES / "digits.gif")
        rows = [{term: row[term] for term in CURVES} for row in digits.metrics()]
        curves(rows).save(PICTURES / "digits-curves.png")
        shutil.copy(ring.evolution_file, PICTURES / "ring8.gif")
    theory()


def theory() -> None:
    """The figures of theory.md, as SVG: the PNGs of some are larger."""
    (PICTURES / "theory").mkdir(exist_ok=True)
    for name, figure in FIGURES.items():
        shown = show(name, figure)
        (PICTURES / "theory" / f"{name}.svg").write_text(shown.svg, encoding="utf-8")
        print(f"{name}: {shown.caption}")


def cadence(steps: int) -> dict[str, int]:
    return {"output.sample_every": steps, "output.frame_milliseconds": 150}


if __name__ == "__main__":
    main()
