"""A chat without its widget: questions, events, usage and structured output."""
