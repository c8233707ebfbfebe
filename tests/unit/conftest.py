"""Settings for the unit tests."""

from hypothesis import settings

# A busy machine is no failure: a property is judged by its outcome, not by its time.
settings.register_profile("chatwidget", deadline=None)
settings.load_profile("chatwidget")
