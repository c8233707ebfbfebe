"""The fields of a message from a view, each checked when it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from .._content.attachments import Attachment
from .._text import clean_text

MAX_TEXT_BYTES: Final = 8 * 1024 * 1024
"""Maximum size of a message. Beyond 10 MiB, the browser's websocket would be closed before the message arrived."""

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Fields:
    """The fields of a message.

    All methods that read a field raise a ValueError if it is missing or invalid. The error does not quote the field.

    Args:
        kind: The type of the message, for errors.
        values: The fields by name.

    """

    def __init__(self, kind: str, values: Mapping[str, Any]) -> None:
        self._kind = kind
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        """Read a text as it is.

        Args:
            name: The name of the field.

        Returns:
            The text, which may contain surrogates.

        """
        value = self._values.get(name)
        if not isinstance(value, str):
            self._refuse(f"{name} must be text")
        if _size(value) > MAX_TEXT_BYTES:
            self._refuse(f"{name} is over {MAX_TEXT_BYTES >> 20} MiB")
        return value

    def clean_text(self, name: str) -> str:
        """Read a text that is to be sent or shown.

        Args:
            name: The name of the field.

        Returns:
            The text, as valid Unicode.

        """
        return clean_text(self.text(name))

    def id(self, name: str = "id") -> str:
        """Read an id.

        Args:
            name: The name of the field.

        Returns:
            The id: up to 64 letters, digits, hyphens and underscores.

        """
        value = self.text(name)
        if not _ID.fullmatch(value):
            self._refuse(f"{name} is malformed")
        return value

    def one_of(self, name: str, known: frozenset[str]) -> str:
        """Read one of several words.

        Args:
            name: The name of the field.
            known: The words.

        Returns:
            The word.

        """
        value = self.text(name)
        if value not in known:
            self._refuse(f"{name} must be one of {', '.join(sorted(known))}")
        return value

    def flag(self, name: str) -> bool:
        """Read true or false.

        Args:
            name: The name of the field.

        Returns:
            The value.

        """
        value = self._values.get(name)
        if not isinstance(value, bool):
            self._refuse(f"{name} must be true or false")
        return value

    def number(self, name: str, least: float) -> float:
        """Read a finite number.

        Args:
            name: The name of the field.
            least: The smallest valid number.

        Returns:
            The number.

        """
        value = self._values.get(name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not least <= value < float("inf"):  # type: ignore[operator]
            self._refuse(f"{name} must be a number of at least {least}")
        return value  # type: ignore[return-value]

    def whole_number(self, name: str, least: int) -> int:
        """Read an integer.

        Args:
            name: The name of the field.
            least: The smallest valid number.

        Returns:
            The number.

        """
        value = self._values.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self._refuse(f"{name} must be a whole number of at least {least}")
        return value

    def is_null(self, name: str) -> bool:
        """Check for JSON's null, which Pyodide represents by an object of its own.

        Args:
            name: The name of the field.

        Returns:
            True if the field is null or missing.

        """
        value = self._values.get(name)
        return value is None or type(value).__name__ == "JsNull"

    def nested(self, name: str) -> Fields:
        """Read an object.

        Args:
            name: The name of the field.

        Returns:
            The fields of the object.

        """
        value = self._values.get(name)
        if not isinstance(value, Mapping):
            self._refuse(f"{name} must be an object")
        return Fields(self._kind, value)

    def attachments(self, text: str) -> tuple[Attachment, ...] | None:
        """Read the attachments of a question.

        Args:
            text: The text of the question. It counts towards the limit.

        Returns:
            The attachments, or None if the message does not mention any.

        """
        if "attachments" not in self:
            return None
        values = self._values["attachments"]
        if not isinstance(values, list) or not all(isinstance(value, Mapping) for value in values):
            self._refuse("attachments must be a list of objects")
        attachments = tuple(_attachment(Fields(self._kind, value)) for value in values)
        if _size(text) + sum(len(attachment.data) for attachment in attachments) > MAX_TEXT_BYTES:
            self._refuse(f"text and attachments are over {MAX_TEXT_BYTES >> 20} MiB")
        return attachments

    def _refuse(self, reason: str) -> NoReturn:
        message = f"{self._kind}: {reason}"
        raise ValueError(message)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _attachment(fields: Fields) -> Attachment:
    return Attachment(fields.clean_text("name"), fields.clean_text("mime"), fields.clean_text("data"))
