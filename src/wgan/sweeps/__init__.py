"""Many runs: planned, trained in processes of their own, ranked in one table. `sweep.py` tells the story."""

from wgan.sweeps.axes import given_of, seeds_in
from wgan.sweeps.plan import Sweep
from wgan.sweeps.planned import PlannedSweep, planned_sweep
from wgan.sweeps.slurm import script
from wgan.sweeps.sweep import announce, carry_out, sweep
from wgan.sweeps.table import Table
from wgan.sweeps.words import ending_lines, table_lines
