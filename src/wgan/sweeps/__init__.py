"""Many runs of one experiment: planned, trained, ranked."""
