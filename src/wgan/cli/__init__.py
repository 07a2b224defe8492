"""The command line. `commands` and `bench` are what there is; `shell` is what all of them share."""

from wgan.cli import bench
from wgan.cli.commands import app, main

__all__ = ["app", "bench", "main"]
