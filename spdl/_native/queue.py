# SPDX-License-Identifier: BSD-2-Clause
"""Queues of jobs, each with an fd that becomes readable when something has happened."""

from __future__ import annotations

import contextlib
import itertools
import os
import select
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from .arguments import struct
from .errors import new_error
from .handle import Owned, made_by
from .library import NULL, CData, constants, ffi, lib
from .operation import Completion, Operation, complete

_NOUNS = {kind: f"spdl_{name.lower()}" for name, kind in constants("SPDL_KIND_").items()}

_tags = itertools.count(1)


def _new_completion() -> CData:
    """A completion. It owns its result, so that an interrupt loses none."""
    # The finalizer holds what it uses: it may run while modules are taken apart.
    nouns, library = _NOUNS, lib

    def end(completion: CData) -> None:
        if completion.result:
            getattr(library, f"{nouns[completion.kind]}_free")(completion.result)

    return ffi.gc(struct("spdl_completion"), end)


class Queue:
    """A queue of the process's own pool. One thread at a time may use it."""

    def __init__(self) -> None:
        self._owned = made_by(lib.spdl_queue_create, "spdl_queue", NULL, NULL)
        self.fd: int = lib.spdl_queue_get_fd(self._pointer)
        self.num_jobs = 0
        """Jobs whose completion has not come."""
        self._taken = _new_completion()
        self._error = new_error()
        self._outcome: Completion | None = None

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
        while self._take():
            yield self._taken.tag, self._make_outcome()
            # No call comes in between: until it is told, an interrupt brings it again.
            self.num_jobs -= 1
            self._outcome = None
            self._taken.tag = 0

    def _take(self) -> bool:
        """Whether there is a completion that was not told: `_taken`."""
        if self._taken.tag:
            return True
        self._error, self._outcome = new_error(), None
        status = lib.spdl_queue_next(self._pointer, self._taken, self._error)
        return status == lib.SPDL_OK

    def _make_outcome(self) -> Completion:
        taken = self._taken
        if self._outcome is None:
            owned = Owned(_NOUNS[taken.kind]) if taken.result else None
            self._outcome = complete(taken.status, owned, self._error)
        result = self._outcome.result
        if result is not None and taken.result:
            # No call comes in between, so no interrupt either.
            result.slot[0], taken.result = taken.result, NULL
        return self._outcome

    def wait(self, timeout_ms: float | None = None) -> Completion | None:
        """Wait for the completion of the only job. None after the timeout."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        until = None if timeout_ms is None else time.monotonic() * 1000 + timeout_ms
        while poll.poll(timeout_ms):
            found = [completion for _, completion in self.collect()]
            if found:
                return found[0]
            if until is not None:
                timeout_ms = max(0.0, until - time.monotonic() * 1000)
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
