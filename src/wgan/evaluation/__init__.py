"""Evaluation: how far a generator's samples are from data that training never saw, beside the best to be expected.

`evaluate` evaluates a run or samples once; an `Evaluator` does so again and again, as while training.
"""

from wgan.evaluation.evaluate import evaluate
from wgan.evaluation.evaluator import Evaluator
from wgan.evaluation.result import Evaluation, Result, evaluation_line
from wgan.evaluation.while_training import TrainingEvaluator, best_step, training_evaluator
