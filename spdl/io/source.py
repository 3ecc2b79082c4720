# SPDX-License-Identifier: BSD-2-Clause
"""Sources: where encoded bytes come from."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, Union

from spdl._native.arguments import encode
from spdl._native.handle import Handle, lend, made_by
from spdl._native.library import NULL, CData, ffi, lib, text
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

    __slots__ = ("_filename", "_is_remote")

    _noun = "spdl_source"

    _filename: str | None
    """The path, if it is a local file."""

    _is_remote: bool
    """Whether it is a URL."""

    @property
    def is_bounded(self) -> bool:
        """Whether reading it cannot wait for anybody: memory or a regular file."""
        if self._filename is not None:
            return _is_regular(self._filename)
        return not self._is_remote

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
    filename = None
    make: Callable[..., int]
    given: CData | bytes | None
    if isinstance(src, str) and "://" in src:
        make, given = lib.spdl_source_from_url, encode(src, "A URL")
    elif isinstance(src, (str, os.PathLike)):
        filename = _text_path(src)
        make, given = lib.spdl_source_from_path, os.fsencode(filename)
    else:
        memory = lend(view_of_source(src))
        make, given = lib.spdl_source_from_memory, memory.pointer
    assert given is not None
    source = Source._wrap(made_by(make, "spdl_source", given, called))
    source._filename = filename
    source._is_remote = make is lib.spdl_source_from_url
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
