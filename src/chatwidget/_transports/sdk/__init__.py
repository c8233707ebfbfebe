"""Clients that a user brings: of SDKs, and the models of llm."""
