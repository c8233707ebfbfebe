"""API keys hidden from sight, and secrets hidden from models."""
