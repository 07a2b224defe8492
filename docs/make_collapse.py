"""Drawings for docs/results.md of the lab report's runs: `python docs/make_collapse.py OUT`.

OUT is what `benchmarks/anime_collapse.py` left. Pictures are of generated samples only.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib
from PIL import Image

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

PICTURES = Path(__file__).parent / "results"
OURS, D2L, OTHER = "#D55E00", "#0072B2", "#009E73"
"""Of Okabe and Ito's palette: told apart without red and green."""
SIDE, GAP, TILES, EPOCH = 160, 6, 4, 100
Drawings = dict[str, tuple[Iterable[Path], int, str]]
"""By label: files of measures, the epoch at which they begin, a colour."""
READINGS = {
    "thumbnails": "distance of thumbnails",
    "saturated": "share of saturated values",
    "spread": "spread",
    "brightness": "brightness",
    "generator_loss": "generator's loss",
    "critic_loss": "critic's loss",
}


def lines_of(file: Path) -> list[dict[str, Any]]:
    return [line for line in json.loads(file.read_text()) if "failed" not in line]


def curves(drawings: Drawings, readings: tuple[str, ...], name: str) -> None:
    """One panel for each reading, over the report's epochs; runs of one label share a colour."""
    figure, panels = plt.subplots(1, len(readings), figsize=(3.3 * len(readings), 2.9), layout="constrained")
    for panel, reading in zip(panels, readings, strict=True):
        for label, (files, start, colour) in drawings.items():
            for i, file in enumerate(files):
                lines = lines_of(file)
                steps = [start + line["step"] / EPOCH for line in lines]
                panel.plot(steps, [line[reading] for line in lines], color=colour, lw=1.2, label=None if i else label)
        finish(panel, READINGS[reading], log=reading in ("thumbnails", "generator_loss"))
    panels[1].legend(frameon=False, fontsize=8, loc="best")
    figure.savefig(PICTURES / name, dpi=100)
    plt.close(figure)


def finish(panel: Axes, title: str, *, log: bool) -> None:
    panel.set_title(title, fontsize=10)
    panel.set_xlabel("the report's epoch", fontsize=9)
    panel.set_yscale("log" if log else "linear")
    panel.spines[["top", "right"]].set_visible(False)


def strip(rows: Iterable[tuple[Path, tuple[int, ...]]], name: str) -> None:
    """The upper left of the grids of some steps side by side, a row for each run."""
    drawn = [[_tile(run / "samples" / f"{step:09}.png") for step in steps] for run, steps in rows]
    width, height = max(map(len, drawn)) * (SIDE + GAP) - GAP, len(drawn) * (SIDE + GAP) - GAP
    whole = Image.new("RGB", (width, height), "white")
    for y, tiles in enumerate(drawn):
        for x, tile in enumerate(tiles):
            whole.paste(tile, (x * (SIDE + GAP), y * (SIDE + GAP)))
    whole.save(PICTURES / name, quality=85)


def _tile(file: Path) -> Image.Image:
    with Image.open(file) as grid:  # of eight columns and rows
        part = (grid.width * TILES // 8, grid.height * TILES // 8)
        return grid.convert("RGB").crop((0, 0, *part)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def main(out: str) -> None:
    small, large = Path(out) / "32", Path(out) / "64"
    epochs = (300, 1000, 1200, 2000, 3100)
    for place, size in ((small, 32), (large, 64)):
        curves(
            {
                "scales around 1": (sorted(place.glob("weights-ours-?.json")), 0, OURS),
                "scales around 0 (d2l)": (sorted(place.glob("weights-d2l-?.json")), 0, D2L),
            },
            ("thumbnails", "saturated", "spread", "generator_loss"),
            f"collapse-weights-{size}.png",
        )
        strip(((place / f"weights-{kind}-0", epochs) for kind in ("ours", "d2l")), f"collapse-weights-{size}.jpg")
    strip([(small / "weights-d2l-0", (3100, 3800, 4200, 4400, 4600, 5000))], "collapse-late.jpg")
    late = {
        "as published": ([small / "weights-d2l-0.json"], 0, D2L),
        "a quarter of the step from epoch 35": ([small / "lower-0.json"], 35, OTHER),
    }
    curves(late, ("thumbnails", "saturated", "spread", "generator_loss"), "collapse-late.png")
    colours = dict(zip(("0.001", "0.005", "0.01"), (OTHER, D2L, OURS), strict=True))
    for kind in ("ours", "d2l"):
        curves(
            {rate: ([small / f"dcgan-{kind}-{rate}-0.json"], 0, colour) for rate, colour in colours.items()},
            ("thumbnails", "brightness", "spread", "generator_loss"),
            f"dcgan-rates-{kind}.png",
        )
    strip(
        ((small / f"dcgan-{kind}-{rate}-0", (500, 1000, 2000)) for kind in ("ours", "d2l") for rate in colours),
        "dcgan-rates.jpg",
    )
    balance = {"1 generator update": ([small / "weights-d2l-0.json"], 0, D2L)}
    balance |= {"3": ([small / "generator-steps-3-0.json"], 0, OTHER)}
    curves(balance, ("thumbnails", "saturated", "spread", "generator_loss"), "generator-steps.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
