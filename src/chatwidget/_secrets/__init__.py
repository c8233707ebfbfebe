"""Keys, kept from sight; secrets, kept from models."""
