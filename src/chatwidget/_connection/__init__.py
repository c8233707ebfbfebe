"""The connection of a chat: a model, its server and the key."""
