"""Whether a process runs, and worker processes that end with their parent."""

import os
import signal
import sys
import threading
import time


def alive(process: int) -> bool:
    """Whether a process with this number runs on this machine, under any user."""
    if sys.platform == "win32":  # there, os.kill would end it
        return _alive_on_windows(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _alive_on_windows(process: int) -> bool:
    import ctypes

    query, still_active = 0x1000, 259
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    if not (handle := kernel.OpenProcess(query, False, process)):
        return False
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == still_active


def begin(parent: int) -> None:
    """Set up a worker process of the process `parent`: ignore Ctrl-C, and end when the parent ends.

    One that leads a group of processes ends them all.
    """

    def end_with_parent() -> None:
        while alive(parent) if sys.platform == "win32" else os.getppid() == parent:  # there, a launcher lies between
            time.sleep(1)
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)  # otherwise a worker whose parent was killed would wait for it forever

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
