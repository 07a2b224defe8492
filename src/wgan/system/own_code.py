"""Code of a user's own, by the name `module:attribute` that the user typed.

Such a name only says where something is. Reading it imports nothing; `imported` does, and is called only for what the
user named in this command, never for what a file of a run says (docs/trust.md).
"""

import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from wgan.errors import InputError, in_short

OWN = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
"""`module:attribute`."""


def is_own(name: str) -> bool:
    """Whether a name says where something of the user's own is."""
    return OWN.fullmatch(name) is not None


def imported(name: str, what: str, how: str) -> Any:
    """What `module:attribute` names. The module is looked for where Python looks, and then in the current folder.

    Errors call it `what` ("metric"); `how` says what to write instead.

    Raises:
        InputError: there is no such module or attribute, or importing fails.
    """
    module, _, attribute = name.partition(":")
    here = str(Path.cwd())
    try:
        with _looking_in(here):
            found = importlib.import_module(module)
    except SystemExit as error:
        raise InputError(
            f"The module {module} of the {what} {name} ends the program when it is imported. If it is a script, put "
            'what it does below `if __name__ == "__main__":`.'
        ) from error
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}."):
            raise InputError(
                f"There is no module {module} for the {what} {name}: neither where Python looks nor in {here}."
            ) from error
        raise InputError(
            f"The module {module} of the {what} {name} cannot be imported: {type(error).__name__}: {in_short(error)}."
        ) from error
    if not hasattr(found, attribute):
        raise InputError(f"The module {module} ({getattr(found, '__file__', 'built in')}) has no {attribute}. {how}")
    return getattr(found, attribute)


@contextmanager
def _looking_in(folder: str) -> Iterator[None]:
    """Have Python look for modules in this folder too: last, so that a file there stands in for nothing installed.

    And only here: a file of a downloaded folder must not become what the program asks for later (docs/trust.md).
    """
    had = folder in sys.path
    sys.path += [] if had else [folder]
    try:
        yield
    finally:
        if not had:
            with suppress(ValueError):  # the module took it away itself
                sys.path.remove(folder)
