"""Views: numbers and tensors in, pictures out. Nothing here trains, and nothing here reads a run."""

from wgan.views.animation import animate, encoder, film, thinned
from wgan.views.curves import curves
from wgan.views.grid import cloud, grid, opaque, picture, replacing_picture, single
from wgan.views.panels import PANELS, Panel, measured
from wgan.views.svg.bars import histogram, shades
from wgan.views.svg.chart import Line, chart
from wgan.views.svg.scale import duration, short
