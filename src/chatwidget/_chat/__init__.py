"""One chat without a widget: questions, events, usage, structured output."""
