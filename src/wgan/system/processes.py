"""Processes: who this one is, and whether one that is named still runs."""

import os
import signal
import sys
import threading
import time
from pathlib import Path


def alive(process: int) -> bool:
    """Whether a process of this number runs on this machine; also one of another user."""
    if sys.platform == "win32":  # there, os.kill would end it
        return _alive_on_windows(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def begun(process: int) -> str | None:
    """When it began, as the system counts: tells a process from a later one of the same number. None where unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        # The name of the program, in brackets, may hold anything; the 22nd field is the 20th after it.
        return f"{boot} {Path(f'/proc/{process}/stat').read_text().rpartition(')')[2].split()[19]}"
    except (OSError, IndexError):
        return None


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
