"""Media in answers besides text: images, sound, files and citations.

Images become Markdown, the format of answers, with their embedded data or their address. Media that cannot be shown
are named.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from .._conversation.messages import Citation
from .._text import data_url_parts
from .lenient import text_or_empty

_SIGNATURES: Final = {"iVBORw0KGgo": "png", "/9j/": "jpeg", "R0lGOD": "gif", "UklGR": "webp"}
"""The first base64 characters of the image formats that browsers show."""
_IMAGE_TYPE: Final = re.compile(r"image/(png|jpeg|gif|webp)\b")
_FILE_TYPE: Final = re.compile(r"(?:input_|output_)?(?:file|document|pdf)(?:_url|_data|_id)?")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+=*")
_LINK: Final = re.compile(r"https?://\S.*", re.IGNORECASE)
_ADDRESS_KEYS: Final = (
    *("image_url", "audio_url", "url", "b64_json", "data", "image", "output_audio", "input_audio", "audio"),
    *("source", "inline_data", "inlineData", "image_base64", "result"),
    *("video_url", "file_url", "document_url", "output_video", "input_video", "video", "file", "document"),
    *("file_data", "fileData", "file_uri", "fileUri", "uri"),
)
_NAME_KEYS: Final = ("filename", "file_name", "name", "title", "displayName", "display_name")
_TYPE_KEYS: Final = ("mime_type", "mimeType", "media_type", "mediaType")
_QUOTED: Final = str.maketrans({char: f"%{ord(char):02X}" for char in " ()<>\"'\\"})
_FILE_KEYS: Final = frozenset({"file_url", "document_url", "file_data", "fileData"})
_NOT_IN_NAME: Final = re.compile(r"[^\w .:+-]")
_LONGEST_NAME: Final = 100
_MOST_CITATIONS: Final = 200
_LONGEST_TITLE: Final = 200


def media_kind(part: Mapping[str, Any]) -> str:
    """Return the kind of media in a content part: `image`, `audio`, `video`, `file`, or "" for other parts.

    Args:
        part: The content part.

    """
    named = text_or_empty(part.get("type"))
    types = [media_type.lower() for level in _levels(part) if (media_type := _first(level, *_TYPE_KEYS))]
    for kind in ("image", "audio", "video"):
        if kind in named or f"{kind}_url" in part or any(media_type.startswith(f"{kind}/") for media_type in types):
            return kind
    is_file = _FILE_TYPE.fullmatch(named) or not _FILE_KEYS.isdisjoint(part)
    return "file" if is_file or (types and named != "text") else ""


def file_in(part: Mapping[str, Any]) -> str:
    """Return a video or another file as Markdown: a link if it has an address, else its name.

    Args:
        part: The content part.

    """
    address, kind = _address_in(part), media_kind(part)
    name = next((file_name for level in _levels(part) if (file_name := _first(level, *_NAME_KEYS))), "")
    label = f"{kind}: {_NOT_IN_NAME.sub('_', name)[:_LONGEST_NAME]}" if name else kind
    shown = f"[{label}]({address.translate(_QUOTED)})" if _LINK.fullmatch(address) else f"*({label})*"
    return f"\n\n{shown}\n\n"


def _levels(part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return a part and the objects in it that may hold its address."""
    keys = (text_or_empty(part.get("type")), *_ADDRESS_KEYS)
    return [part, *(inner for key in keys if isinstance(inner := part.get(key), Mapping))]


def picture_in(part: object) -> str:
    """Return an image as Markdown.

    Args:
        part: The content part, or the address or data of the image.

    """
    return f"\n\n{_picture(_address_in(part))}\n\n"


def sound_in(value: object) -> tuple[bytes, str]:
    """Return the sound in a part and its transcript.

    Args:
        value: The part.

    Returns:
        The encoded sound (empty if there is only an address) and the transcript, or else a link to the address.

    """
    if not isinstance(value, Mapping):
        return b"", ""
    inner = value.get(text_or_empty(value.get("type")))
    inner = inner if isinstance(inner, Mapping) else value
    address, transcript = _address_in(value), text_or_empty(value.get("transcript") or inner.get("transcript"))
    if _LINK.fullmatch(address):
        return b"", transcript or f"[{address.translate(_QUOTED)}](<{address.translate(_QUOTED)}>)"
    _, data = data_url_parts(address) or ("", address)
    return _decoded(data), transcript


def is_sound(part: Mapping[str, Any]) -> bool:
    """Return True if a content part is sound.

    Args:
        part: The content part.

    """
    return media_kind(part) == "audio"


