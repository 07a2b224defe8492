"""Diagnosis: signals measured while training, and rules that turn them into findings and a verdict."""

from wgan.diagnosis.finding import Diagnosis, Finding, Severity, Verdict

__all__ = ["Diagnosis", "Finding", "Severity", "Verdict"]
