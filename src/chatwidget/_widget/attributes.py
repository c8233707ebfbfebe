"""The attributes that may be set on a chat. Any other would take no effect, which Python does not say."""

from __future__ import annotations

import inspect

from .._chat.parameter_names import is_parameter, nearest, way_to_set


def is_declared(owner: object, name: str, base: type) -> bool:
    """Return whether an object has an attribute, or its class declares it.

    Args:
        owner: The object.
        name: The name of the attribute.
        base: The class that the object is of. Subclasses of users declare an attribute by a value, by an annotation,
            or by a method such as `__init__` that uses it.

    """
    kind = type(owner)
    if hasattr(kind, name) or name in vars(owner):
        return True
    return any(_declares(cls, name) for cls in kind.__mro__ if cls not in base.__mro__)


def fault_of(name: str, base: type) -> str:
    """Return what to say of an attribute that a chat does not have.

    Args:
        name: The name of the attribute.
        base: The class of the chat.

    """
    near = name if is_parameter(name) else nearest(name, (other for other in dir(base) if not other.startswith("_")))
    if near == name and not hasattr(base, name) and is_parameter(name):
        return f"{name} is a parameter of the API and not an attribute of a chat: use `chat.params[{name!r}] = ...`"
    if near is not None:
        way = f"chat.{near}" if hasattr(base, near) else way_to_set(near)
        return f"a chat has no attribute {name!r}, so nothing was changed: did you mean `{way}`?"
    return (
        f"a chat has no attribute {name!r}, so nothing was changed: parameters of the API are set with "
        f"`chat.params[{name!r}] = ...`, and a subclass can declare attributes of its own"
    )


def _declares(cls: type, name: str) -> bool:
    """Return whether a class annotates an attribute, or one of its functions uses it, as in `self.name = ...`."""
    functions = (inspect.unwrap(value) for value in vars(cls).values() if inspect.isfunction(value))
    return _annotates(cls, name) or any(name in function.__code__.co_names for function in functions)


def _annotates(cls: type, name: str) -> bool:
    try:
        return name in inspect.get_annotations(cls)
    except NameError:
        # Since Python 3.14 annotations are evaluated here, and a type may exist for type checkers only.
        return True
