# SPDX-License-Identifier: BSD-2-Clause
"""Check the public headers and write what is derived from them. The headers are the one source.

usage: gen_abi.py --out DIR HEADER...

| file           | what                                                                  |
|----------------|-----------------------------------------------------------------------|
| `_abi.py`      | cffi's out-of-line ABI-mode module, `spdl._native._abi`               |
| `_abi.pyi`     | its types                                                             |
| `spdl.map`     | the linker's version script                                           |
| `abi_layout.h` | sizes, offsets and constants as cffi sees them, for a C test          |
| `abi.json`     | names by header, for tests                                            |
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from abigen import check, emit, parse
from abigen.model import HeaderError


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, help="folder for the results; without it only check")
    parser.add_argument("headers", type=Path, nargs="+")
    args = parser.parse_args(argv)
    try:
        abi = parse.parse_headers(args.headers)
    except HeaderError as error:
        print(error, file=sys.stderr)
        return 1
    problems = check.problems(abi)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return 1
    if args.out is not None:
        ffi = emit.make_ffi(abi)
        results = {
            "_abi.py": emit.python_module(abi, ffi),
            "_abi.pyi": emit.stub(abi),
            "spdl.map": emit.version_script(abi),
            "abi_layout.h": emit.layout_table(abi, ffi),
            "abi.json": emit.summary(abi),
        }
        for name, text in results.items():
            (args.out / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
