"""Process many items in order and with bounded memory, on all processor cores where that is quicker."""

import os
import time
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

LONG = 3.0
"""Seconds of work that are worth worker processes, which take one to start. Threads are worth nothing: small pictures
hold Python's lock most of the time, and two threads took longer than one."""
WORTH = 250
"""The number of items for which one more worker pays off."""
CHUNK_ITEMS = 32
CHUNK_BYTES = 4 << 20
"""A worker gets a chunk at a time: so many items, or so many bytes of them."""


def in_order(
    work: Callable[[list[Payload]], list[Result]],
    items: Iterable[Item],
    payload: Callable[[Item], Payload],
    *,
    expected: int,
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with its result; `work` maps a list of payloads to a list of results.

    If the first items say that those `expected` will take long, `work` goes on in worker processes, which import only
    what it refers to. They stay at most a few chunks ahead of the caller, which joblib's own generators would not.

    Raises:
        TrainingError: A worker process was killed.
    """
    chunks = _chunks(items, payload)
    workers = _workers(expected)
    spent, done, each = 0.0, 0, 0.0
    while workers <= 1 or each * (expected - done) < LONG:
        if (first := next(chunks, None)) is None:
            return
        chunk, payloads = first
        begun = time.perf_counter()
        results = work(payloads)
        spent, done = spent + time.perf_counter() - begun, done + len(chunk)
        each = spent / done
        yield from zip(chunk, results, strict=True)
    yield from _in_processes(work, chunks, workers)


def _workers(expected: int) -> int:
    if expected < 2 * WORTH:
        return 1
    import joblib

    return min(int(joblib.cpu_count()), expected // WORTH)


def _in_processes(
    work: Callable[[list[Payload]], list[Result]], chunks: Iterable[tuple[list[Item], list[Payload]]], workers: int
) -> Iterator[tuple[Item, Result]]:
    # joblib's processes neither fork (unsafe beside torch's threads) nor run the user's script a second time.
    from joblib.externals.loky import get_reusable_executor

    # The arguments include the limits, so workers with other limits are not reused.
    pool = get_reusable_executor(workers, initializer=begin, initargs=(os.getpid(),), env=changed())
    ahead: deque[tuple[list[Item], Future[list[Result]]]] = deque()
    try:
        for chunk, payloads in chunks:
            ahead.append((chunk, pool.submit(work, payloads)))
            if len(ahead) > 2 * workers:
                done, future = ahead.popleft()
                yield from zip(done, future.result(), strict=True)
        while ahead:
            done, future = ahead.popleft()
            yield from zip(done, future.result(), strict=True)
    except BrokenProcessPool as error:
        raise TrainingError(
            "A worker process was killed, most likely for lack of memory. Run the same command again to continue."
        ) from error
    finally:
        for _, future in ahead:
            future.cancel()


def _chunks(items: Iterable[Item], payload: Callable[[Item], Payload]) -> Iterator[tuple[list[Item], list[Payload]]]:
    chunk: list[Item] = []
    payloads: list[Payload] = []
    size = 0
    for item in items:
        chunk.append(item)
        payloads.append(one := payload(item))
        if isinstance(one, Image.Image):
            size += one.width * one.height * len(one.getbands())
        elif isinstance(one, bytes):
            size += len(one)
        elif isinstance(one, np.ndarray):
            size += one.nbytes
        if len(chunk) == CHUNK_ITEMS or size >= CHUNK_BYTES:
            yield chunk, payloads
            chunk, payloads, size = [], [], 0
    if chunk:
        yield chunk, payloads
