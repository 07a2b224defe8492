"""What the operating system gives and refuses: files, locks, limits, processes, signals. Nothing here loads torch."""
