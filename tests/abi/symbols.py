# SPDX-License-Identifier: BSD-2-Clause
"""The library exports what the headers declare and nothing else, under the ABI's name and number.

usage: symbols.py LIBRARY ABI_JSON NM READELF
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main() -> int:
    library, names, nm, readelf = sys.argv[1:]
    abi = json.loads(Path(names).read_text(encoding="utf-8"))
    number = abi["abi_version"]
    node = f"SPDL_{number}"
    declared = {
        f"{name}@@{node}" for header in abi["headers"].values() for name in header["functions"]
    }
    lines = [line.split() for line in output(nm, "-D", "--defined-only", library).splitlines()]
    exported = {name for _, kind, name in lines if kind != "A"}
    dynamic = output(readelf, "-d", library)
    soname = re.search(r"\(SONAME\).*\[(.*)\]", dynamic)

    problems = [f"declared, but not exported: {name}" for name in sorted(declared - exported)]
    problems += [f"exported, but not declared: {name}" for name in sorted(exported - declared)]
    if soname is None or soname[1] != f"libspdl.so.{number}":
        problems.append(f"the soname is {soname and soname[1]}, but the ABI has number {number}")
    if not re.search(r"\(FLAGS_1\).*\bNODELETE\b", dynamic):
        problems.append("the library can be unloaded: link it with -z nodelete")
    print(*problems, sep="\n")
    print(f"{len(declared)} declared, {len(exported)} exported, {len(problems)} problems")
    return 1 if problems or not declared else 0


if __name__ == "__main__":
    sys.exit(main())
