# SPDX-License-Identifier: BSD-2-Clause
"""A C program that knows nothing but `pkg-config spdl` loads an image, from both kinds of install.

usage: install_test.py SOURCE_ROOT BUILD_ROOT WHERE SCRATCH_DIR ABI_VERSION COMPILER...
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SKIP = 77


def run(*command: str | Path, env: dict[str, str] | None = None) -> str:
    """Run a command; a failure shows what it said."""
    done = subprocess.run(
        [str(part) for part in command],
        env=os.environ | (env or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}")
    return done.stdout


def install_system(source: Path, scratch: Path) -> Path:
    """`meson install` as an administrator would; gives the prefix."""
    build, prefix = scratch / "system", scratch / "prefix"
    shutil.rmtree(prefix, ignore_errors=True)
    if not (build / "build.ninja").exists():
        run("meson", "setup", build, source, f"--prefix={prefix}", "--libdir=lib", "-Dwhere=system")
    run("meson", "install", "-C", build)
    return prefix


def install_package(build: Path, scratch: Path) -> Path:
    """The Python package as a wheel would hold it; gives its folder, moved elsewhere."""
    tree, moved = scratch / "tree", scratch / "moved"
    for folder in (tree, moved):
        shutil.rmtree(folder, ignore_errors=True)
    run("meson", "install", "-C", build, "--no-rebuild", "--destdir", tree)
    package = next(path.parent for path in tree.rglob("spdl/py.typed"))
    return Path(shutil.move(package, moved))


def check_program(source: Path, pkgconfig: Path, scratch: Path, compiler: list[str]) -> None:
    image, program = scratch / "image.png", scratch / "load_image"
    color = "color=c=0x405060:s=64x48,format=rgb24"
    run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", color, "-frames:v", "1", image)
    # Nothing else may be needed: no folder of the source, no FFmpeg.
    flags = run(
        "pkg-config", "--cflags", "--libs", "spdl", env={"PKG_CONFIG_PATH": str(pkgconfig)}
    ).split()
    warnings = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror"]
    example = source / "docs/examples/load_image.c"
    run(*compiler, *warnings, example, *flags, "-o", program)
    library = pkgconfig.parent
    output = run(program, image, env={"LD_LIBRARY_PATH": str(library)})
    expected = "shape (48, 64, 3) |u1, mean 80.000\n"
    if output != expected:
        sys.exit(f"{library}: the program says {output!r}, not {expected!r}")
    missing = subprocess.run(
        [program, scratch / "missing.png"],
        env=os.environ | {"LD_LIBRARY_PATH": str(library)},
        capture_output=True,
        text=True,
    )
    if missing.returncode != 1 or "missing.png" not in missing.stderr:
        sys.exit(f"{library}: a missing file gives {missing}")
    print(f"{library}: {output.strip()}")


def main() -> int:
    root, build, where, scratch, abi_version, *compiler = sys.argv[1:]
    missing = [tool for tool in ("ffmpeg", "meson", "pkg-config") if not shutil.which(tool)]
    if missing:
        print(f"SKIP: not found: {', '.join(missing)}")
        return SKIP
    folder = Path(scratch)
    folder.mkdir(parents=True, exist_ok=True)
    library = f"libspdl.so.{abi_version}"
    prefix = install_system(Path(root), folder)
    link = prefix / "lib/libspdl.so"
    if not (prefix / "lib" / library).is_file() or os.readlink(link) != library:
        sys.exit(f"{prefix}/lib lacks {library} or its link")
    check_program(Path(root), prefix / "lib/pkgconfig", folder, compiler)
    if where == "package":
        package = install_package(Path(build), folder)
        if not (package / "lib" / library).is_file():
            sys.exit(f"{package}/lib lacks {library}")
        check_program(Path(root), package / "lib/pkgconfig", folder, compiler)
    return 0


if __name__ == "__main__":
    sys.exit(main())
