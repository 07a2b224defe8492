"""How fast a recipe trains on this machine, with every engine, and where the time goes."""

from wgan.bench.facts import bench_facts
