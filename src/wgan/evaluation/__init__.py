"""Evaluation: how far a generator's samples are from data that training never saw, beside the best to be expected.

`evaluate` judges a run or samples; a `Judge` does so again and again while training.
"""

from wgan.evaluation.evaluate import evaluate
from wgan.evaluation.judge import Judge
from wgan.evaluation.result import Evaluation, Result

__all__ = ["Evaluation", "Judge", "Result", "evaluate"]
