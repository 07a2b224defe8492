"""Evaluation: how far a generator's samples are from data that training never saw, beside the best to be expected.

`evaluate` judges a run or samples; a `Judge` does so again and again while training.
"""

from wgan.evaluation.evaluate import evaluate as evaluate
from wgan.evaluation.evaluator import Judge as Judge
from wgan.evaluation.result import Evaluation as Evaluation, Result as Result, evaluation_line as evaluation_line
from wgan.evaluation.while_training import Reviewer as Reviewer, best_step as best_step
