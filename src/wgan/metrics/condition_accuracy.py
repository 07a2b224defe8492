"""Whether fakes are what they were asked to be, as a reader of the condition sees them."""

from dataclasses import dataclass

from wgan.metrics.asked_summaries import Answers
from wgan.metrics.metric import Metric


@dataclass(frozen=True)
class ConditionAccuracy(Metric[Answers]):
    """The share of fakes in which what they were asked for is read, each class counting the same.

    Shmelkov et al. 2018 call the plain share GAN-test. Of labels: the mean of the shares read among fakes that were
    asked for with the label, and without it; the mean over labels, and over the parts of the condition. So a generator
    that does not listen has 1/K of K classes and 1/2 of labels, however rare some of them are.
    """

    extractor: str = "names"
    summary = Answers
    better = "higher"
    bounds = (0.0, 1.0)
    fitted = True

    def compare(self, real: Answers, fake: Answers) -> float:
        return float(fake.right.mean())
