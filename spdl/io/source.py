# SPDX-License-Identifier: BSD-2-Clause
"""Sources: where encoded bytes come from."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, Union

from spdl._native.arguments import encode
from spdl._native.errors import check, new_error
from spdl._native.handle import Handle, Owned, lend
from spdl._native.library import NULL, ffi, lib, text
from spdl._native.memory import view_of_source

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from typing_extensions import Buffer

    Array = NDArray[Any]
else:
    Array = Buffer = Any


class TensorLike(Protocol):
    """A tensor in CPU memory."""

    def numpy(self) -> Any: ...


SourceLike: TypeAlias = Union[str, os.PathLike[str], Buffer, Array, TensorLike]  # noqa: UP007 (Any)
"""A path, a URL (a str with "://"), or a contiguous 1-D buffer of uint8, read in place."""


class Source(Handle):
    """A source that the library can open. Making one does no I/O."""

    __slots__ = ("_filename", "is_bounded")

    _noun = "spdl_source"

    _filename: str | None
    """The path, if it is a local file."""

    is_bounded: bool
    """Whether reading it cannot wait for anybody: memory or a regular file."""

    @property
    def _source_name(self) -> str:
        return text(self._get_info().name)


def open_source(src: SourceLike, name: str | None = None) -> Source:
    """Make a source of whatever the public functions take.

    Raises
    ------
    TypeError
        If `src` is neither a path nor a buffer.
    ValueError
        If the buffer is not uint8, 1-D and contiguous, or a path holds a null character.
    """
    called = NULL if name is None else ffi.new("char[]", encode(name, "`name`"))
    out, error = ffi.new("spdl_source **"), new_error()
    filename = None
    bounded = False
    if isinstance(src, str) and "://" in src:
        status = lib.spdl_source_from_url(encode(src, "A URL"), called, out, error)
    elif isinstance(src, (str, os.PathLike)):
        filename = _text_path(src)
        bounded = _is_regular(filename)
        status = lib.spdl_source_from_path(os.fsencode(filename), called, out, error)
    else:
        memory = lend(view_of_source(src))
        bounded = True
        assert memory.pointer is not None
        status = lib.spdl_source_from_memory(memory.pointer, called, out, error)
    check(status, error)
    source = Source._wrap(Owned("spdl_source", out[0]))
    source._filename = filename
    source.is_bounded = bounded
    return source


def _text_path(path: str | os.PathLike[str]) -> str:
    given = os.fsdecode(path)
    if "\0" in given:
        raise ValueError(f"A path must not contain a null character: {given!r}")
    return given


def _is_regular(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return True  # Opening it fails at once.
