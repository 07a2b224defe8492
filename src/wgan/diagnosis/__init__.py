"""Diagnosis: signals measured during training, and rules that turn them into findings and a verdict."""

from wgan.diagnosis.asked import NARROWEST
from wgan.diagnosis.comparison import Comparer
from wgan.diagnosis.finding import Diagnosis, Finding, Severity, Verdict
from wgan.diagnosis.history import MINUTES, Log
from wgan.diagnosis.progress import ALIKE, ROUGH
from wgan.diagnosis.rules import REFUSED, Refusal
from wgan.diagnosis.setup import PlayerSettings, Setup
from wgan.diagnosis.signals import AT_BOUND, Networks, Probe, Updates, layer_gradients, thumbnails
from wgan.diagnosis.trials import Tryout, try_out
from wgan.diagnosis.verdict import before_training, examine
from wgan.diagnosis.wiring import Leak, Wiring
from wgan.diagnosis.words import player_word, severity_word, verdict_word
