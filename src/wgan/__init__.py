"""Train, watch and use generative adversarial networks of the Wasserstein family.

    import wgan

    run = wgan.train("digits", steps=500, out="runs/first")
    images = run.sample(16, seed=1)   # (16, 1, 8, 8) in [-1, 1]

Names load when they are first used, so `import wgan` costs nothing; what they are is in `__init__.pyi`.
"""

import os

import lazy_loader

if not {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & os.environ.keys():
    # Threads of one operation wait for each other by spinning. As long as OpenMP has them do so, they take the CPU from
    # each other where other programs are busy (docs/adr/0037-how-threads-wait.md). It is read when torch is loaded.
    os.environ["GOMP_SPINCOUNT"] = "10000"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
