"""A conversation with the process in which a tracker's library works."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

CODE = "import sys; sys.path[:] = sys.argv.pop().split('\\n'); from wgan.trackers.process import main; main()"


SETTINGS = {
    "wandb": {"WANDB_ERROR_REPORTING": "false"},
    "mlflow": {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # a follower tries again by itself
        "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    },
    "trackio": {"HF_HUB_OFFLINE": "1"},  # otherwise a new run asks the hub for the user's name
}
"""Variables of the libraries, where the user has not set them: what they tell their makers, and how long they try."""
ONLINE = ("TRACKIO_SPACE_ID", "TRACKIO_SERVER_URL")
"""With one of these, Trackio needs the hub."""


def environment(name: str) -> dict[str, str]:
    """The variables of a tracker's process."""
    online = name == "trackio" and any(map(os.environ.get, ONLINE))
    return {**({} if online else SETTINGS[name]), **os.environ}


class Failed(Exception):
    """A tracker could not do what it was asked."""

    def __init__(self, what: str, unready: bool = False) -> None:
        super().__init__(what)
        self.unready = unready
        """Whether the message says what to do."""


class Conversation:
    """Asks one question at a time. The process ignores Ctrl-C, and ends by itself when this one does."""

    def __init__(self, name: str) -> None:
        path = "\n".join(place for place in sys.path if place)  # never the current folder
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", CODE, name, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env=environment(name),
            start_new_session=True,
        )

    def ask(self, **question: Any) -> dict[str, str]:
        """The answer. Waits as long as it takes, or until `kill`.

        Raises:
            Failed: the tracker could not do it, or its process has ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except (OSError, ValueError):
            line = ""
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError as error:  # nothing, or the part of a line that was written before
            raise Failed("its process has ended") from error
        if "error" in answer:
            raise Failed(answer["error"], answer["unready"])
        return answer

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        """End it at once; a question that waits raises `Failed`."""
        self._process.kill()

    def close(self, seconds: float) -> None:
        """Wait for its end so long, then end it."""
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def asked_once(name: str, seconds: float, **question: Any) -> dict[str, str]:
    """The answer to a single question, which may take so long. Raises what `Conversation.ask` raises."""
    conversation = Conversation(name)
    late = threading.Timer(seconds, conversation.kill)
    late.start()
    try:
        return conversation.ask(**question)
    finally:
        late.cancel()
        conversation.close(seconds=1)
