# SPDX-License-Identifier: BSD-2-Clause
"""Queues of jobs, each with an fd that becomes readable when something has happened."""

from __future__ import annotations

import contextlib
import itertools
import os
import select
from collections import deque
from collections.abc import Iterator
from typing import Any

from .arguments import struct
from .errors import check, new_error
from .handle import Owned
from .library import NULL, CData, constants, ffi, lib
from .operation import Completion, Operation

_NOUNS = {kind: f"spdl_{name.lower()}" for name, kind in constants("SPDL_KIND_").items()}

_tags = itertools.count(1)


class Queue:
    """A queue of the process's own pool. One thread at a time may use it."""

    def __init__(self) -> None:
        out, error = ffi.new("spdl_queue **"), new_error()
        check(lib.spdl_queue_create(NULL, NULL, out, error), error)
        self._owned = Owned("spdl_queue", out[0])
        self._completion = struct("spdl_completion")
        self.fd: int = lib.spdl_queue_get_fd(self._pointer)
        self.num_jobs = 0
        """Jobs whose completion has not come."""

    @property
    def _pointer(self) -> CData:
        pointer = self._owned.pointer
        assert pointer is not None, "A finalizer uses a queue that was finalized before."
        return pointer

    def submit(self, operation: Operation[Any]) -> int | None:
        """Start an operation. Returns the tag of its completion, or None if the queue is full."""
        tag = next(_tags)
        # Counted first, so that an interrupt in between leaves a queue that is not used again.
        self.num_jobs += 1
        accepted = False
        try:
            accepted = operation.submit(self._pointer, tag)
        except Exception:
            self.num_jobs -= 1
            raise
        if not accepted:
            self.num_jobs -= 1
        return tag if accepted else None

    def cancel(self, tag: int) -> None:
        """Cancel a job. Its completion still comes, if it has not come already."""
        lib.spdl_queue_cancel(self._pointer, tag, NULL)

    def close(self) -> None:
        """Cancel all jobs and take no more. The completions still come."""
        lib.spdl_queue_close(self._pointer)

    def collect(self) -> Iterator[tuple[int, Completion]]:
        """The completions that are ready, with their tags."""
        with contextlib.suppress(BlockingIOError):
            os.read(self.fd, 8)
        completion = self._completion
        error = new_error()
        while lib.spdl_queue_next(self._pointer, completion, error) == lib.SPDL_OK:
            self.num_jobs -= 1
            if completion.status < 0:
                yield completion.tag, Completion(None, error)
                error = new_error()
            else:
                result = Owned(_NOUNS[completion.kind], completion.result)
                yield completion.tag, Completion(result, None)

    def wait(self, timeout_ms: float | None = None) -> Completion | None:
        """Wait for the completion of the only job. None after the timeout."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        while poll.poll(timeout_ms):
            for _, completion in self.collect():
                return completion
        return None


# A deque, because its append and pop need no lock, which a fork might leave locked.
_idle: deque[Queue] = deque()
_MAX_IDLE = 4


def acquire() -> Queue:
    """A queue without jobs."""
    try:
        return _idle.pop()
    except IndexError:
        return Queue()


def release(queue: Queue) -> None:
    """Keep a queue without jobs for later, if there are not enough of them."""
    if queue.num_jobs == 0 and len(_idle) < _MAX_IDLE:
        _idle.append(queue)


# The queues of the parent do not work in the child.
os.register_at_fork(after_in_child=_idle.clear)
