"""What a model is asked, and how much of a conversation fits into it."""
