# SPDX-License-Identifier: BSD-2-Clause
"""meson-python, but with the wheel's right tag.

The package has a native library in it, but nothing that knows CPython's ABI: one wheel serves every
CPython of a platform. meson-python has no setting for that, so the tag is changed afterwards.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import mesonpy
from mesonpy import (
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
]


def build_wheel(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Build `spdl-<version>-py3-none-<platform>.whl` in `wheel_directory`; return its name."""
    name = mesonpy.build_wheel(wheel_directory, config_settings, metadata_directory)
    command = [sys.executable, "-m", "wheel", "tags", "--remove"]
    command += ["--python-tag", "py3", "--abi-tag", "none", name]
    run = subprocess.run(
        command, cwd=wheel_directory, check=True, stdout=subprocess.PIPE, text=True
    )
    return run.stdout.split()[-1]
