"""What ours is measured against: tutorial-style scripts, their step in plain eager PyTorch, and a compiled JAX step.

All of it is written by us, in the style of what is found on the web, so that both sides do the same work: the same
networks, batches, updates and pictures. The scripts run by themselves; the steps are fed by `../steps.py`.
"""
