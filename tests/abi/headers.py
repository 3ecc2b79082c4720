# SPDX-License-Identifier: BSD-2-Clause
"""Every public header compiles alone, without a warning, in every language of a caller.

usage: headers.py INCLUDE_DIR LANGUAGE STANDARD COMPILER... -- HEADER...
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror"]
C_WARNINGS = ["-Wstrict-prototypes", "-Wmissing-prototypes"]


def main() -> int:
    include_dir, language, standard, *rest = sys.argv[1:]
    split = rest.index("--")
    compiler, headers = rest[:split], rest[split + 1 :]
    warnings = WARNINGS + (C_WARNINGS if language == "c" else [])
    command = [*compiler, f"-std={standard}", *warnings, "-x", language, "-fsyntax-only"]
    command += [f"-I{include_dir}", "-"]

    def errors_of(source: str) -> str:
        run = subprocess.run(command, input=source, capture_output=True, text=True)
        return run.stderr or (f"exit code {run.returncode}" if run.returncode else "")

    failed = 0
    for header in headers:
        include = f'#include "spdl/{Path(header).name}"\n'
        if errors := errors_of(f"{include}{include}int spdl_test = SPDL_ABI_VERSION;\n"):
            print(f"{header} as {standard}:\n{errors}")
            failed += 1
    if not errors_of('#include "spdl/types.h"\nspdl_nothing x;\n'):
        print("the compiler takes a type that no header declares")
        failed += 1
    print(f"{standard}: {len(headers)} headers, {failed} failed")
    return 1 if failed or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
