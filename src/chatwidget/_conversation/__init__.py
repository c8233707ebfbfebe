"""The conversation: a tree of messages, and the values that it is made of."""
