"""Optuna's suggestions: a function of the seed and of the trials before."""

import math
import sys

import optuna
import pytest

from wgan.errors import InputError
from wgan.sweeps.axes import Choice, Range
from wgan.sweeps.optuna import Search

AXES = {"rate": Range(1e-5, 1e-1, True, False), "widths": Choice(([8], [8, 8])), "size": Range(4, 64, True, True)}


def badness(settings):
    return (math.log10(settings["rate"]) + 3) ** 2 + len(settings["widths"])


def searched(search, count, trials=()):
    trials = list(trials)
    while len(trials) < count:
        settings = search.suggest(trials)
        trials.append((settings, None if settings["rate"] > 0.05 else badness(settings)))
    return trials


def test_a_search_that_was_interrupted_goes_on_as_it_would_have(tmp_path):
    trials = searched(Search(AXES, 3, "lower", tmp_path / "j"), 24)
    again = searched(Search(AXES, 3, "lower", tmp_path / "j"), 24, trials[:13])
    assert again == trials
    assert searched(Search(AXES, 4, "lower", tmp_path / "j"), 3) != trials[:3]
    for settings, _ in trials:
        assert 1e-5 <= settings["rate"] <= 1e-1
        assert settings["widths"] in ([8], [8, 8])
        assert isinstance(settings["size"], int)
    late = [badness(settings) for settings, _ in trials[12:]]
    assert sum(late) / len(late) < sum(badness(settings) for settings, _ in trials[:10]) / 10, "it learns"


def test_the_journal_has_the_trials_once(tmp_path):
    trials = searched(Search(AXES, 0, "higher", tmp_path / "j"), 4)
    trials[2] = (trials[2][0], None)
    Search(AXES, 0, "higher", tmp_path / "j").keep(trials[:3])
    Search(AXES, 0, "higher", tmp_path / "j").keep(trials)
    backend = optuna.storages.journal.JournalFileBackend(str(tmp_path / "j"))
    study = optuna.load_study(study_name="wgan", storage=optuna.storages.JournalStorage(backend))
    assert [trial.value for trial in study.trials] == [-math.inf if value is None else value for _, value in trials]
    assert [trial.params["rate"] for trial in study.trials] == [settings["rate"] for settings, _ in trials]


def test_without_optuna_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InputError, match=r'pip install "wgan\[optuna\]"'):
        Search(AXES, 0, "lower", tmp_path / "j")
