"""The models of a server: their list, and what is known of each."""
