"""The magics `%chat` and `%%chat`."""
