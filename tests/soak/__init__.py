"""Many turns with every fault there is; see `__main__`."""
