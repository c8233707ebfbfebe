"""`%chat` and `%%chat`."""
