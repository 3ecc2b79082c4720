# SPDX-License-Identifier: BSD-2-Clause
"""Archives of arrays in NumPy's npz format, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

from spdl._native.arguments import Arguments, integer, struct
from spdl._native.errors import check, new_error
from spdl._native.handle import Handle, Owned, lend
from spdl._native.library import ffi, lib
from spdl._native.memory import view_of_bytes
from spdl._native.operation import Operation
from spdl._native.plan import awaitable, blocking

from .buffer import CPUBuffer, to_numpy
from .npy import parse_npy
from .source import BytesLike

Z = TypeVar("Z", bound="NpzFile")

_SHORT = 1 << 22
"""Bytes that are inflated, or whose checksum is made, in some ten milliseconds."""

_MAGIC = b"\x93NUMPY"


class _Member(NamedTuple):
    position: int
    size: int
    """In bytes, uncompressed."""


def _plan_load_npz(data: BytesLike, *, max_uncompressed_bytes: int = 1 << 30) -> Operation[NpzFile]:
    """Open an archive of arrays. Only its directory is read; arrays are read one by one.

    >>> import io, numpy
    >>> file = io.BytesIO()
    >>> numpy.savez(file, eye=numpy.eye(3), ten=numpy.arange(10))
    >>> npz = spdl.io.load_npz(file.getvalue())
    >>> npz.files, npz["ten"][3:6]
    (['eye', 'ten'], array([3, 4, 5]))

    Parameters
    ----------
    data : bytes, bytearray, memoryview or 1-D array of uint8
        What `numpy.savez` or `numpy.savez_compressed` writes.
    max_uncompressed_bytes : int
        Of all compressed arrays together. What is not compressed is not copied, so it does not
        count.

    Returns
    -------
    NpzFile
        A mapping from names to arrays. It keeps `data` alive.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong.
    CorruptError
        If it is no zip archive, damaged or cut short, or members overlap.
    LimitError
        If the archive says that its arrays are larger than `max_uncompressed_bytes`.
    DeadlineError
    """
    view = view_of_bytes(data, "load_npz")
    arguments = Arguments()
    options = arguments.struct("spdl_zip_options")
    most = integer(max_uncompressed_bytes, "`max_uncompressed_bytes`", 1, 2**63 - 1)
    options.max_uncompressed_bytes = most
    memory = arguments.keep(lend(view, writable=not view.readonly))
    assert memory.pointer is not None
    return Operation(
        "spdl_zip_open",
        (memory.pointer, options),
        NpzFile._wrap,
        keep=(arguments,),
        is_short=lambda: True,  # The directory has some 100 bytes for each array.
    )


class NpzFile(Handle, Mapping[str, Any]):
    """A mapping from names to arrays, as `numpy.load` gives. Made by `load_npz`.

    A name may be given with or without ".npy". Each access reads the array anew, and checks it: one
    that is not compressed is a view of the data, writable if that is, any other has memory of its
    own. A member that is no array gives bytes. Reading releases the GIL.

    Arrays outlive the archive; it need not be closed.
    """

    __slots__ = ("_members", "files")

    _noun = "spdl_zip"
    _members: dict[str, _Member]

    files: list[str]
    """Names of the arrays, without ".npy"."""

    @classmethod
    def _wrap(cls: type[Z], owned: Owned) -> Z:
        self = super()._wrap(owned)
        self._members = self._read_members()
        self.files = [name.removesuffix(".npy") for name in self._members]
        return self

    def _read_members(self) -> dict[str, _Member]:
        members, pointer = {}, self._pointer
        info: Any = struct("spdl_zip_member_info")
        error = new_error()
        for index in range(self._get_info().num_members):
            check(lib.spdl_zip_get_member_info(pointer, index, info, error), error)
            encoding = "utf-8" if info.flags & lib.SPDL_ZIP_UTF8 else "cp437"
            name = ffi.unpack(info.name, info.name_size) if info.name_size else b""
            members[name.decode(encoding, "surrogateescape")] = _Member(index, info.size)
        return members

    def _find(self, key: str) -> _Member:
        member = self._members.get(key) or self._members.get(f"{key}.npy")
        if member is None:
            raise KeyError(f"{key} is not in the archive")
        return member

    def _plan_load(self, key: str) -> Operation[Any]:
        """Read an array.

        >>> import io, numpy
        >>> file = io.BytesIO()
        >>> numpy.savez_compressed(file, eye=numpy.eye(3))
        >>> spdl.io.load_npz(file.getvalue()).load("eye")[1]
        array([0., 1., 0.])

        Raises
        ------
        KeyError
            If there is none of that name.
        CorruptError
            If it is damaged: its checksum or its size is wrong, or it is no array.
        UnsupportedError
            If it is encrypted or compressed by another method than deflate, holds Python objects,
            or is of a structured type.
        LimitError, DeadlineError
        ValueError
            If the archive was closed.
        """
        member = self._find(key)
        is_short = member.size < _SHORT
        return Operation(
            "spdl_zip_read",
            (self._pointer, member.position),
            _array_of,
            keep=(self._owned,),
            is_short=lambda: is_short,
        )

    load = blocking(_plan_load)
    async_load = awaitable(_plan_load)

    def __getitem__(self, key: str) -> Any:
        return self.load(key)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and (key in self._members or f"{key}.npy" in self._members)

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)

    __eq__ = object.__eq__  # Arrays have no equality of their own.
    __hash__ = object.__hash__

    def close(self) -> None:
        """Let go of the data. Arrays stay valid; reading another one raises ValueError."""
        self._close()

    def __enter__(self: Z) -> Z:
        self._pointer  # noqa: B018 (raises if closed)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"NpzFile<files={self.files}>"


def _array_of(owned: Owned) -> Any:
    """The array in the bytes of a member, or the bytes."""
    buffer = CPUBuffer._wrap(owned)
    content = to_numpy(buffer)
    if content[: len(_MAGIC)].tobytes() != _MAGIC:
        return content.tobytes()
    header = parse_npy(buffer._about.data, len(content))
    return header.view(content, header.offset)


load_npz = blocking(_plan_load_npz)
async_load_npz = awaitable(_plan_load_npz)
