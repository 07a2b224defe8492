"""The theory, drawn: each figure is computed here and now, without data or network. docs/theory.md tells the story.

A figure is a file with three functions. `measure` computes the numbers with our own objectives, networks and metrics;
`draw` draws them; `caption` says in a sentence what they are. To add one, write such a file and a line in the table.
"""

from wgan.gallery import (
    gradients_by_layer,
    loss_and_pictures,
    parallel_lines,
    stability,
    transport,
    two_gaussians,
    value_surfaces,
    weights,
)
from wgan.gallery.figure import Figure, Shown, chosen, show
from wgan.gallery.page import write_page

FIGURES = {
    "parallel-lines": Figure("JS is stuck where W1 is not: two lines that move apart", parallel_lines),
    "two-gaussians": Figure("Where a fake still gets a gradient: two Gaussians", two_gaussians),
    "transport": Figure("W1 from both sides: the cheapest transport, the best score", transport),
    "value-surfaces": Figure("What critics see: clipping against the penalty", value_surfaces),
    "weights": Figure("Where the weights go: clipping against the penalty", weights),
    "gradients-by-layer": Figure("How far a gradient gets through twelve layers", gradients_by_layer),
    "loss-and-pictures": Figure("What is logged, and what the pictures look like", loss_and_pictures),
    "stability": Figure("Twenty settings under three objectives", stability),
}
"""In the order of docs/theory.md."""
