"""The scenarios as replies of the test server."""

from __future__ import annotations

import json

from tests.contract.scenarios import ERROR_TEXT, SCENARIOS
from tests.server import ModelServer, Received, Reply, completion, raw

COMMENT = b": still thinking\n\n"


def serve_scenarios(server: ModelServer) -> None:
    """Let `server` answer each request as the scenario that its model names."""
    never = server.gate()

    def answer(request: Received) -> Reply:
        scenario = SCENARIOS[request.json["model"]]
        if scenario.ending == "complete":
            return completion(request, scenario.pieces)
        body = b"".join(_event({"choices": [{"index": 0, "delta": {"content": piece}}]}) for piece in scenario.pieces)
        if scenario.ending == "mute":
            return Reply(mute=True)
        if scenario.ending == "slow":
            whole = completion(request, scenario.pieces)
            parts = [part for piece in whole.parts for part in (COMMENT, COMMENT, piece)]
            return Reply(parts, headers=whole.headers, delay=0.2)
        if scenario.ending == "error":
            return raw(body + _event({"error": {"message": ERROR_TEXT}}))
        if scenario.ending == "cut":
            # A browser throws away what nobody has read when a connection is lost: leave it time to be read.
            return raw(body + b"data: [DONE]", chunk_sizes=[len(body)], delay=0.2, drop_after=len(body) + 5)
        never.release()
        return raw(body + b"data: [DONE]\n\n", chunk_sizes=[len(body)], gate=never)

    server.handler = answer


def _event(value: object) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"
