# SPDX-License-Identifier: BSD-2-Clause
"""How much memory this process holds, in bytes of physical memory."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sanitizer

MIB = 2**20

measurable = pytest.mark.skipif(
    sanitizer.ASAN or sanitizer.TSAN, reason="a sanitizer holds memory of its own"
)


def _status(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def now() -> int:
    """What is held now, once the allocator has given back what it can."""
    gc.collect()
    with contextlib.suppress(AttributeError):  # no glibc
        ctypes.CDLL(None).malloc_trim(0)
    return _status("VmRSS")


@contextlib.contextmanager
def grows_at_most(limit: int) -> Iterator[None]:
    """Fail if more is held after the block than before it, by more than `limit` bytes."""
    before = now()
    yield
    grown = now() - before
    assert grown <= limit, f"{grown / MIB:.0f} MiB"


@contextlib.contextmanager
def peaks_at_most(limit: int) -> Iterator[None]:
    """Fail if more was held at any time within the block than before it, by more than `limit`."""
    before = now()
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    except OSError as error:
        pytest.skip(f"the peak of memory cannot be measured here: {error}")
    yield
    grown = _status("VmHWM") - before
    assert grown <= limit, f"{grown / MIB:.0f} MiB"
