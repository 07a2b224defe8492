"""One output of a cell, redrawn in place. IPython's `display` is replaced by a list of what reaches the browser."""

from types import SimpleNamespace

import IPython.display
import pytest
from rich.console import Console

from wgan.views import notebook
from wgan.views.notebook import Notebook, terminal_on
from wgan.views.terminal import Terminal


class Browser:
    """The outputs of a cell, and how often each was drawn."""

    def __init__(self):
        self.outputs, self.drawn = [], []

    def display(self, value, *, raw=False, display_id=None, exclude=None):
        place = len(self.outputs)
        self.outputs.append(value)
        self.drawn.append(1)

        def update(bundle, *, raw):
            self.outputs[place] = bundle
            self.drawn[place] += 1

        return SimpleNamespace(update=update)


@pytest.fixture
def browser(monkeypatch):
    made = Browser()
    monkeypatch.setattr(IPython.display, "display", made.display)
    return made


@pytest.fixture
def clock(monkeypatch):
    made = SimpleNamespace(now=100.0)
    monkeypatch.setattr(notebook, "time", SimpleNamespace(monotonic=lambda: made.now))
    return made


def jupyter(**settings):
    return terminal_on(Console(force_jupyter=True, **settings))


def test_a_console_in_a_notebook_is_one():
    assert type(jupyter()) is Notebook
    assert type(terminal_on(Console(force_jupyter=False))) is Terminal


def test_a_training_is_one_output_drawn_four_times_a_second(browser, clock):
    with jupyter().training(0, 1000, 64, 4.0) as display:
        for step in range(1, 1001):
            clock.now += 0.01
            display.tick(step)
            display.log({"step": step, "distance": 1.5}, "learning")
    assert len(browser.outputs) == 1
    assert 30 <= browser.drawn[0] <= 42  # ten seconds, the first and the last
    shown = browser.outputs[0]
    assert shown["text/plain"].startswith("step 1,000 of 1,000")
    assert "learning  distance 1.5" in shown["text/plain"]
    assert '<progress value="1000" max="1000"' in shown["text/html"]


def test_a_restart_is_drawn_at_once(browser, clock):
    with jupyter().training(500, 1000, 64, 4.0) as display:
        display.restart(200)
        assert browser.outputs[0]["text/plain"].startswith("step 200 of 1,000")


def test_what_is_said_stands_above_the_bar(browser, clock):
    terminal = jupyter()
    terminal.say("note: <b>this</b>")
    with terminal.training(0, 10, 64, 4.0) as display:
        display.tick(10)
        terminal.say("went \x1b[2J back")
    (shown,) = browser.outputs
    said, _, bar = shown["text/plain"].rpartition("\n")
    assert said == "note: <b>this</b>\nwent \\x1b[2J back"
    assert bar.startswith("step 10 of 10")
    assert "&lt;b&gt;this" in shown["text/html"]
    assert shown["text/html"].index("note") < shown["text/html"].index("<progress")


@pytest.mark.parametrize("counted", ["counted", "counted_again"])
def test_counting_gives_way_to_the_bar_that_was_there(browser, clock, counted):
    terminal = jupyter()
    seen = []
    with terminal.training(3, 10, 64, 4.0):
        for item in getattr(terminal, counted)("abc", 3, "features <i>"):
            clock.now += 1
            seen.append((item, browser.outputs[0]["text/plain"]))
        assert browser.outputs[0]["text/plain"].startswith("step 3 of 10")
    assert seen[1:] == [("b", "features <i> 1 of 3"), ("c", "features <i> 2 of 3")]
    assert len(browser.outputs) == 1


def test_counting_that_takes_no_time_shows_no_bar(browser, clock):
    assert [*jupyter().counted("abc", 3, "packing")] == ["a", "b", "c"]
    assert browser.outputs == []


def test_a_quiet_one_shows_nothing(browser, clock):
    terminal = jupyter(quiet=True)
    terminal.say("note")
    terminal.show(["a picture"])
    assert [*terminal.counted("ab", 2, "packing")] == ["a", "b"]
    with terminal.training(0, 10, 64, 4.0) as display:
        clock.now += 1
        display.tick(10)
        display.restart(0)
    assert browser.outputs == []


def test_results_are_shown_in_a_notebook_only(browser):
    jupyter().show(["a picture", "a verdict"])
    assert browser.outputs == ["a picture", "a verdict"]

    def results():
        raise AssertionError("a console needs no picture drawn")
        yield

    Terminal(Console(quiet=True)).show(results())
