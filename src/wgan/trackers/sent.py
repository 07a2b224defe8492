"""What of a run each tracker has: trackers.json in the run's folder. Anybody may have made it, so it is validated."""

import json
import os
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wgan.errors import WganError
from wgan.system.files import write_text
from wgan.system.limits import read_text
from wgan.trackers import LIBRARIES

ID = re.compile(r"\w[\w.-]{0,254}")
"""What a tracker may know a run by. It becomes a part of file names and addresses."""
MOST = 2**63


@dataclass
class Known:
    """A run as a tracker knows it."""

    id: str | None = None
    sent: dict[str, int] = field(default_factory=dict)
    """The last step of each kind that it has."""


class Sent:
    """What was sent, by tracker. Several threads may note it; the newest is on the disk before a method returns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._known = _read(path)

    def names(self) -> tuple[str, ...]:
        """The trackers that know the run."""
        return tuple(name for name, known in self._known.items() if known.id)

    def of(self, name: str) -> Known:
        with self._lock:
            known = self._known.get(name, Known())
            return Known(known.id, dict(known.sent))

    def opened(self, name: str, identifier: str) -> None:
        """A tracker knows the run by this from now on.

        Raises:
            OSError: it could not be written.
        """
        with self._lock:
            self._known.setdefault(name, Known()).id = identifier
            write_text(self.path, self._text())

    def note(self, name: str, kind: str, step: int) -> None:
        """A tracker has this step. Raises what `opened` raises."""
        with self._lock:
            sent = self._known.setdefault(name, Known()).sent
            sent[kind] = max(step, sent.get(kind, -1))
            self._write()

    def rewind(self, name: str, step: int) -> None:
        """What came after this step will come again, and differ. Raises what `opened` raises."""
        with self._lock:
            known = self._known.setdefault(name, Known())
            known.sent = {kind: min(at, step) for kind, at in known.sent.items()}
            self._write()

    def _write(self) -> None:
        """Whole, but without waiting for the disk: what a power cut undoes is sent twice."""
        temporary = self.path.with_name(f".{self.path.stem}.{os.getpid()}.tmp{self.path.suffix}")
        temporary.write_text(self._text(), encoding="utf-8")
        os.replace(temporary, self.path)

    def _text(self) -> str:
        return json.dumps({name: vars(known) for name, known in self._known.items()})


def _read(path: Path) -> dict[str, Known]:
    try:
        found = json.loads(read_text(path))
    except (OSError, ValueError, RecursionError, WganError):
        return {}
    rows = found.items() if isinstance(found, dict) else ()
    return {name: _known(row) for name, row in rows if name in LIBRARIES and isinstance(row, dict)}


def _known(row: dict[str, Any]) -> Known:
    identifier, sent = row.get("id"), row.get("sent")
    if not isinstance(identifier, str) or not ID.fullmatch(identifier):
        return Known()  # the tracker will have a new run, so everything is sent
    steps = sent.items() if isinstance(sent, dict) else ()
    return Known(identifier, {kind: step for kind, step in steps if type(step) is int and 0 <= step < MOST})
