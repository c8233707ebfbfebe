"""`ChatWidget`, and what it shows where no view does."""
