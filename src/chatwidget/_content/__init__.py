"""The content of messages: text, values, files, Markdown, and the chunks of a function's answer."""
