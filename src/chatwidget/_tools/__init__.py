"""Functions that a model may call: what they look like to it, what it gives them, what they give back.

Loaded only where there are any, but for `approvals`, and pydantic with the first function.
"""
