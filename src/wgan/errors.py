"""What can go wrong, in the words a user reads. The command line turns each class into its exit code."""

from collections.abc import Iterable
from difflib import get_close_matches


class WganError(Exception):
    """Anything the program refuses or gives up on, told in one paragraph: what, why, what to do."""


class InputError(WganError, ValueError):
    """The input cannot be used (a path, a setting, a picture, a run directory). Exit code 2."""


class TrainingError(WganError, RuntimeError):
    """The run failed on the way (a non-finite loss, a full disk). Exit code 1."""


def in_short(error: BaseException) -> str:
    """The first line of what an error says, cut where it goes on for long; its kind, if it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def unknown(what: str, name: str, known: Iterable[str]) -> InputError:
    """The error for a name that is in no table, with the nearest ones that are."""
    known = sorted(known)
    last_words = {entry.rpartition(".")[2]: entry for entry in known}  # batch_size finds training.batch_size
    near = [last_words.get(match, match) for match in get_close_matches(name, [*known, *last_words], n=3, cutoff=0.5)]
    hint = f"Did you mean {' or '.join(dict.fromkeys(near))}?" if near else f"There are: {', '.join(known)}."
    return InputError(f"Unknown {what} '{name}'. {hint}")