def media_text(part: Mapping[str, Any]) -> str:
    """Return media as text: an image or a file as Markdown, the transcript of sound, "" for other parts.

    Args:
        part: The content part.

    """
    match media_kind(part):
        case "audio":
            return sound_in(part)[1]
        case "image":
            return picture_in(part)
        case "video" | "file":
            return file_in(part)
    return ""


def _address_in(value: object) -> str:
    """Return the address or the data in a part, however deeply nested."""
    if isinstance(value, str):
        return value.strip()
    if not isinstance(value, Mapping):
        return ""
    return next((address for key in _ADDRESS_KEYS if (address := _address_in(value.get(key)))), "")


def _picture(address: str) -> str:
    if _LINK.fullmatch(address):
        return f"![image]({address.translate(_QUOTED)})"
    head, data = data_url_parts(address) or ("", address)
    data = _standard(data)
    kind = next((kind for begins, kind in _SIGNATURES.items() if data.startswith(begins)), None)
    named = _IMAGE_TYPE.match(head)
    kind = kind or (named[1] if named else None)
    return f"![image](data:image/{kind};base64,{data})" if kind and _BASE64.fullmatch(data) else "*(image)*"


def _standard(data: str) -> str:
    """Return base64 in the standard alphabet, in one line."""
    return "".join(data.split()).replace("-", "+").replace("_", "/")


def _decoded(data: str) -> bytes:
    data = _standard(data).rstrip("=")
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


class Pictures:
    """The images of one answer besides its content, each shown once, since some servers repeat them."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def read(self, sources: Iterable[Mapping[str, Any]]) -> str:
        """Return the new images as Markdown.

        Args:
            sources: The deltas or messages to search.

        """
        return "".join(picture_in(image) for source in sources for image in _listed(source) if self._is_new(image))

    def _is_new(self, picture: object) -> bool:
        seen = hash(_address_in(picture))
        is_new = seen not in self._seen
        self._seen.add(seen)
        return is_new


def _listed(source: Mapping[str, Any]) -> list[Any]:
    images = source.get("images")
    return images if isinstance(images, list) else [images] if images else []


class Citations:
    """The sources of one answer, under all the keys that servers use for them.

    A list in a chunk is complete, and the text of the answer may refer to its entries by number. Annotations arrive one
    by one.
    """

    def __init__(self) -> None:
        self._listed: list[Citation] = []
        self._titles: dict[str, str] = {}
        self._annotated: dict[str, Citation] = {}
        self._known: tuple[Citation, ...] = ()

    def read(self, *sources: Mapping[str, Any]) -> tuple[Citation, ...] | None:
        """Read citations and return all of them.

        Args:
            sources: The chunk and the objects in it to search.

        Returns:
            All citations so far; None if they have not changed.

        """
        contexts = [context for source in sources if isinstance(context := source.get("context"), Mapping)]
        for source in (*sources, *contexts):
            if isinstance(annotations := source.get("annotations"), list):
                named = ((citation.url or citation.title, citation) for citation in _citations(annotations))
                self._annotated |= {name: citation for name, citation in named if name}
            citations, results = (list(_citations(source.get(key))) for key in ("citations", "search_results"))
            self._titles |= {result.url: result.title for result in results if result.title}
            self._listed = citations or self._listed or results
        if not (self._listed or self._annotated):
            return None
        listed = [
            Citation(citation.url, citation.title or self._titles.get(citation.url, "")) for citation in self._listed
        ]
        known = {citation.url for citation in listed}
        more = [citation for citation in self._annotated.values() if citation.url not in known]
        cited = (*listed, *more)[:_MOST_CITATIONS]
        if cited == self._known:
            return None
        self._known = cited
        return cited


def _citations(values: object) -> Iterator[Citation]:
    for value in values if isinstance(values, list) else ():
        if isinstance(value, str) and value.strip():
            yield Citation(value.strip())
        elif isinstance(value, Mapping):
            inner = value.get(text_or_empty(value.get("type")))
            entry = inner if isinstance(inner, Mapping) else value
            title = _first(entry, "title", "filename", "filepath", "file_id", "content")
            yield Citation(_first(entry, "url", "uri", "link"), _short(title))
        else:
            # The text may refer to later entries by number.
            yield Citation("")


def _short(title: str) -> str:
    title = title if len(title) <= _LONGEST_TITLE else f"{title[:_LONGEST_TITLE]}…"
    return " ".join(title.split())


def _first(entry: Mapping[str, Any], *keys: str) -> str:
    return next((text for key in keys if (text := text_or_empty(entry.get(key)).strip())), "")
