"""A run from its plan to its last step: plan, build, preflight, choose an engine, train, record."""

from wgan.experiment.train import train
