"""The turns of a conversation, run one after the other, each ended exactly once."""
