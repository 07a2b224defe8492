"""The Fréchet distance within classes: whether the sevens look like sevens."""

from dataclasses import dataclass

from wgan.metrics.frechet import frechet_distance
from wgan.metrics.groups import GroupMetric
from wgan.metrics.summaries import AllRows, Moments


@dataclass(frozen=True)
class ClassFrechet(GroupMetric):
    """The mean over groups of the Fréchet distance between the fakes asked to be in the group and its reals.

    On Inception's features, Miyato and Koyama 2018 call it the intra FID. The distance over all classes together does
    not see that samples are of another class than they were asked to be.
    """

    def within(self, real: AllRows, fake: AllRows) -> float:
        reals, fakes = _moments(real), _moments(fake)
        return frechet_distance(reals.mean, reals.covariance, fakes.mean, fakes.covariance)


def _moments(samples: AllRows) -> Moments:
    def compute() -> Moments:
        moments = Moments(samples.precise.shape[1])
        moments.add(samples.precise)
        return moments

    return samples.cached("moments", compute)
