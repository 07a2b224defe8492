"""The trackers of a run that other programs show: what they are sent of it, and when."""

import io
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from wgan.config import RunConfig
from wgan.errors import WganError
from wgan.language import using
from wgan.runs.doctor import diagnose
from wgan.runs.run import Run
from wgan.system.validation import dotted
from wgan.trackers import LIBRARIES
from wgan.trackers.follower import AT_THE_END, Follower, Item
from wgan.trackers.sent import Sent
from wgan.trackers.tracker import About, State
from wgan.trackers.values import comparison_values, evaluation_values, line_values

PRIVATE = ("data.source", "start.generator", "start.critic")
"""Settings that may be paths of this machine. They are not sent."""
LONGEST = 100
"""Characters of a name."""
SHOWS_REALS = ("points", "signal")
"""Kinds of samples whose grids show real ones too."""


class Tracking:
    """Has what a run writes sent to its trackers. Its methods return at once, but for `end`, and raise nothing."""

    def __init__(self, run: Run, names: Iterable[str]) -> None:
        self._run, self._names = run, tuple(name for name in names if name in LIBRARIES)
        self._followers: dict[str, Follower] | None = None
        self._state: State = "stopped"

    def __bool__(self) -> bool:
        return bool(self._names)

    def begin(self) -> None:
        """Open what the trackers know, and have sent what the run has already written and they lack."""
        if self._followers is not None or not self._names:
            return
        run = self._run
        sent = Sent(run.trackers_file)
        about = About(_plain(run.path.resolve().name), str(run.path.resolve()), None, sent_settings(run.config))
        self._followers = {name: Follower(name, about, sent) for name in self._names}
        for item in sorted(_written(run), key=lambda item: item.step):
            self._put(item)

    def line(self, row: Mapping[str, Any]) -> None:
        self._put(Item("line", row["step"], line_values(row)))

    def comparison(self, row: Mapping[str, Any]) -> None:
        self._put(Item("comparison", row["step"], comparison_values(row)))

    def evaluation(self, row: Mapping[str, Any]) -> None:
        self._put(Item("evaluation", row["step"], evaluation_values(row)))

    def grid(self, step: int, image: Image.Image | None = None) -> None:
        """The grid of a step: the one that was written, or this one, where that shows real samples."""
        self._put(Item("grid", step, picture=self._run.sample_file(step) if image is None else _png(image)))

    def rewind(self, step: int) -> None:
        for follower in (self._followers or {}).values():
            follower.rewind(step)

    def finished(self) -> None:
        """The run has come to its end."""
        self._state = "finished"

    def failed(self) -> None:
        """An error ends the run."""
        self._state = "failed"

    def end(self) -> None:
        """Send the verdict, and wait for everything to be sent, so long and no longer."""
        followers = [follower for follower in (self._followers or {}).values() if follower.started]
        if not followers:
            return
        state: State = "failed" if self._run.failure() else self._state
        verdict = _verdict(self._run)
        for follower in followers:
            follower.end(verdict, state)
        latest = time.monotonic() + AT_THE_END
        for follower in followers:
            follower.join(max(0.0, latest - time.monotonic()))

    def news(self) -> Iterator[str]:
        """What the user should know, once."""
        for follower in (self._followers or {}).values():
            while follower.news:
                yield follower.news.popleft()

    def _put(self, item: Item) -> None:
        for follower in (self._followers or {}).values():
            follower.put(item)


def sent_settings(config: RunConfig) -> dict[str, Any]:
    """The settings that are sent, by dotted key: numbers, truth values and texts."""
    settings = {key: value for key, value in dotted(config.to_dict()).items() if key not in PRIVATE}
    return {key: value if isinstance(value, int | float | str) else _text(value) for key, value in settings.items()}


def _plain(name: str) -> str:
    """The name with nothing in it that a tracker may refuse."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:LONGEST] or "run"


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _written(run: Run) -> Iterator[Item]:
    """All that a run's files hold."""
    for row in run.metrics():
        yield Item("line", row["step"], line_values(row))
    for row in run.comparisons():
        yield Item("comparison", row["step"], comparison_values(row))
    for row in run.evaluations():
        if row.get("while_training"):
            yield Item("evaluation", row["step"], evaluation_values(row))
    if run.spec.kind not in SHOWS_REALS:
        for step, path in run.samples().items():
            yield Item("grid", step, picture=Path(path))


def _verdict(run: Run) -> dict[str, str]:
    """What a diagnosis says, in English; empty if nothing can be said."""
    with suppress(OSError, WganError), using("en"):
        found = diagnose(run)
        told = [f"{finding.severity.value}: {finding.code}. {finding.evidence}" for finding in found.findings]
        return {"verdict": found.verdict.value, "verdict_summary": found.summary, "findings": "\n".join(told)}
    return {}


def _png(image: Image.Image) -> bytes:
    """The picture's pixels as a PNG file, without anything else that came with it."""
    content = io.BytesIO()
    Image.fromarray(np.asarray(image.convert("RGB"))).save(content, "png")
    return content.getvalue()
