"""Bench: how fast a recipe trains on this machine, with every engine, and where the time goes."""

from wgan.bench.facts import bench_facts
from wgan.bench.lines import bench_lines

__all__ = ["bench_facts", "bench_lines"]
