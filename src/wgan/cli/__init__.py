"""The command line. `commands` is what there is; `shell` is what all of them share."""

from wgan.cli.commands import app, main

__all__ = ["app", "main"]
