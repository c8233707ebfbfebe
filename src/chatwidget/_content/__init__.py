"""What messages are made from: text, values, files, Markdown, the chunks that a function gives."""
