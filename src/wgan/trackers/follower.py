"""A tracker follows a run: what the run writes is sent by a thread, so that training never waits for a library."""

import base64
import math
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from wgan.trackers import LIBRARIES
from wgan.trackers.conversation import Conversation, Failed
from wgan.trackers.sent import ID, Sent
from wgan.trackers.tracker import PATIENCE, About, State

PAUSE, LONGEST_PAUSE = 10.0, 600.0
"""Seconds after which what failed is tried again: the first time, and at most."""
AT_THE_END = 2 * PATIENCE
"""Seconds that a run waits for all of its trackers when it ends."""


class Item(NamedTuple):
    """Something to send: values by name, or a picture in a PNG file or the content of one."""

    kind: str
    step: int
    values: Mapping[str, float] | None = None
    picture: Path | bytes | None = None


class Follower:
    """Sends items in their order, and tries again later what failed. Items that were sent before are left out."""

    def __init__(self, name: str, about: About, sent: Sent) -> None:
        self.name, self._about, self._sent = name, about, sent
        self._taken = sent.of(name).sent
        self._pending: deque[Item] = deque()
        self._end: tuple[dict[str, str], State] | None = None
        self._changed = threading.Condition()
        self._conversation: Conversation | None = None
        self._thread = threading.Thread(target=self._work, name=f"tracker-{name}", daemon=True)
        self._warned, self._given_up, self._where = False, False, ""
        self.news: deque[str] = deque()
        """What the user should know, in the order in which it came about."""

    @property
    def started(self) -> bool:
        return self._thread.ident is not None

    def put(self, item: Item) -> None:
        """Send it soon, unless its step was sent before."""
        with self._changed:
            if item.step <= self._taken.get(item.kind, -1):
                return
            self._taken[item.kind] = item.step
            self._pending.append(item)
            self._changed.notify()
        if not self.started:
            self._thread.start()

    def rewind(self, step: int) -> None:
        """Forget what came after a step: it comes again, and differs."""
        with self._changed:
            self._pending = deque(item for item in self._pending if item.step <= step)
            self._taken = {kind: min(at, step) for kind, at in self._taken.items()}
            with suppress(OSError):  # then it is not sent a second time after a kill
                self._sent.rewind(self.name, step)

    def end(self, verdict: Mapping[str, str], state: State) -> None:
        """Send what is left, and then this. Returns at once; `join` waits for it."""
        with self._changed:
            self._end = dict(verdict), state
            self._changed.notify()

    def join(self, seconds: float) -> None:
        """Wait so long for the end, then give up. Nothing is left running."""
        if not self.started:
            return
        self._thread.join(seconds)
        if self._thread.is_alive():
            if not self._warned:
                self.news.append(f"{self._title}: it does not answer.")
            self._given_up = self._warned = True
            if conversation := self._conversation:
                conversation.kill()
            self._thread.join(PATIENCE)
        if left := len(self._pending):
            were = "entry was" if left == 1 else "entries were"
            self.news.append(f"{self._title}: {left:,} {were} not sent. The same command again sends what is left.")

    @property
    def _title(self) -> str:
        return LIBRARIES[self.name].title

    def _tell(self, what: str) -> None:
        """Warn, once."""
        if not self._warned:
            self.news.append(f"{self._title}: {what}. Training goes on, and it is tried again.")
        self._warned = True

    def _work(self) -> None:
        """The thread."""
        pause = PAUSE
        while (item := self._next()) is not None:
            ending = self._end is not None
            try:
                self._send(item)
                pause = PAUSE
            except (Failed, OSError) as error:
                self._tell(str(error).rstrip("."))
                if ending or self._given_up:
                    break
                with self._changed:
                    self._changed.wait_for(lambda: self._end is not None, timeout=pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        self._finish()

    def _next(self) -> Item | None:
        """What to send now; waits for it. None if nothing is left, and nothing will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._end is not None)
            return self._pending[0] if self._pending else None

    def _send(self, item: Item) -> None:
        conversation = self._open()
        if item.values is not None:
            finite = {name: float(value) for name, value in item.values.items() if math.isfinite(value)}
            if finite:
                conversation.ask(do="row", values=finite, step=item.step)
        elif (png := _content(item.picture)) is not None:
            conversation.ask(do="picture", png=base64.b64encode(png).decode(), step=item.step)
        with self._changed:
            if self._pending and self._pending[0] is item:  # and was not taken back meanwhile
                self._pending.popleft()
                self._sent.note(self.name, item.kind, item.step)

    def _open(self) -> Conversation:
        """The process, with the run opened in it: anew if the last one ended."""
        if self._conversation is not None and not self._conversation.ended:
            return self._conversation
        if self._conversation is not None:
            self._conversation.close(0)
        self._conversation = conversation = Conversation(self.name)
        known = self._sent.of(self.name).id
        try:
            told = conversation.ask(do="open", about=self._about._replace(id=known)._asdict())
        except Failed:
            conversation.close(0)
            raise
        if told["id"] != known and ID.fullmatch(told["id"]):
            self._sent.opened(self.name, told["id"])
        if told["where"] != self._where:
            self._where = told["where"]
            self.news.append(f"{self._title}: {self._where}")
        return conversation

    def _finish(self) -> None:
        conversation, end = self._conversation, self._end
        if conversation is None:
            return
        try:
            if end is not None and not conversation.ended:
                conversation.ask(do="end", verdict=end[0], state=end[1])
        except Failed as error:
            if error.unready:
                self.news.append(f"{self._title}: {error}")
            else:
                self._tell(str(error).rstrip("."))
        conversation.close(PATIENCE if end is not None else 0)


def _content(picture: Path | bytes | None) -> bytes | None:
    """A PNG file's content; None if it is gone, as the last grid of a shorter run is."""
    if isinstance(picture, Path):
        return picture.read_bytes() if picture.is_file() else None
    return picture
