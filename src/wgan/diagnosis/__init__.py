"""Diagnosis: signals measured while training, and rules that turn them into findings and a verdict."""

from wgan.diagnosis.finding import Diagnosis as Diagnosis, Finding as Finding, Severity as Severity, Verdict as Verdict
from wgan.diagnosis.rules import REFUSED as REFUSED, Refusal as Refusal
from wgan.diagnosis.setup import Player as Player, Setup as Setup
from wgan.diagnosis.signals import (
    AT_BOUND as AT_BOUND,
    Players as Players,
    Probe as Probe,
    Updates as Updates,
    layer_gradients as layer_gradients,
)
from wgan.diagnosis.thumbnails import thumbnails as thumbnails
from wgan.diagnosis.verdict import before_training as before_training, examine as examine
from wgan.diagnosis.wiring import Bench as Bench, Wiring as Wiring
