"""Diagnosis: signals measured while training, and rules that turn them into findings and a verdict."""

from wgan.diagnosis.examination import before_training, examine
from wgan.diagnosis.finding import Diagnosis, Finding, Severity, Verdict
from wgan.diagnosis.rules import REFUSED, Refusal
from wgan.diagnosis.setup import Player, Setup
from wgan.diagnosis.signals import AT_BOUND, Players, Probe, Updates, layer_gradients
from wgan.diagnosis.thumbnails import thumbnails
from wgan.diagnosis.wiring import Bench, Wiring

__all__ = [
    "AT_BOUND",
    "REFUSED",
    "Bench",
    "Diagnosis",
    "Finding",
    "Player",
    "Players",
    "Probe",
    "Refusal",
    "Setup",
    "Severity",
    "Updates",
    "Verdict",
    "Wiring",
    "before_training",
    "examine",
    "layer_gradients",
    "thumbnails",
]
