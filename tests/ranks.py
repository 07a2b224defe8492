"""Several processes on this machine that train together, as torchrun would start them but without its seconds."""

import multiprocessing
import os
import socket
import sys
from contextlib import closing, suppress
from functools import cache
from queue import Empty

import pytest

MODULES = ["torch", "wgan.experiment.train", "ranks"]
SECONDS = 120
"""After so many, a test is failed, not waited for."""


def together(size, work, *arguments, answers=None):
    """What `work(rank, *arguments)` returns in each of so many processes; an exception, where it raised one.

    With fewer `answers` than processes, those that come first are all that is waited for.
    """
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    context = _context()
    queue = context.Queue()
    processes = [context.Process(target=_run, args=(queue, rank, size, port, work, arguments)) for rank in range(size)]
    for process in processes:
        process.start()
    try:
        found = dict(_answer(queue, processes) for _ in range(answers or size))
    finally:
        for process in processes:
            process.kill()
            process.join()
    return [found[rank] for rank in sorted(found)]


def _answer(queue, processes):
    for _ in range(SECONDS):
        with suppress(Empty):
            return queue.get(timeout=1)
        assert any(process.is_alive() for process in processes), "the processes ended without an answer"
    raise AssertionError(f"no answer within {SECONDS} seconds")


@cache
def _context():
    if sys.platform == "win32":
        pytest.skip("there is no fork server")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(MODULES)  # imported once for all tests
    return context


def _run(queue, rank, size, port, work, arguments):
    import torch

    torch.set_num_threads(1)
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    try:
        result = work(rank, *arguments)
    except BaseException as error:
        result = error
    queue.put((rank, result))
    queue.close()
    queue.join_thread()
