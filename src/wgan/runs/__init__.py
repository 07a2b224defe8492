"""The run directory: who may write in it, what lies in it, and how it is read."""

from wgan.runs.run import Run
from wgan.runs.weights_file import WeightsFile, load, opened
