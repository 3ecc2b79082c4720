# SPDX-License-Identifier: BSD-2-Clause
"""A C program that knows nothing but `pkg-config spdl` loads an image with what was installed.

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


def install(build: Path, where: str, scratch: Path) -> tuple[Path, dict[str, str]]:
    """Install into a folder; gives the folder of the library, and the environment of its user."""
    tree, moved = scratch / "tree", scratch / "moved"
    for folder in (tree, moved):
        shutil.rmtree(folder, ignore_errors=True)
    run("meson", "install", "-C", build, "--no-rebuild", "--destdir", tree)
    if where == "package":  # it works wherever it is put
        package = next(path.parent for path in tree.rglob("spdl/py.typed"))
        library = Path(shutil.move(package, moved)) / "lib"
        return library, {"PKG_CONFIG_PATH": str(library / "pkgconfig"), "LD_LIBRARY_PATH": ""}
    folder = next(path.parent for path in tree.rglob("pkgconfig"))
    return folder, {
        "PKG_CONFIG_PATH": str(folder / "pkgconfig"),
        "PKG_CONFIG_SYSROOT_DIR": str(tree),
        "LD_LIBRARY_PATH": str(folder),
    }


def check_files(library: Path, where: str, abi_version: str) -> None:
    name = f"libspdl.so.{abi_version}"
    if not (library / name).is_file():
        sys.exit(f"{library} lacks {name}")
    if where == "system" and os.readlink(library / "libspdl.so") != name:
        sys.exit(f"{library}: libspdl.so is no link to {name}")


def check_program(source: Path, scratch: Path, env: dict[str, str], compiler: list[str]) -> None:
    # Nothing else may be needed: no folder of the source, no FFmpeg.
    flags = run("pkg-config", "--cflags", "--libs", "spdl", env=env).split()
    print(*flags)
    image, program = scratch / "image.png", scratch / "load_image"
    color = "color=c=0x405060:s=64x48,format=rgb24"
    run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", color, "-frames:v", "1", image)
    example = source / "docs/examples/load_image.c"
    warnings = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror"]
    run(*compiler, *warnings, example, *flags, "-o", program)
    output = run(program, image, env=env)
    if output != "shape (48, 64, 3) |u1, mean 80.000\n":
        sys.exit(f"the program says {output!r}")
    failure = subprocess.run(
        [program, scratch / "missing.png"], env=os.environ | env, capture_output=True, text=True
    )
    if failure.returncode != 1 or "missing.png" not in failure.stderr:
        sys.exit(f"a missing file gives {failure}")
    print(output.strip())


def main() -> int:
    root, build, where, scratch, abi_version, *compiler = sys.argv[1:]
    missing = [tool for tool in ("ffmpeg", "meson", "pkg-config") if not shutil.which(tool)]
    if missing:
        print(f"SKIP: not found: {', '.join(missing)}")
        return SKIP
    folder = Path(scratch)
    folder.mkdir(parents=True, exist_ok=True)
    library, env = install(Path(build), where, folder)
    check_files(library, where, abi_version)
    check_program(Path(root), folder, env, compiler)
    return 0


if __name__ == "__main__":
    sys.exit(main())
