"""The turns of a conversation, one after the other, each ended once."""
