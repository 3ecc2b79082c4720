# SPDX-License-Identifier: BSD-2-Clause
"""Running FFmpeg's programs."""

from __future__ import annotations

import os
import subprocess


def run(command: list[str], stdin: bytes = b"") -> bytes:
    """What a program writes to its standard output. Raises RuntimeError with its complaints."""
    # A sanitizer that is loaded into Python has no business in there.
    environment = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
    done = subprocess.run(
        command, input=stdin, capture_output=True, timeout=120, check=False, env=environment
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr.decode(errors='replace')}")
    return done.stdout
