"""Marks on lines: shapes that tell lines apart where colours do not, for one in twelve men and on grey paper."""

from collections.abc import Sequence

from markupsafe import Markup

from wgan.views.plot import STYLES, Point

SHAPES = (
    ("filled", "m-3.2,0a3.2,3.2 0 1 0 6.4,0a3.2,3.2 0 1 0-6.4,0z"),  # circle
    ("filled", "m-2.9,-2.9h5.8v5.8h-5.8z"),  # square
    ("filled", "m0,-3.9l3.7,6.6h-7.4z"),  # triangle
    ("filled", "m0,-4.2l3.5,4.2l-3.5,4.2l-3.5,-4.2z"),  # diamond
    ("stroked", "m-3.8,0h7.6m-3.8,-3.8v7.6"),  # plus
    ("filled", "m0,3.9l3.7,-6.6h-7.4z"),  # triangle, upside down
    ("open", "m-2.9,-2.9h5.8v5.8h-5.8z"),
    ("open", "m0,-3.9l3.7,6.6h-7.4z"),
    ("open", "m-3.2,0a3.2,3.2 0 1 0 6.4,0a3.2,3.2 0 1 0-6.4,0z"),
    ("stroked", "m-3,-3l6,6m0,-6l-6,6"),  # cross
    ("open", "m0,-4.2l3.5,4.2l-3.5,4.2l-3.5,-4.2z"),
    ("stroked", "m-4,0h8m-6.2,-3.4l4.4,6.8m0,-6.8l-4.4,6.8"),  # star
)
"""How each is painted, and its outline from its middle. Those that share a colour differ in both."""


def style(number: int) -> str:
    """The class of the colour of line `number`: with its shape no two of `STYLES * len(SHAPES)` lines are alike."""
    return f"c{(number + number // len(SHAPES)) % STYLES}"


def mark(number: int, places: Sequence[Point]) -> Markup:
    """The marks of line `number`, one shape at all of these places."""
    painted, shape = SHAPES[number % len(SHAPES)]
    outlines = "".join(f"M{x:.1f},{y:.1f}{shape}" for x, y in places)
    return Markup('<path class="mark {} {}" d="{}"/>').format(painted, style(number), outlines)
