# SPDX-License-Identifier: BSD-2-Clause
"""Model → the files that are derived from the headers."""

from __future__ import annotations

import contextlib
import json
import keyword
import tempfile
from pathlib import Path

import cffi

from .model import Abi, Function, Variable

_MODULE_DOC = '"""Declarations of libspdl for cffi. Generated from the public headers."""\n\n'
_FLOATS = {"float", "double"}

_STUB_HEAD = '''\
"""Types of the generated module. `CData`, `FFI` and `Lib` exist for type checkers only."""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, type_check_only

from typing_extensions import Buffer

SPDL_ABI_VERSION: Final = {version}

@type_check_only
class CData:
    """A C value or pointer. What a pointer points to is known at run time only."""

    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...
    def __getitem__(self, index: Any) -> Any: ...
    def __setitem__(self, index: Any, value: Any) -> None: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __add__(self, other: int) -> CData: ...
    def __bool__(self) -> bool: ...
    def __int__(self) -> int: ...
    def __float__(self) -> float: ...
    def __hash__(self) -> int: ...
    def __enter__(self) -> CData: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

@type_check_only
class CType:
    kind: str
    cname: str
    fields: list[tuple[str, Any]]
    item: CType
    length: int | None
    args: tuple[CType, ...]
    result: CType

@type_check_only
class CBuffer:
    """Memory of a `CData`, as bytes."""

    def __buffer__(self, flags: int, /) -> memoryview: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int | slice) -> bytes: ...
    def __setitem__(self, index: int | slice, value: bytes) -> None: ...

@type_check_only
class FFI:
    NULL: CData
    RTLD_LAZY: int
    RTLD_NOW: int
    RTLD_GLOBAL: int
    RTLD_LOCAL: int
    RTLD_NODELETE: int

    def new(self, ctype: str | CType, init: Any = ..., /) -> CData: ...
    def cast(self, ctype: str | CType, value: Any, /) -> CData: ...
    def string(self, cdata: CData, maxlen: int = ..., /) -> bytes: ...
    def unpack(self, cdata: CData, length: int, /) -> Any: ...
    def buffer(self, cdata: CData, size: int = ..., /) -> CBuffer: ...
    def from_buffer(
        self, ctype: str | CType, python_buffer: Buffer, require_writable: bool = ...
    ) -> CData: ...
    def memmove(self, dest: CData | Buffer, src: CData | Buffer, n: int) -> None: ...
    def gc(self, cdata: CData, destructor: Any, size: int = ...) -> CData: ...
    def release(self, cdata: CData, /) -> None: ...
    def addressof(self, cdata: CData, *fields_or_indexes: str | int) -> CData: ...
    def typeof(self, cdecl: str | CData, /) -> CType: ...
    def sizeof(self, cdecl: str | CData | CType, /) -> int: ...
    def offsetof(self, cdecl: str | CType, *fields_or_indexes: str | int) -> int: ...
    def integer_const(self, name: str, /) -> int: ...
    def dlopen(self, name: str | None, flags: int = ..., /) -> Lib: ...
    def dlclose(self, lib: Lib, /) -> None: ...

ffi: Final[FFI]

@type_check_only
class Lib:
    """The opened library: its functions and constants."""

'''


def make_ffi(abi: Abi) -> cffi.FFI:
    ffi = cffi.FFI()
    ffi.cdef("\n".join(header.declarations for header in abi.headers))
    return ffi


def python_module(abi: Abi, ffi: cffi.FFI) -> str:
    """The out-of-line ABI-mode module: no C parser and no compiler where it is imported."""
    ffi.set_source("spdl._native._abi", None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "_abi.py"
        with contextlib.redirect_stdout(None):  # it prints the path
            ffi.emit_python_code(str(path))
        code = path.read_text(encoding="utf-8")
    return f"{_MODULE_DOC}{code}\nSPDL_ABI_VERSION = {abi.version}\n"


def stub(abi: Abi) -> str:
    """Types of the module, so that `mypy --strict` sees a wrong call."""
    scalars = {alias.name: alias.base for alias in abi.aliases}
    lines = [f"    {constant.name}: Final[int]" for constant in abi.constants]
    lines += [f"    {_stub_of(function, scalars)}" for function in abi.functions]
    return _STUB_HEAD.replace("{version}", str(abi.version)) + "\n".join(lines) + "\n"


def _stub_of(function: Function, scalars: dict[str, str]) -> str:
    params = ["self"]
    for param in function.params:
        name = f"{param.name}_" if keyword.iskeyword(param.name) else param.name
        params.append(f"{name}: {_python_type(param, scalars)}")
    result = _python_type(function.result, scalars)
    return f"def {function.name}({', '.join(params)}, /) -> {result}: ..."


def _python_type(variable: Variable, scalars: dict[str, str]) -> str:
    if variable.ctype == "const char *":
        return "CData | bytes"  # cffi passes bytes for the time of the call
    if variable.is_pointer:
        return "CData"
    base = scalars.get(variable.base, variable.base)
    return "None" if base == "void" else "float" if base in _FLOATS else "int"


def version_script(abi: Abi) -> str:
    """For the linker: the declared functions are exported, and nothing else."""
    names = "".join(f"    {function.name};\n" for function in abi.functions)
    return f"SPDL_{abi.version} {{\n  global:\n{names}  local:\n    *;\n}};\n"


def layout_table(abi: Abi, ffi: cffi.FFI) -> str:
    """Sizes, offsets and values as cffi sees them, as macro calls for a C test to compare."""
    rows = [
        "/* SPDX-License-Identifier: BSD-2-Clause */",
        "/* Generated from the public headers. */",
    ]
    for struct in abi.structs:
        rows.append(f"SIZE({struct.name}, {ffi.sizeof(struct.name)})")
        members = dict(ffi.typeof(struct.name).fields)
        for name, member in members.items():
            rows.append(f"FIELD({struct.name}, {name}, {member.offset}, {ffi.sizeof(member.type)})")
    rows += [f"SIZE({alias.name}, {ffi.sizeof(alias.name)})" for alias in abi.aliases]
    values = ffi.dlopen(None)  # any library will do: constants are not looked up in it
    for constant in abi.constants:
        rows.append(f"CONSTANT({constant.name}, {getattr(values, constant.name)})")
    rows.append(f"CONSTANT(SPDL_ABI_VERSION, {abi.version})")
    return "\n".join(rows) + "\n"


def summary(abi: Abi) -> str:
    """For tests: what each header declares."""
    headers = {
        header.path.name: {
            "functions": [function.name for function in header.functions],
            "structs": [struct.name for struct in header.structs],
            "handles": [handle.name for handle in header.handles],
            "constants": [constant.name for constant in header.constants],
        }
        for header in abi.headers
    }
    return json.dumps({"abi_version": abi.version, "headers": headers}, indent=2) + "\n"
