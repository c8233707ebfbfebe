"""Answers of the Responses API, made and read."""

import json
import random

from chatwidget._conversation.messages import Status
from chatwidget._conversation.tree import Conversation
from chatwidget._errors import StreamInterruptedError, TransportError
from chatwidget._wire.decoder import AnswerDecoder
from chatwidget._wire.responses import RESPONSES


def pieces_of(raw, cut):
    """The bytes in pieces: whole, of equal sizes, or at random."""
    if cut != "random":
        size = cut or len(raw)
        return [raw[start : start + size] for start in range(0, len(raw), size)]
    source = random.Random(len(raw))
    cuts = sorted(source.sample(range(1, len(raw)), min(50, len(raw) - 1)))
    return [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]


def replay(raw, cut=None, content_type="text/event-stream"):
    """The reply that an answer with this body becomes."""
    conversation = Conversation()
    reply = conversation.begin()
    decoder = AnswerDecoder(RESPONSES.reader(), content_type)
    status, error = Status.COMPLETE, None
    try:
        for piece in pieces_of(raw, cut):
            for update in decoder.feed(piece):
                conversation.apply(reply, update)
        for update in decoder.close():
            conversation.apply(reply, update)
    except StreamInterruptedError as failure:
        status, error = Status.INTERRUPTED, str(failure)
    except TransportError as failure:
        status, error = Status.ERROR, str(failure)
    return conversation.finish(reply, status, error=error)


def sent_back(reply):
    """The items of the next request that are made of a reply, without the results of its calls."""
    body = RESPONSES.body([{**reply.data, **reply.sent_reasoning}], "m", {})
    return [item for item in body["input"] if not item["type"].endswith("_output")]


def body(*events):
    """A body of these events; text stands as it is."""
    lines = (
        event if isinstance(event, str) else f"event: {event['type']}\ndata: {json.dumps(event)}" for event in events
    )
    return "".join(f"{line}\n\n" for line in lines).encode()


def added(item, index=0):
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def done(item, index=0):
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def piece(text, item="msg_1", index=0, name="output_text", **more):
    return {"type": f"response.{name}.delta", "item_id": item, "output_index": index, "delta": text, **more}


def completed(*output, status="completed", **more):
    return {"type": f"response.{status}", "response": {"status": status, "output": output, **more}}


def message(*texts, **more):
    return {"type": "message", "content": [{"type": "output_text", "text": text} for text in texts], **more}


def function(name="f", arguments="{}", call_id="call_1", **more):
    return {"type": "function_call", "name": name, "arguments": arguments, "call_id": call_id, **more}


def reasoning(secret="secret", *summary):
    parts = [{"type": "summary_text", "text": text} for text in summary]
    return {"type": "reasoning", "id": "rs_1", "summary": parts, "encrypted_content": secret}


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"


def image(result, **more):
    return {"type": "image_generation_call", "id": "ig_1", "result": result, **more}
