# SPDX-License-Identifier: BSD-2-Clause
"""What is public in ``spdl.io``: functions, classes, and their methods and properties."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType, FunctionType, ModuleType
from typing import Any

import spdl.io
import spdl.io.utils

Lines = dict[str, set[int]]
"""File → numbers of its lines."""


@dataclass
class Entry:
    name: str
    """As the table has it: `load_image`, `Demuxer.close`, `utils.tracing`."""
    value: Any
    twin: Entry | None = None
    needs_twin: bool = False
    lines: Lines = field(default_factory=dict)
    """What is executed of it; nothing of errors and protocols."""

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def is_planned(self) -> bool:
        """Whether it has its lines in common with its asynchronous form."""
        return _is_planned(self.value)

    @property
    def summary(self) -> str:
        """The first sentence of the docstring."""
        text = (inspect.getdoc(_function(self.value) or self.value) or "").partition("\n\n")[0]
        return text.replace("\n", " ")

    @property
    def types(self) -> str:
        function = _function(self.value)
        if function is None or inspect.isclass(self.value):
            return "class"
        result = inspect.signature(function).return_annotation
        text = result if isinstance(result, str) else getattr(result, "__name__", str(result))
        return f"`{text}`"

    def lacks(self) -> Iterator[str]:
        if not self.summary:
            yield "it has no docstring"
        if self.needs_twin and self.twin is None:
            yield "it has no asynchronous form"
        function = _function(self.value)
        if function is None or inspect.isclass(self.value):
            return
        signature = inspect.signature(function)
        for name, parameter in signature.parameters.items():
            if parameter.annotation is parameter.empty and name not in ("self", "cls"):
                yield f"`{name}` has no type"
        if signature.return_annotation is signature.empty:
            yield "its result has no type"


def groups() -> Iterator[tuple[str, list[Entry]]]:
    """(title, entries) of functions, of utilities, and of each class."""
    yield "Functions", list(_functions(spdl.io, ""))
    yield "Utilities", [*_functions(spdl.io.utils, "utils."), *_classes(spdl.io.utils, "utils.")]
    for name in sorted(spdl.io.__all__):
        value = getattr(spdl.io, name)
        if inspect.isclass(value) and not issubclass(value, BaseException):
            yield name, [_entry(name, value), *_members(name, value)]
    errors = [name for name in spdl.io.__all__ if _is_error(getattr(spdl.io, name))]
    yield "Errors", [_entry(name, getattr(spdl.io, name)) for name in sorted(errors)]


def _classes(module: ModuleType, prefix: str) -> Iterator[Entry]:
    for name in sorted(module.__all__):
        value = getattr(module, name)
        if inspect.isclass(value):
            yield _entry(prefix + name, value)
            yield from _members(prefix + name, value)


def _is_error(value: Any) -> bool:
    return inspect.isclass(value) and issubclass(value, BaseException)


def _functions(module: ModuleType, prefix: str) -> Iterator[Entry]:
    names = [
        name for name in sorted(module.__all__) if isinstance(getattr(module, name), FunctionType)
    ]
    yield from _paired({prefix + name: getattr(module, name) for name in names})


def _members(name: str, cls: type) -> Iterator[Entry]:
    """Its own methods and properties, and those of its bases that are not public themselves."""
    public_bases = [base for base in cls.__mro__[1:] if _is_public(base)]
    members = {}
    for member in dir(cls):
        value = inspect.getattr_static(cls, member)
        owner = next(base for base in cls.__mro__ if member in vars(base))
        is_own = owner.__module__.startswith("spdl.") and owner not in public_bases
        if not member.startswith("_") and is_own and _function(value) is not None:
            members[f"{name}.{member}"] = value
    yield from _paired(members)


def _is_public(cls: type) -> bool:
    return cls.__module__ == "builtins" or getattr(spdl.io, cls.__name__, None) is cls


def _paired(named: dict[str, Any]) -> Iterator[Entry]:
    """Entries, with the asynchronous form of a name in the same one."""
    entries = {name: _entry(name, value) for name, value in named.items()}
    for name, entry in entries.items():
        scope, dot, short = name.rpartition(".")
        if short.startswith("async_") and f"{scope}{dot}{short[6:]}" in entries:
            continue
        entry.twin = entries.get(f"{scope}{dot}async_{short}")
        yield entry


def _entry(name: str, value: Any) -> Entry:
    needs_twin = _is_planned(value) and not name.rpartition(".")[2].startswith("async_")
    return Entry(name, value, needs_twin=needs_twin, lines=_lines(value))


def _is_planned(value: Any) -> bool:
    function = _function(value)
    return inspect.unwrap(function).__name__.startswith("_plan_") if function else False


def _function(value: Any) -> Any:
    """The function behind a method or property; None of anything else."""
    if isinstance(value, property):
        return value.fget
    if isinstance(value, (classmethod, staticmethod)):
        return value.__func__
    return value if isinstance(value, FunctionType) else None


def _lines(value: Any) -> Lines:
    if inspect.isclass(value):
        merged: Lines = {}
        for base in value.__mro__:
            for member in vars(base).values() if base.__module__.startswith("spdl.") else ():
                for file, lines in _lines(member).items() if not inspect.isclass(member) else ():
                    merged.setdefault(file, set()).update(lines)
        return merged
    function = _function(value)
    return _code_lines(inspect.unwrap(function).__code__) if function else {}


def _code_lines(code: CodeType) -> Lines:
    lines = {line for _, _, line in code.co_lines() if line is not None}
    lines.discard(code.co_firstlineno)  # it is executed by the import
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            lines |= _code_lines(constant).get(code.co_filename, set())
    return {code.co_filename: lines}
