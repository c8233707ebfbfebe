"""OpenAI chat completions on the wire: request bodies out, the bytes of an answer in.

`ChatDecoder` takes what any server that calls itself compatible sends and gives `Delta`s. Its rules,
each met in the wild: null and "" mean absent; nothing is assumed to be there because it usually is; a
choice is found by its index, not by its place; a key is read under all its names; what cannot be
understood is an error with a readable text, and an answer that was cut is never shown as finished.

Source of the protocol: the OpenAI API reference, "Chat completions / streaming", and the deviations
listed in `tests/cases/protocol.json`.
"""
