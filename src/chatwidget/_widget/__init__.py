"""`ChatWidget` and the Markdown output that stands in for its view."""
