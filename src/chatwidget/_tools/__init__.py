"""Functions that a model may call: their definitions, validated arguments, and results.

Except for `approvals` and `chat_tools`, this package is imported only if there are tools, and pydantic with the first
function.
"""
