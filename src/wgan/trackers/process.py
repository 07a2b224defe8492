"""The process in which a tracker's library works: reads questions, a line of JSON each, and answers each with one.

The run may be killed: then no more comes, and what was given so far is sent. Whatever the library prints is dropped.
"""

import base64
import json
import os
import sys
import threading
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from wgan.errors import in_short
from wgan.system.pictures import opened as picture
from wgan.trackers.tracker import PATIENCE, About, Tracker, Unready


def opened(name: str) -> type[Tracker]:
    """The class of a tracker. Imports its library."""
    if name == "wandb":
        from wgan.trackers.wandb import WeightsAndBiases

        return WeightsAndBiases
    if name == "mlflow":
        from wgan.trackers.mlflow import Mlflow

        return Mlflow
    from wgan.trackers.trackio import Trackio

    return Trackio


def serve(name: str, questions: Iterable[str], answers: TextIO) -> None:
    """Answer questions until one asks to end, or until no more come."""
    tracker = None
    for line in questions:
        question = json.loads(line)
        try:
            if question["do"] == "open":
                tracker = opened(name)(About(**question["about"]))
                answer: dict[str, object] = {"id": tracker.id, "where": tracker.where}
            else:
                answer = _done(name, tracker, question)
        except Exception as error:  # whatever the library raises, the run goes on
            unready = isinstance(error, Unready)
            answer = {"error": str(error) if unready else in_short(error), "unready": unready}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
        if question["do"] == "end":
            return
    if tracker is not None:  # the run was killed
        tracker.end({}, "stopped")


def _done(name: str, tracker: Tracker | None, question: Mapping[str, Any]) -> dict[str, object]:
    if question["do"] == "check":
        return {"where": opened(name).check(question["folder"])}
    assert tracker is not None
    match question["do"]:
        case "row":
            tracker.row(question["values"], question["step"])
        case "picture":
            with picture(base64.b64decode(question["png"])) as image:
                tracker.picture(image.convert("RGB"), question["step"])
        case "end":
            tracker.end(question["verdict"], question["state"])
    return {}


def main() -> None:
    """Serve the tracker that the command line names."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    warnings.simplefilter("ignore")
    try:
        serve(sys.argv[1], sys.stdin, answers)
    finally:
        # A library may wait at the end of the program for a server that never answers.
        last = threading.Timer(PATIENCE, os._exit, (1,))
        last.daemon = True
        last.start()
