"""Requests to a model, and the part of a conversation that fits into them."""
