"""Transports: the ways to reach a model, all behind one interface."""
