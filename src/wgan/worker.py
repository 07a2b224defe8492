"""How a worker process lives: Ctrl-C is its parent's affair, and it ends when its parent does, however that ends."""

import os
import signal
import threading
import time

LOOK_SECONDS = 1.0


def begin(parent: int) -> None:
    """To be called first in a worker process of the process `parent`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    # A worker whose parent was killed would wait for it forever, with its last results in hand.
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)
