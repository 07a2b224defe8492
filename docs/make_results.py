"""Pictures for docs/results.md, from the runs that it names: `python docs/make_results.py RUNS`.

RUNS is the folder that holds them. Pictures are of generated samples only.
"""

import sys
from pathlib import Path

from PIL import Image

import wgan

PICTURES = Path(__file__).parent / "results"
SIDE, GAP = 200, 6
TILES = 4
"""How many of a grid's rows and columns are shown."""


def main(runs: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    for config in sorted(Path(runs).rglob("config.toml")):
        if (config.parent / "checkpoints").is_dir():
            run = wgan.Run(config.parent)
            name = "-".join(run.path.relative_to(runs).parts)
            course(run).save(PICTURES / f"{name}.jpg", quality=88)
            with Image.open(run.curves_file) as curves:
                curves.convert("RGB").quantize(32).save(PICTURES / f"{name}-curves.png", optimize=True)


def course(run: wgan.Run) -> Image.Image:
    """The upper left of four grids side by side, each twice as late in the run as the one before, the last the last."""
    grids = run.samples()
    last = max(grids)
    steps = [min(grids, key=lambda step, wanted=last / 2**halvings: abs(step - wanted)) for halvings in (3, 2, 1, 0)]
    strip = Image.new("RGB", (len(steps) * (SIDE + GAP) - GAP, SIDE), "white")
    output = run.config.output
    for i, step in enumerate(steps):
        with Image.open(grids[step]) as grid:
            part = (grid.width * TILES // output.columns, grid.height * TILES // output.rows)
            shown = grid.convert("RGB").crop((0, 0, *part)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        strip.paste(shown, (i * (SIDE + GAP), 0))
    return strip


if __name__ == "__main__":
    main(*sys.argv[1:])
