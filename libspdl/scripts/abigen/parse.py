# SPDX-License-Identifier: BSD-2-Clause
"""Header text → model. Knows the subset of C in `docs/abi.md`, and refuses everything else.

It keeps what a C parser throws away: doc comments and line numbers. Layout is not its business:
cffi computes sizes, offsets and values from the same text (`emit.py`).
"""

from __future__ import annotations

import re
from pathlib import Path

from .model import Abi, Alias, Constant, Function, Handle, Header, HeaderError, Struct, Variable

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_INCLUDE = re.compile(r'#\s*include\s+["<]([^">]+)[">]')
_VARIABLE = re.compile(r"^(?P<type>.*?[\s*])(?P<name>\w+)\s*(?:\[(?P<length>\d+)\])?$", re.DOTALL)
_STRUCT = re.compile(r"^typedef\s+struct\s+(\w+)\s*\{(.*)\}\s*(\w+)$", re.DOTALL)
_HANDLE = re.compile(r"^typedef\s+struct\s+(\w+)\s+(\w+)$")
_ENUM = re.compile(r"^enum\s*\{(.*)\}$", re.DOTALL)
_VALUE = re.compile(r"^-?\d+$|^\d+ << \d+$")
_ALIAS = re.compile(r"^typedef\s+(\w+)\s+(\w+)$")
_FUNCTION = re.compile(
    r"^SPDL_API\s+(?P<result>[\w\s*]+?[\s*])(?P<name>\w+)\s*\((?P<params>[^()]*)\)\s*SPDL_NOEXCEPT$",
    re.DOTALL,
)
_MARKERS = re.compile(r"\bSPDL_(?:BEGIN|END)_DECLS\b")
_VERSION = re.compile(r"^#define SPDL_ABI_VERSION (\d+)$", re.MULTILINE)


def parse_headers(paths: list[Path]) -> Abi:
    """Parse `paths`, one of which is `abi.h`."""
    by_name = {path.name: path for path in paths}
    if "abi.h" not in by_name:
        raise HeaderError("abi.h is missing")
    version = _VERSION.search(by_name["abi.h"].read_text(encoding="utf-8"))
    if version is None:
        raise HeaderError("abi.h: no `#define SPDL_ABI_VERSION <number>`")
    headers = {name: parse_header(path) for name, path in by_name.items()}
    return Abi(int(version[1]), _in_include_order(headers))


def parse_header(path: Path) -> Header:
    text = path.read_text(encoding="utf-8")
    header = Header(path=path, num_lines=text.count("\n"))
    code = _blank(_COMMENT, text)
    kept = []
    for number, line in enumerate(code.split("\n"), start=1):
        if not line.lstrip().startswith("#"):
            kept.append(line)
            continue
        kept.append(" " * len(line))
        if match := _INCLUDE.search(line):
            header.includes.append(match[1])
        else:
            header.directives.append((number, line.strip()))
    if path.name == "abi.h":
        return header
    code = _blank(_MARKERS, "\n".join(kept))
    docs = [(match.end(), match[0]) for match in _COMMENT.finditer(text)]
    for start, end in _statements(code):
        statement = code[start:end].strip()
        offset = start + len(code[start:end]) - len(code[start:end].lstrip())
        where = f"{path.name}:{text.count(chr(10), 0, offset) + 1}"
        _declare(header, statement, _doc_before(text, docs, offset), where)
    header.declarations = re.sub(r"\bSPDL_(?:API|NOEXCEPT)\b", "", code)
    return header


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """Overwrite matches with spaces, so that offsets and line numbers stay."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def _statements(code: str) -> list[tuple[int, int]]:
    """Ranges of the statements that end in `;` outside of braces."""
    ranges, start, depth = [], 0, 0
    for position, char in enumerate(code):
        depth += {"{": 1, "}": -1}.get(char, 0)
        if char == ";" and depth == 0:
            ranges.append((start, position))
            start = position + 1
    if code[start:].strip():
        ranges.append((start, len(code)))
    return ranges


def _doc_before(text: str, docs: list[tuple[int, str]], offset: int) -> str:
    """The comment that ends right before `offset`, or an empty string."""
    for end, doc in docs:
        if end <= offset and not text[end:offset].strip():
            return doc
    return ""


def _declare(header: Header, statement: str, doc: str, where: str) -> None:
    if match := _FUNCTION.match(statement):
        result = _variable(f"{match['result']} result", where)
        params = match["params"].strip()
        names = [] if params == "void" else params.split(",")
        variables = tuple(_variable(name, where) for name in names)
        header.functions.append(Function(match["name"], result, variables, doc, where))
    elif match := _STRUCT.match(statement):
        _same(match[1], match[3], where)
        lines = [line for line in match[2].split(";") if line.strip()]
        fields = tuple(_variable(line, where) for line in lines)
        header.structs.append(Struct(match[1], fields, where))
    elif match := _HANDLE.match(statement):
        _same(match[1], match[2], where)
        header.handles.append(Handle(match[1], where))
    elif match := _ENUM.match(statement):
        header.constants.extend(_constants(match[1], where))
    elif match := _ALIAS.match(statement):
        header.aliases.append(Alias(match[2], match[1], where))
    else:
        raise HeaderError(f"{where}: not in the subset of C: `{' '.join(statement.split())}`")


def _same(tag: str, name: str, where: str) -> None:
    if tag != name:
        raise HeaderError(f"{where}: struct {tag} and its typedef {name} differ in name")


def _variable(text: str, where: str) -> Variable:
    match = _VARIABLE.match(text.strip())
    if match is None:
        raise HeaderError(f"{where}: cannot read `{' '.join(text.split())}`")
    words = re.findall(r"\w+|\*", match["type"])
    base = [word for word in words if word not in ("const", "*")]
    if len(base) != 1:
        raise HeaderError(f"{where}: `{' '.join(text.split())}` needs a type of one word")
    length = int(match["length"]) if match["length"] else None
    return Variable(base[0], " ".join(words), match["name"], length)


def _constants(body: str, where: str) -> list[Constant]:
    constants = []
    for entry in filter(None, (entry.strip() for entry in body.split(","))):
        name, _, expression = (part.strip() for part in entry.partition("="))
        if not _VALUE.match(expression):
            raise HeaderError(
                f"{where}: {name} needs an explicit value: a number, or a shifted one"
            )
        constants.append(Constant(name, expression, where))
    return constants


def _in_include_order(headers: dict[str, Header]) -> list[Header]:
    ordered: list[Header] = []

    def visit(name: str) -> None:
        header = headers.get(name)
        if header is None or header in ordered:
            return
        for included in header.includes:
            visit(included)
        ordered.append(header)

    for name in sorted(headers):
        visit(name)
    return ordered
