"""The command line: one command a file, with its words."""

from wgan.cli.app import app as app, main as main
