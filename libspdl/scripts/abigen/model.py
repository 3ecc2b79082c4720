# SPDX-License-Identifier: BSD-2-Clause
"""What a public header can declare."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


class HeaderError(Exception):
    """A header leaves the subset of C that it has to keep to."""


@dataclass(frozen=True)
class Variable:
    """A parameter or a struct field: `const char *name`, `int64_t shape[8]`."""

    base: str
    """The type without `const` and `*`: `char`, `spdl_source`."""
    ctype: str
    """The type in one canonical spacing: `const char *`."""
    name: str
    length: int | None = None
    """Number of elements if it is an array."""

    @property
    def is_pointer(self) -> bool:
        return "*" in self.ctype


@dataclass(frozen=True)
class Function:
    name: str
    result: Variable
    params: tuple[Variable, ...]
    doc: str
    where: str

    @property
    def is_submit(self) -> bool:
        return self.name.endswith("_submit")


@dataclass(frozen=True)
class Struct:
    name: str
    fields: tuple[Variable, ...]
    where: str


@dataclass(frozen=True)
class Handle:
    """A struct that the header only names."""

    name: str
    where: str


@dataclass(frozen=True)
class Alias:
    """A name for a scalar: `typedef int32_t spdl_status;`."""

    name: str
    base: str
    where: str


@dataclass(frozen=True)
class Constant:
    name: str
    expression: str
    where: str


Named = Function | Struct | Handle | Alias | Constant


@dataclass
class Header:
    path: Path
    num_lines: int = 0
    includes: list[str] = field(default_factory=list)
    directives: list[tuple[int, str]] = field(default_factory=list)
    """All preprocessor lines but `#include`, with their line numbers."""
    declarations: str = ""
    """The text without comments, directives and markers: what cffi reads."""
    functions: list[Function] = field(default_factory=list)
    structs: list[Struct] = field(default_factory=list)
    handles: list[Handle] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)


@dataclass
class Abi:
    """All public headers, in an order in which each follows those that it includes."""

    version: int
    headers: list[Header]

    @property
    def functions(self) -> list[Function]:
        return [x for header in self.headers for x in header.functions]

    @property
    def structs(self) -> list[Struct]:
        return [x for header in self.headers for x in header.structs]

    @property
    def handles(self) -> list[Handle]:
        return [x for header in self.headers for x in header.handles]

    @property
    def aliases(self) -> list[Alias]:
        return [x for header in self.headers for x in header.aliases]

    @property
    def constants(self) -> list[Constant]:
        return [x for header in self.headers for x in header.constants]
