"""Engines: ways to do the same steps, from plain PyTorch to compiled graphs.

An engine passes a self-test against plain PyTorch before it is used; `build_engine` raises `Unusable` if it fails.
"""
