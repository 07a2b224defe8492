"""Metrics: how far samples are from the data, one definition per file; the name fixes the definition.

To add one: copy the smallest file here, add a line to the table below, run `make test`; the contract tests pick it up
from the table.
"""
