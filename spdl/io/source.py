# SPDX-License-Identifier: BSD-2-Clause
"""Sources: where encoded bytes come from."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, Union

from spdl._native.arguments import encode
from spdl._native.feed import Feeder, has_read
from spdl._native.handle import Handle, Owned, lend, made_by
from spdl._native.library import NULL, CData, ffi, lib, text
from spdl._native.memory import view_of_source
from spdl._native.operation import Operation

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from typing_extensions import Buffer

    Array = NDArray[Any]
else:
    Array = Buffer = Any


T = TypeVar("T")


class TensorLike(Protocol):
    """A tensor in CPU memory."""

    def numpy(self) -> Any: ...


class FileLike(Protocol):
    """A binary file. One that can `seek` is read from its beginning, others from where they are."""

    def read(self, size: int, /) -> bytes: ...


SourceLike: TypeAlias = Union[str, os.PathLike[str], Buffer, Array, TensorLike, FileLike]  # noqa: UP007 (Any)
"""A path, a URL (a str with "://"), a contiguous 1-D buffer of uint8, read in place, or a binary
file-like object."""
BytesLike: TypeAlias = Union[Buffer, Array, TensorLike]  # noqa: UP007 (Any)
"""A contiguous 1-D buffer of uint8, read in place."""


class Source(Handle):
    """A source that the library can open. Making one does no I/O."""

    __slots__ = ("_feeder", "_filename", "_is_remote")

    _noun = "spdl_source"

    _filename: str | None
    """The path, if it is a local file."""

    _is_remote: bool
    """Whether it is a URL."""

    _feeder: Feeder | None
    """What reads the file, if it is a file-like object."""

    @property
    def is_bounded(self) -> bool:
        """Whether reading it cannot wait for anybody: memory or a regular file."""
        if self._filename is not None:
            return _is_regular(self._filename)
        return not self._is_remote and self._feeder is None

    @property
    def _feeders(self) -> tuple[Feeder, ...]:
        return () if self._feeder is None else (self._feeder,)

    @property
    def _source_name(self) -> str:
        return text(self._get_info().name)

    def _operation(
        self,
        function: str,
        inputs: tuple[Any, ...],
        wrap: Callable[[Owned], T],
        arguments: object,
        is_short: Callable[[], bool] = lambda: False,
    ) -> Operation[T]:
        """One that reads this source: the first input, before `inputs`."""
        return Operation(
            function,
            (self._pointer, *inputs),
            wrap,
            keep=(arguments,),
            subject=self,
            feeders=self._feeders,
            is_short=is_short,
        )


def open_source(src: SourceLike, name: str | None = None) -> Source:
    """Make a source of whatever the public functions take.

    Raises
    ------
    TypeError
        If `src` is neither a path, nor a buffer, nor a binary file.
    ValueError
        If the buffer is not uint8, 1-D and contiguous, or a path holds a null character.
    """
    if isinstance(src, io.BytesIO):
        src = src.getvalue()  # Without a copy.
    elif has_read(src) and not _is_buffer(src):
        return _feed(src, name)
    called = _called(name)
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
    source = _made_by(make, given, called)
    source._filename = filename
    source._is_remote = make is lib.spdl_source_from_url
    return source


def _feed(file: Any, name: str | None) -> Source:
    """A source that a file-like object feeds."""
    if isinstance(file, io.TextIOBase):
        raise TypeError("The file must be opened in binary mode, not as text.")
    if name is None:
        own = getattr(file, "name", None)
        name = own if isinstance(own, str) and own else f"<{type(file).__name__}>"
    feeder = Feeder(file, name)
    source = _made_by(lib.spdl_source_from_feed, feeder.size, _called(name))
    assert source._owned is not None
    feeder.serve(source._owned)
    source._feeder = feeder
    return source


def _made_by(make: Callable[..., int], given: CData | bytes | int, called: CData) -> Source:
    source = Source._wrap(made_by(make, "spdl_source", given, called))
    source._filename, source._is_remote, source._feeder = None, False, None
    return source


def _called(name: str | None) -> CData:
    return NULL if name is None else ffi.new("char[]", encode(name, "`name`"))


def _is_buffer(thing: object) -> bool:
    try:
        memoryview(thing)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


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
