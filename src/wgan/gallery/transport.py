"""W1 as the cheapest transport, and as the steepest score: one number from both sides."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wgan.gallery.drawing import BLUE, INK, ORANGE, SOFT, Canvas, bare, canvas
from wgan.training import Stream, random_numbers

Array = NDArray[np.float64]
COUNT = 14


class Transport(NamedTuple):
    """Points, the cheapest plan between them, and the scores of the dual problem."""

    real: Array
    fake: Array
    plan: Array
    """(fakes, reals): how much goes from where to where; all of it is 1."""
    potential: Array
    """Of the dual's solution, one number for each real point."""

    @property
    def cost(self) -> float:
        """What the plan costs: the mass that is moved, times how far."""
        return float((self.plan * distances(self.fake, self.real)).sum())

    def score(self, x: Array) -> Array:
        """The best critic, (B,): from its height at each real point, it falls with slope one in all directions."""
        return np.asarray((self.potential - distances(x, self.real)).max(1))

    @property
    def dual(self) -> float:
        """How much higher it scores real points: what a critic measures."""
        return float(self.score(self.real).mean() - self.score(self.fake).mean())


def distances(a: Array, b: Array) -> Array:
    """(A, B)."""
    return np.asarray(np.linalg.norm(a[:, None] - b, axis=2))


def measure(seed: int = 0, count: int = COUNT) -> Transport:
    """A blob and a ring of points, and POT's plan between them with its dual."""
    import ot

    random = random_numbers(seed, Stream.SAMPLE)
    angle = 2 * np.pi * (np.arange(count) + random.random(count) / 2) / count
    real = np.stack([1.7 * np.cos(angle), np.sin(angle)], axis=1) + 0.06 * random.standard_normal((count, 2))
    fake = np.array([-0.3, 0.1]) + 0.4 * random.standard_normal((count, 2))
    mass = np.full(count, 1 / count)
    plan, log = ot.emd(mass, mass, distances(fake, real), log=True)
    return Transport(real, fake, np.asarray(plan), np.asarray(log["v"]))


def steepest(found: Transport, points: Array) -> float:
    """The largest slope of the score between any two of the points."""
    scores, apart = found.score(points), distances(points, points)
    rise = np.abs(scores[:, None] - scores)
    return float((rise[apart > 0] / apart[apart > 0]).max())


def caption(found: Transport) -> str:
    """What the figure shows, with its numbers."""
    return (
        f"The cheapest plan costs {found.cost:.4f}; the best score of slope one tells real from fake by "
        f"{found.dual:.4f}. Its steepest slope between any two points is {steepest(found, plane()):.3f}."
    )


def plane(side: int = 40) -> Array:
    """A grid of points under the drawing."""
    x, y = np.meshgrid(np.linspace(-2.3, 2.3, side), np.linspace(-1.6, 1.6, side))
    return np.stack([x.ravel(), y.ravel()], axis=1)


def draw(found: Transport) -> Canvas:
    """The plan as arrows, and the score as contours across them."""
    drawn, ((left, right),) = canvas(1, 2, height=3.35)
    for axes in (left, right):
        axes.plot(*found.real.T, "o", color=BLUE, label="real", zorder=3)
        axes.plot(*found.fake.T, "X", color=ORANGE, label="fake", zorder=3)
        for i, j in np.argwhere(found.plan > 1e-9):
            ends = {"xy": found.real[j], "xytext": found.fake[i]}
            axes.annotate("", **ends, arrowprops={"arrowstyle": "->", "color": SOFT, "shrinkA": 3, "shrinkB": 3})
    side = 120
    x, y = plane(side).T.reshape(2, side, side)
    score = found.score(plane(side)).reshape(side, side)
    right.contour(x, y, score - score.min(), levels=np.arange(0, 3, 0.2), colors=INK, linewidths=0.7)
    bare(left, f"the cheapest plan costs {found.cost:.4f}")
    bare(right, f"the best score tells them apart by {found.dual:.4f}")
    left.legend(loc="upper right")
    for axes in (left, right):
        axes.set(xlim=(-2.3, 2.3), ylim=(-1.6, 1.6))
    return drawn
