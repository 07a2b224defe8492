"""The command line: one command a file, with its words."""

from wgan.cli.app import app, main
