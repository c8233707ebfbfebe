"""Removal of secrets from errors that leave a transport."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..._errors import TransportError
from ..._secrets.keys import Headers, Secret, redact


@contextmanager
def without_secrets(*secrets: Secret | Headers | None) -> Iterator[None]:
    """Raise the TransportErrors of a block without secrets in their texts.

    Args:
        *secrets: The key and headers that a server may repeat.

    """
    try:
        yield
    except TransportError as error:
        raise redacted(error, *secrets) from None


def redacted(error: TransportError, *secrets: Secret | Headers | None) -> TransportError:
    """Return an error of the same class and cause, without secrets in its text.

    Args:
        error: The error.
        *secrets: The key and headers that a server may repeat.

    """
    clean = type(error)(redact(str(error), *secrets))
    vars(clean).update(vars(error))
    return clean
