# SPDX-License-Identifier: BSD-2-Clause
"""C memory for the arguments of one call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .library import NULL, CData, ffi


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


class Arguments:
    """Structs, strings and arrays that point to each other, kept until the call has returned."""

    __slots__ = ("_alive",)

    def __init__(self) -> None:
        self._alive: list[object] = []

    def struct(self, name: str) -> CData:
        """As the function of that name; it lives as long as these arguments."""
        return self._keep(struct(name))

    def text(self, text: str | None, what: str) -> CData:
        """A string; NULL for None. `what` names it in errors."""
        if text is None:
            return NULL
        if not isinstance(text, str):
            raise TypeError(f"{what} must be a str, not {type(text).__name__}")
        return self._keep(ffi.new("char[]", encode(text, what)))

    def options(self, options: Mapping[str, str] | None, what: str) -> CData:
        """An array of `spdl_option`; its length is that of `options`."""
        if not options:
            return NULL
        pairs = [(self.text(k, what), self.text(v, what)) for k, v in options.items()]
        return self._keep(ffi.new("spdl_option[]", pairs))

    def handles(self, ctype: str, pointers: Iterable[CData]) -> CData:
        """An array of handles. The handles themselves are the caller's to keep."""
        return self._keep(ffi.new(f"const {ctype} *[]", list(pointers)))

    def _keep(self, cdata: CData) -> CData:
        self._alive.append(cdata)
        return cdata
