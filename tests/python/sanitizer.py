# SPDX-License-Identifier: BSD-2-Clause
"""Whether the tests run with a sanitizer loaded into Python, and what follows from that."""

from __future__ import annotations

import os

_LOADED = os.environ.get("LD_PRELOAD", "")

ASAN = "libasan" in _LOADED
TSAN = "libtsan" in _LOADED

# How much longer things may take.
PATIENCE = 10 if TSAN or ASAN else 1

# Why the child of a busy process may hang or end, if it may.
NO_FORK = ""
if ASAN:
    NO_FORK = "AddressSanitizer's allocator does not survive a fork while another thread allocates"
if TSAN:
    NO_FORK = "ThreadSanitizer takes the threads of a child for those of its parent"


def environment() -> dict[str, str]:
    """For another Python: ThreadSanitizer is not to wait a second at its end."""
    options = os.environ.get("TSAN_OPTIONS", "")
    return {**os.environ, "TSAN_OPTIONS": f"{options} atexit_sleep_ms=0"}
