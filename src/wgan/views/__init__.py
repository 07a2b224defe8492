"""Views: numbers and tensors in, pictures out. Nothing here trains, and nothing here reads a run."""

from wgan.views.animation import animate as animate, encoder as encoder, film as film, thinned as thinned
from wgan.views.curves import curves as curves
from wgan.views.grid import (
    cloud as cloud,
    grid as grid,
    opaque as opaque,
    picture as picture,
    replacing_picture as replacing_picture,
    single as single,
)
from wgan.views.panels import PANELS as PANELS, Panel as Panel, measured as measured
from wgan.views.svg.bars import histogram as histogram, shades as shades
from wgan.views.svg.chart import Line as Line, chart as chart
from wgan.views.svg.scale import duration as duration, short as short
