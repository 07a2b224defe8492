"""Train, watch and use generative adversarial networks of the Wasserstein family.

    import wgan

    run = wgan.train("digits", steps=500, out="runs/first")
    images = run.sample(16, seed=1)   # (16, 1, 8, 8) in [-1, 1]

Names load when they are first used, so `import wgan` costs nothing; what they are is in `__init__.pyi`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
