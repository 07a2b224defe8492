"""Views: numbers and tensors in, pictures out. Nothing here trains or reads a run."""

from wgan.views.animation import Animation, animate, encoder, film, thinned
from wgan.views.curves import curves
from wgan.views.data_uris import WIDEST, data_uri, embedded
from wgan.views.fonts import legible
from wgan.views.grid import (
    cell_form,
    contact_sheet,
    grid,
    opaque,
    picture,
    replacing_picture,
    save_sheet,
    sheet,
    single,
    write_contact_sheet,
)
from wgan.views.panels import PANELS, Panel, measured
from wgan.views.plot import Line, mean_line, panel_lines
from wgan.views.points import By, cloud
from wgan.views.scale import duration, in_time, passes, short
from wgan.views.svg import chart, histogram, shades, swatch
from wgan.views.words import form
