"""Count the writes of a program, and make one of them fail: with a system error, or with a kill."""

import builtins
import errno
import io
import os
import signal
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest import mock

from safetensors import SafetensorError

import wgan.runs.weights

ERRORS = (errno.ENOSPC, errno.EIO, errno.EROFS)
CALLS = ("fsync", "replace", "rename", "mkdir", "unlink", "remove", "rmdir", "truncate", "link")


class Writes:
    """Counts operations that change files below `root`, and calls `fault(number, operation, path)` for each.

    If `fault` returns None, the operation happens. Otherwise half of it happens, and the returned function is called.
    Of the writes to an open file, only the 1st, 2nd, 4th, 8th and so on are counted.
    """

    def __init__(self, root, fault=lambda number, operation, path: None):
        self.root, self.fault = Path(root).resolve(), fault
        self.seen = []
        """(operation, path relative to the root), in order."""

    def happens(self, operation, path, torn=lambda: None):
        """Count an operation, and apply the fault, if any; `torn` does half of the operation."""
        path = Path(os.path.abspath(path))
        if path == self.root or self.root in path.parents:
            self.seen.append((operation, str(path.relative_to(self.root))))
            if act := self.fault(len(self.seen), operation, path):
                torn()
                act()

    @contextmanager
    def counted(self):
        """Count writes in this context."""
        opening, calls = io.open, {name: getattr(os, name) for name in CALLS}
        open_descriptor, save_model = os.open, wgan.runs.weights.save_model

        def open_(file, mode="r", *arguments, **named):
            if isinstance(file, int) or not set(mode) & set("wax+"):
                return opening(file, mode, *arguments, **named)
            self.happens("open", file)
            return Watched(opening(file, mode, *arguments, **named), file, self)

        def os_open(path, flags, *arguments, **named):
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self.happens("open", path)
            return open_descriptor(path, flags, *arguments, **named)

        def call(name, path, *arguments, **named):
            where = os.readlink(f"/proc/self/fd/{path}") if isinstance(path, int) else path
            self.happens(name, where)
            return calls[name](path, *arguments, **named)

        def save(network, path, metadata=None):
            """The compiled code of safetensors writes the file and raises its own error."""
            try:
                self.happens("write", path, partial(Path(path).write_bytes, b"half"))
            except OSError as error:
                raise SafetensorError(f"I/O error: {error.strerror} (os error {error.errno})") from error
            save_model(network, path, metadata)

        patches = [
            mock.patch.object(builtins, "open", open_),
            mock.patch.object(io, "open", open_),
            mock.patch.object(os, "open", os_open),
            mock.patch.object(wgan.runs.weights, "save_model", save),
            *(mock.patch.object(os, name, partial(call, name)) for name in CALLS),
        ]
        for patch in patches:
            patch.start()
        try:
            yield self
        finally:
            for patch in patches:
                patch.stop()


class Watched:
    """A file whose writes are counted."""

    def __init__(self, file, path, writes):
        self._file, self._path, self._writes = file, path, writes
        self._changed, self._writes_done = False, 0

    def __getattr__(self, name):
        return getattr(self._file, name)

    @property
    def __class__(self):
        """The type that isinstance sees."""
        return type(self._file)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __iter__(self):
        return iter(self._file)

    def write(self, content):
        self._writes_done += 1
        if self._writes_done.bit_count() == 1:
            self._writes.happens("write", self._path, partial(self._half, content))
        self._changed = True
        return self._file.write(content)

    def _half(self, content):
        self._file.write(content[: len(content) // 2])
        self._file.flush()

    def flush(self):
        if self._changed:
            self._writes.happens("flush", self._path)
        self._file.flush()

    def truncate(self, *arguments):
        self._writes.happens("truncate", self._path)
        return self._file.truncate(*arguments)

    def close(self):
        if self._changed and not self._file.closed and not isinstance(self._file, io.FileIO):
            try:
                self._writes.happens("close", self._path)
            finally:
                self._file.close()
        self._file.close()


def failing(at, *, lasting=False):
    """A fault: operation `at` fails as on a full, failing or read-only disk; if `lasting`, so do all later ones."""
    number = ERRORS[at % len(ERRORS)]

    def fail():
        raise OSError(number, os.strerror(number))

    def fault(count, operation, path):
        return fail if count == at or (lasting and count > at and operation not in ("unlink", "remove")) else None

    return fault


def killing(at):
    """A fault: the process is killed at operation `at`."""
    return lambda count, operation, path: partial(os.kill, os.getpid(), signal.SIGKILL) if count == at else None


def until_killed(work):
    """Call `work` in a forked process; return the signal that killed it, or None if it finished."""
    process = os.fork()
    if process == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status))
    if code := os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"The forked process failed with {code}.")
    return None
