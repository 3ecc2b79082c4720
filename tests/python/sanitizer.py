# SPDX-License-Identifier: BSD-2-Clause
"""Whether the tests run with a sanitizer loaded into Python, and what follows from that."""

from __future__ import annotations

import os

_LOADED = os.environ.get("LD_PRELOAD", "")

TSAN = "libtsan" in _LOADED

# How much longer things may take.
PATIENCE = 10 if TSAN or "libasan" in _LOADED else 1

# ThreadSanitizer ends a forked child that starts a thread, unless told not to.
FORK_WORKS = not TSAN or "die_after_fork=0" in os.environ.get("TSAN_OPTIONS", "")


def environment() -> dict[str, str]:
    """For another Python: ThreadSanitizer is not to wait a second at its end."""
    options = os.environ.get("TSAN_OPTIONS", "")
    return {**os.environ, "TSAN_OPTIONS": f"{options} atexit_sleep_ms=0"}
