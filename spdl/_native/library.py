# SPDX-License-Identifier: BSD-2-Clause
"""Finding and opening the C library."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._abi import CData, CType, Lib

try:
    from ._abi import SPDL_ABI_VERSION, ffi
    from ._build import LIBRARY, VERSION
    from ._build import __file__ as built
except ModuleNotFoundError as error:
    if error.name not in (f"{__package__}._abi", f"{__package__}._build"):
        raise
    raise ImportError(
        f"{Path(__file__).parents[1]} is the bare source of spdl, without the files that its build "
        "generates: run `pip install .` in its repository, and start Python elsewhere."
    ) from None

__all__ = ["NULL", "CData", "CType", "ffi", "lib", "path", "text", "texts", "version"]

if not TYPE_CHECKING:
    CData = ffi.CData
    CType = ffi.CType

NULL = ffi.NULL


def _places() -> Iterator[str]:
    """Where the library may lie, best first. Only names that are sure to exist, or a soname."""
    chosen = os.environ.get("SPDL_LIBRARY")
    if chosen:
        yield chosen
        return
    packaged = resources.files("spdl") / "lib" / LIBRARY
    if packaged.is_file():
        yield str(packaged)
    beside = Path(built).parent / LIBRARY
    if beside.is_file():
        yield str(beside)
    yield LIBRARY


def _open() -> tuple[Lib, str]:
    # Worker threads and finalizers may run after the interpreter has closed the library: NODELETE.
    flags = ffi.RTLD_NOW | ffi.RTLD_LOCAL | ffi.RTLD_NODELETE
    place = next(_places())
    try:
        opened = ffi.dlopen(place, flags)
        number = opened.spdl_abi_version()
    except Exception as error:  # OSError, or one of cffi
        raise ImportError(f"The library of spdl cannot be opened: {error}", path=place) from None
    if number != SPDL_ABI_VERSION:
        raise ImportError(
            f"{place} has number {number} of the ABI, but this package needs {SPDL_ABI_VERSION}.",
            path=place,
        )
    return opened, place


lib, path = _open()


def version() -> str:
    """The version of spdl."""
    return VERSION


def text(chars: CData) -> str:
    """A string of the library. What is not UTF-8, as parts of a file name may be, is escaped."""
    return ffi.string(chars).decode("utf-8", "backslashreplace")


def texts(entries: CData, count: int) -> dict[str, str]:
    """An array of `spdl_entry` as a dict. Of names that come twice, the first holds."""
    found: dict[str, str] = {}
    listed: Any = entries
    for entry in listed[0:count] if count else ():
        found.setdefault(text(entry.name), text(entry.value))
    return found


def constants(prefix: str) -> dict[str, int]:
    """The constants whose names begin with `prefix`, by the rest of their names."""
    names = [name for name in dir(lib) if name.startswith(prefix)]
    return {name.removeprefix(prefix): ffi.integer_const(name) for name in names}
