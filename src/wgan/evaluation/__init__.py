"""Evaluation: how far a generator's samples are from data that training never saw, beside the best to be expected.

`evaluate` judges a run or samples; a `Judge` does so again and again while training.
"""

from wgan.evaluation.evaluate import evaluate
from wgan.evaluation.judge import Judge
from wgan.evaluation.result import Evaluation, Result, evaluation_line
from wgan.evaluation.reviewer import Reviewer, best_step

__all__ = ["Evaluation", "Judge", "Result", "Reviewer", "best_step", "evaluate", "evaluation_line"]
