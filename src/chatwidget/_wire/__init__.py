"""What each API says: bodies of requests out, the bytes of an answer in."""
