# SPDX-License-Identifier: BSD-2-Clause
"""The rules of the C ABI that a compiler cannot check. Each yields `header:line: what is wrong`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .model import Abi, Function, Handle, Header, Named, Struct, Variable

MAX_HEADER_LINES = 250

_SCALARS = {f"{sign}int{bits}_t" for sign in ("", "u") for bits in (8, 16, 32, 64)}
_SCALARS |= {"size_t", "float", "double"}
_POINTEES = {"void", "char"}
_STANDARD_HEADERS = {"stddef.h", "stdint.h"}


def problems(abi: Abi) -> list[str]:
    """All violations, in the order of the headers."""
    found: list[str] = []
    for header in abi.headers:
        found += _check_text(header)
        found += _check_names(header)
        for struct in header.structs:
            found += _check_struct(abi, struct)
        for function in header.functions:
            found += _check_function(abi, function)
        for handle in header.handles:
            found += _check_handle(abi, handle)
    found += _check_umbrella(abi)
    return found


def _check_text(header: Header) -> Iterator[str]:
    name = header.path.name
    text = header.path.read_text(encoding="utf-8")
    if not text.startswith("/* SPDX-License-Identifier: BSD-2-Clause */\n"):
        yield f"{name}:1: the first line must be the SPDX line"
    if header.num_lines > MAX_HEADER_LINES:
        yield f"{name}: {header.num_lines} lines; a header has at most {MAX_HEADER_LINES}"
    guard = f"SPDL_{header.path.stem.upper()}_H"
    lines = [line for _, line in header.directives]
    if lines[:2] != [f"#ifndef {guard}", f"#define {guard}"] or lines[-1:] != ["#endif"]:
        yield f"{name}: the include guard must be {guard}"
    if name == "abi.h":
        return
    for number, line in header.directives[2:-1]:
        yield f"{name}:{number}: `{line}`: only abi.h may hold conditions and macros"
    for included in header.includes:
        if included not in _STANDARD_HEADERS and not (header.path.parent / included).exists():
            yield f"{name}: includes {included}, which is neither of ours nor stddef.h or stdint.h"
    if header.functions and not re.search(
        r"^SPDL_BEGIN_DECLS$.*^SPDL_END_DECLS$", text, re.M | re.S
    ):
        yield f"{name}: declarations must stand between SPDL_BEGIN_DECLS and SPDL_END_DECLS"


def _check_names(header: Header) -> Iterator[str]:
    declared: list[Named] = [*header.structs, *header.handles, *header.aliases, *header.functions]
    for named in declared:
        if not re.fullmatch(r"spdl(_[a-z0-9]+)+", named.name):
            yield f"{named.where}: {named.name} must be named spdl_lower_case"
    for constant in header.constants:
        if not re.fullmatch(r"SPDL(_[A-Z0-9]+)+", constant.name):
            yield f"{constant.where}: {constant.name} must be named SPDL_UPPER_CASE"
    owners: list[Function | Struct] = [*header.functions, *header.structs]
    for owner in owners:
        members = owner.params if isinstance(owner, Function) else owner.fields
        for member in members:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", member.name):
                yield f"{owner.where}: {owner.name}: {member.name} must be in lower_case"


def _check_struct(abi: Abi, struct: Struct) -> Iterator[str]:
    names = [member.name for member in struct.fields]
    sized = struct.name.endswith(("_options", "_info")) or "struct_size" in names
    first = struct.fields[0]
    if sized and (first.ctype, first.name) != ("uint32_t", "struct_size"):
        yield f"{struct.where}: {struct.name} must begin with `uint32_t struct_size`"
    known = _SCALARS | _names(abi.aliases) | _names(abi.structs)
    for member in struct.fields:
        by_value = known if member.length is None else known | {"char"}
        allowed = known | _POINTEES | _names(abi.handles) if member.is_pointer else by_value
        if member.base not in allowed:
            yield f"{struct.where}: {struct.name}.{member.name}: type {member.base} is not allowed"


def _check_function(abi: Abi, function: Function) -> Iterator[str]:
    at = f"{function.where}: {function.name}"
    yield from (f"{at}: {problem}" for problem in _check_types(abi, function))
    yield from (f"{at}: {problem}" for problem in _check_order(function))
    yield from (f"{at}: {problem}" for problem in _check_doc(function))
    if function.is_submit:
        yield from (f"{at}: {problem}" for problem in _check_submit(abi, function))


def _check_types(abi: Abi, function: Function) -> Iterator[str]:
    scalars = _SCALARS | _names(abi.aliases)
    pointees = scalars | _POINTEES | _names(abi.structs) | _names(abi.handles)
    for param in function.params:
        if param.length is not None:
            yield f"{param.name}: an array must be a pointer and a length"
        if param.base not in (pointees if param.is_pointer else scalars):
            yield f"{param.name}: type {param.ctype} is not allowed in a signature"
    if function.result.is_pointer or function.result.base not in scalars | {"void"}:
        yield f"result: type {function.result.ctype} is not allowed in a signature"


def _check_order(function: Function) -> Iterator[str]:
    names = [param.name for param in function.params]
    status = function.result.base == "spdl_status"
    errors = [
        param for param in function.params if param.ctype == "spdl_error *" and not _is_out(param)
    ]
    if status and (not names or names[-1] != "err" or not errors):
        yield "a function that returns spdl_status takes `spdl_error *err` last"
    if "err" in names[:-1]:
        yield "err must be the last parameter"
    outputs = [index for index, param in enumerate(function.params) if _is_out(param)]
    if outputs:
        for param in function.params[outputs[0] :]:
            if not (_is_out(param) or param.name == "err" or param.name.startswith("num_")):
                yield f"{param.name}: inputs come before out_ parameters"
    for param in function.params:
        if _is_out(param) and (not param.is_pointer or param.ctype.startswith("const")):
            yield f"{param.name}: an out_ parameter points to something that can be written"


def _check_doc(function: Function) -> Iterator[str]:
    if not function.doc.startswith("/**"):
        yield "needs a doc comment right before it"
        return
    needed = ["@threads", "@since"]
    if function.result.base != "void" and not function.is_submit:
        needed.append("@return")
    yield from (f"doc comment lacks {tag}" for tag in needed if tag not in function.doc)
    declared = {param.name for param in function.params}
    for name in re.findall(r"@param\s+(\w+)", function.doc):
        if name not in declared:
            yield f"doc comment describes {name}, which is not a parameter"


def _check_submit(abi: Abi, function: Function) -> Iterator[str]:
    blocking = next((f for f in abi.functions if f"{f.name}_submit" == function.name), None)
    if blocking is None:
        yield "has no blocking form"
        return
    got = [(param.ctype, param.name) for param in function.params]
    inputs = [param for param in blocking.params if not _is_out(param)]
    want = [("spdl_queue *", "queue"), ("uint64_t", "tag")]
    want += [(param.ctype, param.name) for param in inputs]
    if got != want:
        spelled = ", ".join(f"{ctype} {name}" for ctype, name in want)
        yield f"its parameters must be those of {blocking.name}: ({spelled})"
    kind = re.search(r"completes with (SPDL_KIND_\w+)", " ".join(function.doc.split()))
    if kind is None or kind[1] not in _names(abi.constants):
        yield "doc comment must say `completes with SPDL_KIND_…`"


def _check_handle(abi: Abi, handle: Handle) -> Iterator[str]:
    wanted = ("void", [f"{handle.name} *"])
    for function in abi.functions:
        if function.name == f"{handle.name}_free":
            if (function.result.ctype, [param.ctype for param in function.params]) != wanted:
                yield f"{function.where}: must be void {handle.name}_free({handle.name} *)"
            return
    yield f"{handle.where}: {handle.name} has no {handle.name}_free()"


def _check_umbrella(abi: Abi) -> Iterator[str]:
    umbrella = next((header for header in abi.headers if header.path.name == "spdl.h"), None)
    if umbrella is None:
        yield "spdl.h is missing"
        return
    for header in abi.headers:
        if header.path.name not in {"abi.h", "spdl.h", *umbrella.includes}:
            yield f"spdl.h: does not include {header.path.name}"


def _is_out(param: Variable) -> bool:
    return param.name.startswith("out_")


def _names(declarations: Sequence[Named]) -> set[str]:
    return {declaration.name for declaration in declarations}
