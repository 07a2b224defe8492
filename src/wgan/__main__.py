"""`python -m wgan` is the `wgan` command."""

from wgan.cli import main

if __name__ == "__main__":
    main()
