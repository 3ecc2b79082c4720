# SPDX-License-Identifier: BSD-2-Clause
"""C memory for the arguments of one call."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from .library import NULL, CData, ffi

K = TypeVar("K")


class HasPointer(Protocol):
    """A handle."""

    @property
    def _pointer(self) -> CData: ...


def struct(name: str) -> CData:
    """A pointer to a zeroed struct of the library, its `struct_size` set."""
    pointer = ffi.new(f"{name} *")
    pointer.struct_size = ffi.sizeof(name)
    return pointer


def encode(text: str, what: str) -> bytes:
    """Text for a `const char *`. Raises ValueError if C would see only a part of it."""
    if "\0" in text:
        raise ValueError(f"{what} must not contain a null character: {text!r}")
    return text.encode("utf-8", "surrogateescape")


def integer(value: int, what: str, low: int, high: int) -> int:
    """An integer of any type, from `low` to `high`. Raises TypeError or ValueError."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{what} must be an int, not {type(value).__name__}.") from None
    if not low <= number <= high:
        raise ValueError(f"{what} must be from {low} to {high}, not {number}.")
    return number


def check_options(options: Mapping[str, str] | None, what: str) -> None:
    """Raise TypeError or ValueError if these are no options of FFmpeg."""
    if options is None:
        return
    if not isinstance(options, Mapping):
        raise TypeError(f"{what} must be a dict, not {type(options).__name__}")
    for name, value in options.items():
        if not isinstance(name, str) or not isinstance(value, str):
            found = f"{name!r}: {value!r}"
            raise TypeError(f"{what} must be a dict of str to str, without {{{found}}}.")
        for text in (name, value):
            encode(text, what)


class Arguments:
    """Structs, strings and arrays that point to each other, kept until the call has returned."""

    __slots__ = ("_alive",)

    def __init__(self) -> None:
        self._alive: list[object] = []

    def struct(self, name: str) -> CData:
        """As the function of that name; it lives as long as these arguments."""
        return self.keep(struct(name))

    def text(self, text: str | None, what: str) -> CData:
        """A string; NULL for None. `what` names it in errors."""
        return NULL if text is None else self._string(text, what)

    def options(self, options: Mapping[str, str] | None, what: str) -> CData:
        """An array of `spdl_option`; its length is that of `options`. NULL for None."""
        if options is None:
            return NULL
        check_options(options, what)
        pairs = [(self._string(k, what), self._string(v, what)) for k, v in options.items()]
        return self.keep(ffi.new("spdl_option[]", pairs))

    def _string(self, text: str, what: str) -> CData:
        if not isinstance(text, str):
            raise TypeError(f"{what} must be a str, not {type(text).__name__}")
        return self.keep(ffi.new("char[]", encode(text, what)))

    def handles(self, noun: str, handles: Iterable[HasPointer]) -> CData:
        """An array of handles of one kind."""
        pointers = self.keep([handle._pointer for handle in handles])
        return self.keep(ffi.new(f"const {noun} *[]", pointers))

    def keep(self, thing: K) -> K:
        """Let something live as long as these arguments."""
        self._alive.append(thing)
        return thing
