"""Views: numbers and tensors in, pictures out. Nothing here trains, and nothing here reads a run."""

from wgan.views.animation import animate, thinned
from wgan.views.curves import curves
from wgan.views.film import encoder, film
from wgan.views.grid import cloud, grid, opaque, picture, replacing_picture

__all__ = ["animate", "cloud", "curves", "encoder", "film", "grid", "opaque", "picture", "replacing_picture", "thinned"]
