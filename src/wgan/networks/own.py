"""Generators of a user's own, named on the command line: `module:Generator`."""

from torch import nn

from wgan.errors import InputError, in_short
from wgan.system.own_code import imported, is_own

HOW = (
    "Name the generator of the run as module:Class: a class or a function that is called without arguments, or a "
    "module that is there already (docs/sharing.md)."
)


def own_generator(named: str) -> nn.Module:
    """The generator that a name `module:attribute` says. Importing and calling it runs the user's code.

    Raises:
        InputError: there is no such thing, it cannot be called without arguments, or it makes no module.
    """
    if not is_own(named):
        raise InputError(f"--networks {named} names no class. {HOW}")
    found = imported(named, "generator", HOW)
    if isinstance(found, nn.Module):
        return found
    if not callable(found):
        raise InputError(f"{named} is {type(found).__name__}, and no network. {HOW}")
    try:
        made = found()
    except Exception as error:  # the user's code: whatever it is, its name and its text help most
        raise InputError(f"{named}() raised {type(error).__name__}: {in_short(error)}. {HOW}") from error
    if not isinstance(made, nn.Module):
        raise InputError(f"{named}() made {type(made).__name__}, and no torch module. {HOW}")
    return made
