"""Which model, where, with which key."""
