"""What can go wrong, in the words a user reads. The command line turns each class into an exit code."""

from collections.abc import Iterable
from difflib import get_close_matches


class WganError(Exception):
    """Anything the program refuses or gives up on. The message says what is wrong, why, and what to do."""


class InputError(WganError, ValueError):
    """The input cannot be used: a path, a setting, a picture, a run directory. Exit code 2."""


class TrainingError(WganError, RuntimeError):
    """The run failed: a loss that is not finite, a full disk. Exit code 1."""


def in_short(error: BaseException) -> str:
    """The first line of an error's message, at most 200 characters; its class name if it has no message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


MOST = 64
"""Names that an error lists."""


def unknown(what: str, name: str, known: Iterable[str], *, most: int = MOST) -> InputError:
    """The error for a name that no table has, with the nearest names that one has; else with `most` of all names."""
    known = sorted(known)
    last_words = {entry.rpartition(".")[2]: entry for entry in known}  # batch_size finds training.batch_size
    near = [last_words.get(match, match) for match in get_close_matches(name, [*known, *last_words], n=3, cutoff=0.5)]
    more = f" and {len(known) - most:,} more" if len(known) > most else ""
    there = f"There are: {', '.join(known[:most])}{more}."
    hint = f"Did you mean {' or '.join(dict.fromkeys(near))}?" if near else there
    return InputError(f"Unknown {what} '{name}'. {hint}")
