"""The wire format of OpenAI chat completions: request bodies, and a reader of the chunks of answers.

`ChunkReader` accepts the output of any server that calls itself compatible, and yields `Delta`s. Each of its rules
comes from a real server: null and "" mean absent; nothing is assumed to exist because it usually does; a choice is
identified by its index, not by its position; a key is read under all its names; incomprehensible data is an error with
a readable text; and an answer that was cut off is never shown as finished.

Source of the protocol: the OpenAI API reference, "Chat completions / streaming", and the deviations listed in
`tests/cases/protocol.json`.
"""
