# SPDX-License-Identifier: BSD-2-Clause
"""Running an operation and waiting for it."""

from __future__ import annotations

import threading
from typing import TypeVar

from . import queue
from .operation import Completion, Operation

T = TypeVar("T")

_PATIENCE_MS = 40
"""How long an interrupt waits for the worker to be done with the job."""


def run(operation: Operation[T]) -> T:
    """Run an operation on this thread, or on a worker if it is long and signals may come.

    Python handles signals on its main thread only, and only between C calls; so there a long
    operation is submitted and waited for with `poll`, which a signal interrupts.
    """
    if (
        operation.is_instant
        or operation.is_short()
        or threading.current_thread() is not threading.main_thread()
    ):
        return operation.call()
    return _run_interruptibly(operation)


def _run_interruptibly(operation: Operation[T]) -> T:
    jobs = queue.acquire()
    completion: Completion | None = None
    try:
        jobs.submit(operation)
        completion = jobs.wait()
    except BaseException:
        if jobs.num_jobs:
            jobs.close()
            completion = jobs.wait(_PATIENCE_MS)
        else:
            queue.release(jobs)
        operation.abandon(completion)
        completion = None  # The traceback keeps this frame.
        raise
    queue.release(jobs)
    assert completion is not None
    return operation.finish(completion)
