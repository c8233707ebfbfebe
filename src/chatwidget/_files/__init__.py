"""Conversations in files: saved, loaded, kept, exported."""
