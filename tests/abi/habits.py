# SPDX-License-Identifier: BSD-2-Clause
"""What no source file may contain. It looks at code, not at comments and docstrings.

usage: habits.py SOURCE_ROOT
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

NATIVE = {
    r"\b(v?f?printf|f?puts|putchar|perror)\s*\(": "the library never prints",
    r"\bstd::(cout|cerr|clog)\b": "the library never prints",
    r"\bstd::(print|println)\s*\(": "the library never prints",
    r"\bav_log_set_callback\b": "av_log's callback belongs to the process",
    r"\bavdevice_register_all\b": "the library registers no devices",
    r"\b(setlocale|sigaction|std::signal)\s*\(": "locale and signals belong to the process",
    r"\bthread_local\b": "no thread-local state",
    r"\bcatch\s*\(\s*(const\s+)?std::runtime_error\b": "a boundary catches everything",
}
ABI = {r"\breinterpret_cast\b": "a handle needs no cast"}
PYTHON = {
    r"\bffi\s*\.\s*(callback|def_extern)\b": "no Python code runs on a worker thread",
    r"\bnew_handle\b": "no Python object crosses into the library",
}


def native_code(text: str) -> str:
    """The text without comments and string literals, line by line as before."""
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"'
    return re.sub(pattern, lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.DOTALL)


def python_code(text: str) -> str:
    """The text without comments and string literals, line by line as before."""
    lines: dict[int, list[str]] = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (tokenize.COMMENT, tokenize.STRING):
            lines.setdefault(token.start[0], []).append(token.string)
    return "\n".join(" ".join(lines.get(i + 1, [])) for i in range(max(lines, default=0)))


def search(path: Path, code: str, rules: dict[str, str]) -> Iterator[str]:
    for number, line in enumerate(code.split("\n"), start=1):
        for pattern, reason in rules.items():
            if match := re.search(pattern, line):
                yield f"{path}:{number}: `{match[0].strip()}`: {reason}"


def violations(root: Path) -> Iterator[str]:
    for path in sorted((root / "libspdl").rglob("*")):
        if path.suffix in {".h", ".cpp", ".c"}:
            rules = NATIVE | (ABI if path.parent.name == "abi" else {})
            yield from search(path, native_code(path.read_text(encoding="utf-8")), rules)
    for path in sorted((root / "spdl").rglob("*.py")):
        yield from search(path, python_code(path.read_text(encoding="utf-8")), PYTHON)


def wrong_verdicts() -> Iterator[str]:
    """Examples that the search itself gets wrong."""
    here = Path("example")
    bad_native = [
        'printf("x");',
        "std::cerr << 1;",
        "thread_local int x;",
        "av_log_set_callback(f);",
    ]
    good_native = [
        "// printf(x)",
        'f("printf(x)");',
        "std::snprintf(a, b, c);",
        "/* std::cout\n */",
    ]
    bad_python = ["ffi.callback(f)", "x = ffi.new_handle(y)"]
    good_python = ["# ffi.callback", '"""ffi.callback(f)"""']
    for text in bad_native + good_native:
        if bool(list(search(here, native_code(text), NATIVE))) != (text in bad_native):
            yield f"wrong verdict on C++: {text}"
    for text in bad_python + good_python:
        if bool(list(search(here, python_code(text), PYTHON))) != (text in bad_python):
            yield f"wrong verdict on Python: {text}"


def main() -> int:
    problems = [*violations(Path(sys.argv[1])), *wrong_verdicts()]
    print(*problems, sep="\n")
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
