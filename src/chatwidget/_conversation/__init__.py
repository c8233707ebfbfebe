"""The conversation: a tree of messages and its value types."""
