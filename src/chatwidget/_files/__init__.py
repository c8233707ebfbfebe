"""Conversations in files: saving, loading, autosaving and exporting."""
