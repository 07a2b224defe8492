"""Views: numbers and tensors in, pictures out. Nothing here trains, and nothing here reads a run."""

from wgan.views.animation import animate, thinned
from wgan.views.bars import histogram, shades
from wgan.views.chart import Line, chart
from wgan.views.curves import curves
from wgan.views.film import encoder, film
from wgan.views.grid import cloud, grid, opaque, picture, replacing_picture, single
from wgan.views.panels import PANELS, Panel, measured
from wgan.views.scale import duration, short

__all__ = [
    "PANELS",
    "Line",
    "Panel",
    "animate",
    "chart",
    "cloud",
    "curves",
    "duration",
    "encoder",
    "film",
    "grid",
    "histogram",
    "measured",
    "opaque",
    "picture",
    "replacing_picture",
    "shades",
    "short",
    "single",
    "thinned",
]
