"""Evaluation: how far a generator's samples are from data that training never saw, and how near real samples come.

`evaluate` evaluates a run or samples once; an `Evaluator` serves many generators, as while training.
"""

from wgan.evaluation.evaluate import evaluate
from wgan.evaluation.evaluator import Evaluator
from wgan.evaluation.result import Evaluation, Result, evaluation_line
from wgan.evaluation.while_training import TrainingEvaluator, training_evaluator
from wgan.runs.best import best_step
