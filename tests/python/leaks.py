# SPDX-License-Identifier: BSD-2-Clause
"""What a process holds: file descriptors, and handles of the library."""

from __future__ import annotations

import contextlib
import gc
import os
import time
from collections.abc import Iterator
from typing import NamedTuple

from spdl._native import memory, queue
from spdl._native.library import lib


class Counts(NamedTuple):
    fds: int
    handles: int


def counts() -> Counts:
    """Open file descriptors, and handles of every kind that are alive."""
    # listdir itself holds one descriptor while it lists.
    return Counts(len(os.listdir("/proc/self/fd")) - 1, lib.spdl_library_count_handles(0))


@contextlib.contextmanager
def nothing_leaks() -> Iterator[None]:
    """Fail if the block leaves descriptors or handles behind, other than a few idle queues."""
    queue._idle.clear()
    gc.collect()
    before = counts()
    yield
    deadline = time.monotonic() + 5
    while True:
        queue._idle.clear()
        gc.collect()
        after = counts()
        if (after.fds <= before.fds and after.handles <= before.handles) or (
            time.monotonic() > deadline
        ):
            break
        time.sleep(0.01)
    assert after.fds <= before.fds, (before, after)
    assert after.handles <= before.handles, (before, after)


def all_came_back() -> bool:
    """Whether the library gives back all memory, at most a moment after its last user."""
    deadline = time.monotonic() + 5
    while memory.count_lent() and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.001)
    return memory.count_lent() == 0
