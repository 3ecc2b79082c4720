# SPDX-License-Identifier: BSD-2-Clause
"""Awaiting operations: a bridge from a queue's fd to the futures of an event loop.

A loop has a bridge while operations are in flight, and nothing of it afterwards: so a closed loop
leaves no descriptor behind. Only the loop's own thread touches its bridge.
"""

from __future__ import annotations

import asyncio
import os
import select
import threading
from collections import deque
from typing import Any, TypeVar

from . import memory, queue
from .operation import Completion, Operation

T = TypeVar("T")


class _Job:
    """An operation in flight or waiting for room. `waiter` is set once `outcome` is."""

    __slots__ = ("operation", "outcome", "tag", "waiter")

    def __init__(self, operation: Operation[Any], waiter: asyncio.Future[None]) -> None:
        self.operation = operation
        self.waiter = waiter
        self.tag: int | None = None
        self.outcome: Completion | Exception | None = None

    def end(self, outcome: Completion | Exception) -> None:
        self.outcome = outcome
        if not self.waiter.done():
            self.waiter.set_result(None)


class _Bridge:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue = queue.acquire()
        self._jobs: dict[int, _Job] = {}
        self._backlog: deque[_Job] = deque()
        self._watcher: _Watcher | None = None
        try:
            loop.add_reader(self._queue.fd, self.serve)
        except NotImplementedError:
            self._watcher = _Watcher(loop, self._queue, self)

    def start(self, operation: Operation[Any]) -> _Job:
        """Submit an operation, after those that wait for room already."""
        job = _Job(operation, self._loop.create_future())
        if self._backlog or not self._submit(job):
            self._backlog.append(job)
        return job

    async def cancel(self, job: _Job) -> None:
        """End a job, and return once the library does not touch its memory any more."""
        self.abandon(job)
        while job.outcome is None:
            job.waiter = self._loop.create_future()
            try:
                await job.waiter
            except asyncio.CancelledError:
                continue  # We are at it.

    def abandon(self, job: _Job) -> None:
        """Ask for the end of a job."""
        if job.outcome is not None:
            return
        if job.tag is not None:
            self._queue.cancel(job.tag)
        else:
            job.outcome = RuntimeError("It has not begun.")

    def serve(self) -> None:
        """Hand out what is ready, and fill the room."""
        if _bridges.get(self._loop) is not self:
            self._leave_to_others()
            return
        try:
            self._hand_out()
            self._fill()
        except BaseException:
            # An interrupt. The fd was read already, so nothing else would wake this up again.
            self._loop.call_soon(self.serve)
            raise
        if self.idle:
            # Those that were woken up run first, and may start the next operation.
            self._loop.call_soon(self.retire)

    def _leave_to_others(self) -> None:
        """This bridge has left: the fd is for the watcher's end, or for another bridge."""
        other = _bridges.get(self._loop)
        if self._watcher is None and (other is None or other._queue is not self._queue):
            self._loop.remove_reader(self._queue.fd)

    def _hand_out(self) -> None:
        for tag, completion in self._queue.collect():
            job = self._jobs.get(tag)
            if job is not None:  # Else an interrupt came between its submission and its entry.
                job.end(completion)
            self._jobs.pop(tag, None)
        memory.reclaim()

    def _fill(self) -> None:
        while self._backlog:
            job = self._backlog[0]
            # Cancelled while it waited for room, or submitted before an interrupt came.
            if job.outcome is not None or job.tag is not None:
                self._backlog.popleft()
                continue
            try:
                job.operation.shorten_deadline()
                if not self._submit(job):
                    break
            except Exception as error:
                job.end(error)
            self._backlog.popleft()

    @property
    def idle(self) -> bool:
        return not self._jobs and not self._backlog

    def retire(self) -> None:
        """Leave the loop, if nothing is in flight."""
        if not self.idle or _bridges.get(self._loop) is not self:
            return
        del _bridges[self._loop]
        if self._watcher is not None:
            self._watcher.stop()
        else:
            self._loop.remove_reader(self._queue.fd)
            queue.release(self._queue)

    def _submit(self, job: _Job) -> bool:
        job.tag = self._queue.submit(job.operation)
        if job.tag is None:
            return False
        self._jobs[job.tag] = job
        return True


class _Watcher:
    """A thread that waits on the fd, for loops that cannot (they lack `add_reader`)."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, watched: queue.Queue, bridge: _Bridge
    ) -> None:
        self._loop = loop
        self._queue = watched
        self._bridge = bridge
        self._stopped = False
        self._served = threading.Event()
        threading.Thread(target=self._watch, name="spdl-watcher", daemon=True).start()

    def stop(self) -> None:
        """End the thread, and with it the queue."""
        self._stopped = True
        os.write(self._queue.fd, (1).to_bytes(8, "little"))

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._queue.fd, select.POLLIN)
        while poll.poll() and not self._stopped:
            self._served.clear()
            try:
                self._loop.call_soon_threadsafe(self._serve)
            except RuntimeError:  # The loop is closed.
                return
            while not self._served.wait(1):
                if self._loop.is_closed():
                    return

    def _serve(self) -> None:
        try:
            self._bridge.serve()
        finally:
            self._served.set()


_bridges: dict[asyncio.AbstractEventLoop, _Bridge] = {}


def _bridge_of(loop: asyncio.AbstractEventLoop) -> _Bridge:
    bridge = _bridges.get(loop)
    if bridge is None:
        # A loop that was closed with operations in flight never served them: end them here.
        for other in [other for other in list(_bridges) if other.is_closed()]:
            _bridges.pop(other, None)
        bridge = _bridges[loop] = _Bridge(loop)
    return bridge


async def run(operation: Operation[T]) -> T:
    """Run an operation on a worker of the library."""
    if operation.is_instant:
        return operation.call()
    loop = asyncio.get_running_loop()
    bridge = _bridge_of(loop)
    try:
        job = bridge.start(operation)
    except BaseException:
        bridge.retire()
        raise
    try:
        await job.waiter
    except asyncio.CancelledError:
        await bridge.cancel(job)
        # The traceback keeps this frame.
        outcome, job.outcome = job.outcome, None
        operation.abandon(None if isinstance(outcome, Exception) else outcome)
        del outcome
        raise
    except GeneratorExit:
        # Maybe from the garbage collector, which may have ended the queue already.
        try:
            loop.call_soon_threadsafe(bridge.abandon, job)
        except RuntimeError:  # The loop is closed. Without its queue, its jobs are cancelled.
            _bridges.pop(loop, None)
        raise
    outcome = job.outcome
    if isinstance(outcome, Exception):
        raise outcome
    assert outcome is not None
    return operation.finish(outcome)


# The bridges of the parent belong to loops that do not run in the child.
os.register_at_fork(after_in_child=_bridges.clear)
