"""Combinations that Optuna suggests from the values of those before.

What it suggests is a function of the seed and of the trials before: a new sampler is made for each trial, so a sweep
that was interrupted goes on as it would have. The truth is in sweep.toml and in the runs; the journal in the sweep's
folder is written for Optuna's own tools (optuna-dashboard).
"""

import importlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wgan.errors import InputError
from wgan.sweeps.axes import Axis, Choice, typed_value

NAME = "wgan"
"""Of the study in the journal."""


class Search:
    """Suggests settings, and is told what came of them."""

    def __init__(self, axes: Mapping[str, Axis], seed: int, better: str, journal: Path) -> None:
        """Raises an InputError if Optuna is not installed."""
        self.axes, self.seed, self.better, self.journal = axes, seed, better, journal
        try:
            self.optuna: Any = importlib.import_module("optuna")
        except ImportError as error:
            raise InputError('--optuna needs Optuna: pip install "wgan[optuna]".') from error
        self.optuna.logging.set_verbosity(self.optuna.logging.WARNING)

    def suggest(self, trials: Sequence[tuple[Mapping[str, Any], float | None]]) -> dict[str, Any]:
        """Settings for the next trial, after trials with these settings and values. None is a trial that failed."""
        sampler = self.optuna.samplers.TPESampler(seed=(self.seed * 1_000_003 + len(trials)) % 2**32)
        study = self.optuna.create_study(direction=self._direction, sampler=sampler)
        study.add_trials([self._trial(*trial) for trial in trials])
        found = study.ask(self._distributions).params
        return {key: self._value(key, found[key]) for key in self.axes}

    def keep(self, trials: Sequence[tuple[Mapping[str, Any], float | None]]) -> None:
        """Write the trials that the journal lacks."""
        backend = self.optuna.storages.journal.JournalFileBackend(str(self.journal))
        study = self.optuna.create_study(
            study_name=NAME,
            storage=self.optuna.storages.JournalStorage(backend),
            direction=self._direction,
            load_if_exists=True,
        )
        study.add_trials([self._trial(*trial) for trial in trials[len(study.trials) :]])

    @property
    def _direction(self) -> str:
        return "maximize" if self.better == "higher" else "minimize"

    @property
    def _distributions(self) -> dict[str, Any]:
        kinds = self.optuna.distributions
        return {
            key: kinds.CategoricalDistribution([typed_value(value) for value in axis.values])
            if isinstance(axis, Choice)
            else kinds.IntDistribution(int(axis.low), int(axis.high), log=axis.logarithmic)
            if axis.whole
            else kinds.FloatDistribution(axis.low, axis.high, log=axis.logarithmic)
            for key, axis in self.axes.items()
        }

    def _value(self, key: str, found: Any) -> Any:
        axis = self.axes[key]
        if isinstance(axis, Choice):
            return next(value for value in axis.values if typed_value(value) == found)
        return axis.rounded(found)

    def _trial(self, settings: Mapping[str, Any], value: float | None) -> Any:
        worst = -math.inf if self.better == "higher" else math.inf
        params = {
            key: typed_value(settings[key]) if isinstance(axis, Choice) else settings[key]
            for key, axis in self.axes.items()
        }
        return self.optuna.trial.create_trial(
            params=params, distributions=self._distributions, value=worst if value is None else value
        )
