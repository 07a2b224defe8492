"""Work on many items in all processor cores: results come in the items' order, and never many at once."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

import numpy as np
from PIL import Image

from wgan.errors import TrainingError
from wgan.system.limits import changed
from wgan.system.processes import begin

Item = TypeVar("Item")
Payload = TypeVar("Payload")
Result = TypeVar("Result")

FEW = 1000
"""Fewer items than this are done before the worker processes have started."""
WORTH = 250
"""Starting a worker pays off for so many items."""
CHUNK_ITEMS = 32
CHUNK_BYTES = 4 << 20
"""A chunk is what a worker gets at a time: so many items, or so many bytes of them."""


def in_order(
    work: Callable[[list[Payload]], list[Result]],
    items: Iterable[Item],
    payload: Callable[[Item], Payload],
    *,
    expected: int,
) -> Iterator[tuple[Item, Result]]:
    """Each item with the result of `work`, which gets a list of payloads and returns as many results.

    With many items `expected`, `work` runs in worker processes, where only what it refers to is imported.

    Raises:
        TrainingError: a worker process was killed.
    """
    chunks = _chunks((item, payload(item)) for item in items)
    if expected < FEW:
        for chunk in chunks:
            yield from _paired(chunk, work([payload for _, payload in chunk]))
        return
    # joblib's processes neither fork (unsafe beside torch's threads) nor run the user's script a second time.
    import joblib
    from joblib.externals.loky import get_reusable_executor

    workers = max(1, min(joblib.cpu_count(), expected // WORTH))
    # Workers with other limits are not used again.
    pool = get_reusable_executor(workers, initializer=begin, initargs=(os.getpid(),), env=changed())
    ahead: deque[tuple[list[tuple[Item, Payload]], Future[list[Result]]]] = deque()
    try:
        for chunk in chunks:
            ahead.append((chunk, pool.submit(work, [payload for _, payload in chunk])))
            if len(ahead) > 2 * workers:
                done, future = ahead.popleft()
                yield from _paired(done, future.result())
        while ahead:
            done, future = ahead.popleft()
            yield from _paired(done, future.result())
    except BrokenProcessPool as error:
        raise TrainingError(
            "A worker process was killed, most likely for want of memory. The same command goes on where it stopped."
        ) from error
    finally:
        for _, future in ahead:
            future.cancel()


def _paired(chunk: list[tuple[Item, Payload]], results: list[Result]) -> Iterator[tuple[Item, Result]]:
    return zip((item for item, _ in chunk), results, strict=True)


def _chunks(items: Iterable[tuple[Item, Payload]]) -> Iterator[list[tuple[Item, Payload]]]:
    chunk: list[tuple[Item, Payload]] = []
    size = 0
    for item, payload in items:
        chunk.append((item, payload))
        size += _bytes_of(payload)
        if len(chunk) == CHUNK_ITEMS or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _bytes_of(payload: object) -> int:
    """How much memory it takes, about."""
    match payload:
        case bytes():
            return len(payload)
        case np.ndarray():
            return payload.nbytes
        case Image.Image():
            return payload.width * payload.height * len(payload.getbands())
    return 0  # a path
