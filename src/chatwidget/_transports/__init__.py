"""The ways to a model, each behind one method."""
