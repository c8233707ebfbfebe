"""The wire formats of the APIs: request bodies, and parsers for the bytes of answers."""
