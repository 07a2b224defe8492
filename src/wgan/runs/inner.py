"""What a folder holds that is no run itself: runs, or a sweep."""

from itertools import islice
from pathlib import Path

SHOWN = 5
"""Runs that are named."""


def inner_runs(folder: Path) -> str:
    """A sentence that names the first runs in a folder, and the page of a sweep; empty if it holds none."""
    try:
        inside = sorted(path.name for path in folder.iterdir() if (path / "config.toml").is_file())
    except OSError:
        return ""
    if not inside:
        return ""
    named = ", ".join(str(folder / name) for name in islice(inside, SHOWN))
    more = f" and {len(inside) - SHOWN:,} more" if len(inside) > SHOWN else ""
    told = f"Name one of the runs in it: {named}{more}."
    page = folder / "report.html"
    return (
        f"{told} {page} shows the runs of this sweep." if (folder / "sweep.toml").exists() and page.exists() else told
    )
