# SPDX-License-Identifier: BSD-2-Clause
"""Who may include whom: the floors of libspdl, the libraries behind them, and the binding.

usage: floors.py SOURCE_ROOT
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

# From top to bottom. A floor reaches all floors below it, and no sibling.
FLOORS = [
    {"abi"},
    {"load"},
    {"ffmpeg", "jpeg", "pixel", "readers", "nvdec", "nvjpeg"},
    {"cuda", "queue", "buffer"},
    {"base"},
]
SIBLINGS = {("nvdec", "ffmpeg"), ("ffmpeg", "pixel")}

# Which floors may include what lies outside. The first pattern that matches decides.
OUTSIDE = [
    (r"libavutil/pixfmt\.h", {"ffmpeg", "pixel"}),
    (r"libswscale/.*|libyuv(/.*|\.h)|hwy/.*", {"pixel"}),
    (r"lib(av|sw|postproc)\w*/.*", {"ffmpeg"}),
    (r"(jpeglib|jerror|jmorecfg|turbojpeg)\.h", {"jpeg"}),
    (r"(cuda|cu|nv)\w*\.h", {"cuda", "nvdec", "nvjpeg"}),
    (r"zlib\.h", {"readers"}),
    (r"spdl/types\.h", {name for floor in FLOORS for name in floor}),
    (r"spdl/.*", {"abi"}),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
PYTHON_IMPORT = re.compile(r"^\s*(?:from|import)\s+([\w.]+)(?:\s+import\s+(.*))?$", re.MULTILINE)


def level(floor: str) -> int | None:
    return next((i for i, names in enumerate(FLOORS) if floor in names), None)


def may_include(floor: str, other: str) -> bool:
    here, there = level(floor), level(other)
    if here is None or there is None:
        return False
    return floor == other or here < there or (floor, other) in SIBLINGS


def native_violations(root: Path) -> Iterator[str]:
    """Wrong `#include`s under `root`/libspdl."""
    for path in sorted((root / "libspdl").rglob("*")):
        if path.suffix not in {".h", ".cpp", ".c", ".cu", ".inc"}:
            continue
        floor = path.relative_to(root / "libspdl").parts[0]
        at = path.relative_to(root)
        if level(floor) is None:
            yield f"{at}: {floor} is no floor"
            continue
        for quote, name in INCLUDE.findall(path.read_text(encoding="utf-8")):
            allowed = next((who for what, who in OUTSIDE if re.fullmatch(what, name)), None)
            if allowed is not None:
                if floor not in allowed:
                    yield f"{at}: {floor} may not include {name}; only {', '.join(sorted(allowed))}"
            elif quote == '"' and not may_include(floor, name.split("/")[0]):
                yield f"{at}: {floor} may not include {name}"


def python_violations(root: Path) -> Iterator[str]:
    """Imports of cffi and of the generated module outside of `spdl/_native`."""
    for path in sorted((root / "spdl").rglob("*.py")):
        if path.relative_to(root / "spdl").parts[0] == "_native":
            continue
        for module, names in PYTHON_IMPORT.findall(path.read_text(encoding="utf-8")):
            parts = {*module.split("."), *re.findall(r"\w+", names)}
            for name in sorted(parts & {"cffi", "_cffi_backend", "_abi"}):
                yield f"{path.relative_to(root)}: only spdl/_native may import {name}"


def violations(root: Path) -> list[str]:
    return [*native_violations(root), *python_violations(root)]


# File, its text, and whether the lint must refuse it.
EXAMPLES = [
    ("libspdl/abi/load.cpp", '#include "spdl/load.h"\n#include "load/batch.h"\n', False),
    ("libspdl/load/batch.cpp", '#include "ffmpeg/demux.h"\n#include "base/result.h"\n', False),
    ("libspdl/base/error.h", '#include "spdl/types.h"\n#include <string>\n', False),
    ("libspdl/ffmpeg/ptr.h", "#include <libavutil/frame.h>\n", False),
    ("libspdl/ffmpeg/convert.cpp", '#include "pixel/resize.h"\n', False),
    ("libspdl/pixel/format.h", "#include <libavutil/pixfmt.h>\n", False),
    ("libspdl/readers/inflate.cpp", "#include <zlib.h>\n", False),
    ("spdl/_native/library.py", "from ._abi import ffi\n", False),
    ("spdl/io/demux.py", "from spdl._native import handle\n", False),
    ("libspdl/base/result.h", '#include "buffer/buffer.h"\n', True),
    ("libspdl/ffmpeg/demux.cpp", '#include "load/batch.h"\n', True),
    ("libspdl/ffmpeg/demux.h", '#include "spdl/demux.h"\n', True),
    ("libspdl/ffmpeg/names.h", '#include "ptr.h"\n', True),
    ("libspdl/pixel/resize.h", '#include "ffmpeg/frames.h"\n', True),
    ("libspdl/pixel/resize.cpp", "#include <libavutil/frame.h>\n", True),
    ("libspdl/load/batch.h", "  #  include <libavcodec/avcodec.h>\n", True),
    ("libspdl/ffmpeg/scale.cpp", "#include <libswscale/swscale.h>\n", True),
    ("libspdl/queue/pool.cpp", '#include "buffer/buffer.h"\n', True),
    ("libspdl/ffmpeg/still.cpp", "#include <jpeglib.h>\n", True),
    ("libspdl/load/nvdec.cpp", "#include <cuda_runtime.h>\n", True),
    ("libspdl/load/batch.cpp", "#include <zlib.h>\n", True),
    ("libspdl/utils/text.cpp", "#include <string>\n", True),
    ("spdl/io/decode.py", "from cffi import FFI\n", True),
    ("spdl/io/convert.py", "from spdl._native import _abi\n", True),
]


def wrong_verdicts() -> Iterator[str]:
    """Examples that the lint itself gets wrong."""
    for name, text, bad in EXAMPLES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
            found = violations(Path(folder))
        if bool(found) != bad:
            yield f"the lint {'passes' if bad else 'refuses'} {name}: {text.strip()} {found}"


def main() -> int:
    root = Path(sys.argv[1])
    problems = [*violations(root), *wrong_verdicts()]
    print(*problems, sep="\n")
    num_files = len(list((root / "libspdl").rglob("*.cpp")))
    print(f"{num_files} .cpp files and {len(EXAMPLES)} examples, {len(problems)} problems")
    return 1 if problems or num_files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
