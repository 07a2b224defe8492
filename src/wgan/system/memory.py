"""How much memory is free, where the system tells."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

NO_LIMIT = 1 << 60
"""The first version of Linux's control groups writes a number like this where there is no limit."""


def free_memory(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Bytes that this process may still take: of the machine, and of the groups it is in (of a container, a job).

    None where nothing tells, as outside Linux.
    """
    return min([*_of_machine(proc), *_of_groups(proc, groups)], default=None)


def _of_machine(proc: Path) -> Iterator[int]:
    with suppress(OSError, ValueError, KeyError):
        facts = _numbers(proc / "meminfo")
        yield 1024 * (facts["MemAvailable:"] + facts.get("SwapFree:", 0))


def _of_groups(proc: Path, groups: Path) -> Iterator[int]:
    lines: list[str] = []
    with suppress(OSError):
        lines = (proc / "self" / "cgroup").read_text().splitlines()
    for line in lines:
        _, controllers, path = f"{line}::".split(":")[:3]
        if "memory" in controllers.split(","):
            root, names, old = groups / "memory", ("memory.limit_in_bytes", "memory.usage_in_bytes"), "total_"
        elif not controllers:
            root, names, old = groups, ("memory.max", "memory.current"), ""
        else:
            continue
        place = root / path.strip("/")
        for folder in (place, *place.parents):  # a group may have less than its own limit left, by those it is in
            with suppress(OSError, ValueError):  # "max" is no number
                limit, used = (int((folder / name).read_text()) for name in names)
                if limit < NO_LIMIT:
                    yield max(0, limit - used + _of_files(folder, old))
            if folder == root:
                break


def _of_files(folder: Path, old: str) -> int:
    """What a group uses to keep the content of files, and gives up where memory is short."""
    with suppress(OSError, ValueError):
        stat = _numbers(folder / "memory.stat")
        return sum(stat.get(f"{old}{kind}_file", 0) for kind in ("active", "inactive"))
    return 0


def _numbers(path: Path) -> dict[str, int]:
    """The numbers in a file of lines of a name and a number."""
    words = (line.split() for line in path.read_text().splitlines())
    return {name: int(number) for name, number, *_ in words}
