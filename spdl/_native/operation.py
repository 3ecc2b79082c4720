# SPDX-License-Identifier: BSD-2-Clause
"""One planned operation of the library.

In C each long operation has two forms,

    f(inputs..., limits, out, err)          f_submit(queue, tag, inputs..., limits, err)

so that one plan serves both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, NamedTuple, NoReturn, Protocol, TypeVar, cast

from . import memory
from .arguments import struct
from .errors import ERRORS, SPDLError, from_struct, new_error
from .feed import Feeder
from .handle import Owned
from .library import NULL, CData, ffi, lib
from .limits import current

T = TypeVar("T")


class Subject(Protocol):
    """What an operation works on: for its errors."""

    @property
    def _source_name(self) -> str: ...

    @property
    def _filename(self) -> str | None: ...


class _Forms(NamedTuple):
    blocking: Callable[..., int]
    submit: Callable[..., int]
    noun: str | None
    """Of the handle that comes out, if one does."""


@cache
def _forms(function: str) -> _Forms:
    blocking = getattr(lib, function)
    signature: Any = ffi.typeof(blocking)
    result = signature.args[-2].cname.removeprefix("struct ")
    noun = result.partition(" ")[0] if result.endswith("* *") else None
    return _Forms(blocking, getattr(lib, f"{function}_submit"), noun)


class Completion(NamedTuple):
    """How an operation ended: one of both is set, or none if no handle came out: the operation
    makes none, or there is nothing more (SPDL_EOF)."""

    result: Owned | None
    error: CData | None
    """Filled `spdl_error`."""


def complete(status: int, owned: Owned | None, error: CData) -> Completion:
    """What a status says of the result and the error that came with it."""
    if status < 0:
        return Completion(None, error)
    return Completion(owned if status == lib.SPDL_OK else None, None)


def _no() -> bool:
    return False


def _no_time() -> CData:
    """Limits that are over at once."""
    cdata = struct("spdl_limits")
    cdata.timeout_ns = 1
    return cdata


def _unexpected(owned: Owned) -> NoReturn:
    raise RuntimeError("An operation runs only once.")


@dataclass(eq=False)
class Operation(Generic[T]):
    """A call of the library that may take long, with all that it needs.

    It is run once. The limits are those of the context in which it was planned.
    """

    function: str
    """Name of the blocking form in C."""
    inputs: tuple[CData | int | bytes, ...]
    """Arguments of both forms, options included."""
    wrap: Callable[[Owned], T] = _unexpected
    """Makes the result from the handle that comes out."""
    keep: tuple[object, ...] = ()
    """What must live until the call, or the submission, has returned."""
    subject: Subject | None = None
    feeders: tuple[Feeder, ...] = ()
    """What serves its fed sources."""
    is_short: Callable[[], bool] = _no
    """Whether one packet bounds its work, so that nobody needs to interrupt a blocking call."""
    errors: Mapping[int, type[SPDLError]] = field(default_factory=lambda: ERRORS)
    """The class of each error status."""
    is_instant: bool = False
    """Whether it does so little that nobody needs to wait for it."""
    otherwise: T | None = None
    """What it gives if no handle comes out."""
    on_unclaimed: Callable[[Owned | None], None] | None = None
    """Of a machine, which has moved on: takes what came out of an operation that ended well, if
    its caller was interrupted."""
    limits: CData = field(default_factory=current)
    _unfed: RuntimeError | None = None
    """Why one of its sources has no feeder."""
    _planned: int = field(default_factory=time.monotonic_ns)

    def call(self) -> T:
        """Run it on this thread. The GIL is released meanwhile."""
        memory.reclaim()
        forms = _forms(self.function)
        owned, error = Owned(forms.noun) if forms.noun else None, new_error()
        slots = () if owned is None else (owned.slot,)
        # It runs in any case: its end ends the feeders that have started.
        limits = self.limits if self._start_feeders() else _no_time()
        status = forms.blocking(*self.inputs, limits, *slots, error)
        self._release()
        return self.finish(complete(status, owned, error))

    def submit(self, queue: CData, tag: int) -> bool:
        """Hand it to a queue. Returns whether the queue had room."""
        memory.reclaim()
        error = new_error()
        status = _forms(self.function).submit(queue, tag, *self.inputs, self.limits, error)
        if status == lib.SPDL_AGAIN:
            return False
        if status == lib.SPDL_OK and not self._start_feeders():
            lib.spdl_queue_cancel(queue, tag, NULL)
        self._release()
        if status < 0:
            self.finish(Completion(None, error))
        return True

    def finish(self, completion: Completion) -> T:
        """Return the result, or raise the error."""
        wrap, subject, otherwise = self.wrap, self.subject, self.otherwise
        feeders, unfed = self.feeders, self._unfed
        self.forget()
        if unfed is not None:
            try:
                raise unfed
            finally:
                del unfed  # The traceback keeps this frame.
        if completion.error is not None:
            name = subject._source_name if subject is not None else None
            filename = subject._filename if subject is not None else None
            causes = [feeder.take_error() for feeder in feeders]
            cause = next(filter(None, causes), None)
            del wrap, subject, otherwise, feeders, causes
            raise from_struct(completion.error, name, filename, self.errors) from cause
        if completion.result is None:
            return cast(T, otherwise)
        return wrap(completion.result)

    def shorten_deadline(self) -> None:
        """Take the time that passed since the planning off the deadline."""
        if self.limits and self.limits.timeout_ns:
            passed = time.monotonic_ns() - self._planned
            self.limits.timeout_ns = max(1, self.limits.timeout_ns - passed)
            self._planned += passed

    def abandon(self, completion: Completion | None) -> None:
        """End it without a result: its caller was interrupted. None: it has not ended."""
        on_unclaimed = self.on_unclaimed
        self.forget()
        if on_unclaimed is not None and completion is not None and completion.error is None:
            on_unclaimed(completion.result)

    def forget(self) -> None:
        """Let go of everything, so that who still refers to the operation keeps nothing alive."""
        self._release()
        self.subject = self.otherwise = self.on_unclaimed = None
        self.feeders, self._unfed = (), None
        self.is_short, self.wrap = _no, _unexpected

    def _start_feeders(self) -> bool:
        """Whether all could start. The operation is on its way."""
        try:
            for feeder in self.feeders:
                feeder.start()
        except RuntimeError as error:
            self._unfed = error
        return self._unfed is None

    def _release(self) -> None:
        """Let go of the inputs: the library keeps what it still needs."""
        self.inputs, self.keep = (), ()


class Done(Operation[T]):
    """An operation that its planning has done already, so that nobody waits for it."""

    def __init__(self, result: T) -> None:
        self._result = result
        self.is_instant = True

    def call(self) -> T:
        return self._result
