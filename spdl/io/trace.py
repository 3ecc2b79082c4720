# SPDX-License-Identifier: BSD-2-Clause
"""Traces: a file that says what ran when, on which thread, for Perfetto and chrome://tracing."""

from __future__ import annotations

import functools
import gc
import inspect
import io
import math
import os
import sys
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import IO, Any, Protocol, TypeVar, cast

from spdl._native.arguments import Arguments, integer, struct
from spdl._native.errors import check, from_struct, new_error
from spdl._native.handle import Owned
from spdl._native.library import NULL, CData, lib

F = TypeVar("F", bound=Callable[..., Any])


class WritableFile(Protocol):
    """A binary file that is open for writing."""

    def write(self, data: bytes, /) -> object: ...


class tracing:  # noqa: N801 (used like a function)
    """Write a trace of what the block does: the stages of all operations, and `trace_event`.

    >>> from spdl.io.utils import trace_event, tracing
    >>> with tracing("trace.json") as trace:
    ...     with trace_event("my images"):
    ...         buffer = spdl.io.load_image("sample.jpg")
    >>> trace.num_events > 5, trace.num_dropped
    (True, 0)

    Open the file in https://ui.perfetto.dev or chrome://tracing. It is JSON, an array of events in
    the Trace Event Format. A process writes one trace at a time, of all its threads; a forked child
    writes nothing into it. Await inside of the block as you like.

    Parameters
    ----------
    output : str, os.PathLike, int or binary file
        A path, which is written anew, or the descriptor of an open file: both are written as it
        goes. A file-like object gets all of it at the end.
    buffer_size : int
        Memory for events that are not written yet, in kB (1024 bytes, four events). Nothing ever
        waits for the file: events that find the buffer full are dropped and counted.
    process_name : str, optional
        Of this process in the trace; else it is called what the system calls it.
    enable : bool
        False: do nothing, and leave the output alone.

    Attributes
    ----------
    num_events, num_dropped : int
        How many events were written, and how many found no room. Both are known after the block.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong.
    BusyError
        If a trace is being written already.
    NotFoundError, SPDLIOError
        If the output cannot be opened, or, at the end of the block, if it could not be written to
        its end. An exception of the block goes before that: then it is a RuntimeWarning.
    """

    num_events = 0
    num_dropped = 0

    def __init__(
        self,
        output: str | os.PathLike[str] | int | WritableFile,
        buffer_size: int = 4096,
        process_name: str | None = None,
        enable: bool = True,
    ) -> None:
        if (
            isinstance(output, bool)
            or not (isinstance(output, (str, os.PathLike, int)) or hasattr(output, "write"))
            or isinstance(output, io.TextIOBase)
        ):
            raise TypeError(
                "`output` must be a path, a descriptor or a binary file, "
                f"not {type(output).__name__}."
            )
        self._output = output
        self._buffer_size = integer(buffer_size, "`buffer_size`", 1, 2**20)
        if process_name is not None and not isinstance(process_name, str):
            raise TypeError(f"`process_name` must be a str, not {type(process_name).__name__}.")
        self._process_name = process_name
        self._enable = bool(enable)
        self._owned: Owned | None = None
        self._spool: IO[bytes] | None = None

    def __enter__(self) -> tracing:
        if not self._enable:
            return self
        spool = None
        options = struct("spdl_trace_options")
        keep = Arguments()
        options.buffer_kb = self._buffer_size
        options.process_name = keep.text(self._process_name, "`process_name`")
        if isinstance(self._output, (str, os.PathLike)):
            options.path = keep.text(os.fspath(self._output), "`output`")
        else:
            options.flags = lib.SPDL_TRACE_HAS_FD
            if isinstance(self._output, int):
                options.fd = integer(self._output, "`output`", 0, 2**31 - 1)
            else:
                self._output.write(b"")  # A file that does not take bytes says so now.
                import tempfile

                spool = tempfile.TemporaryFile()
                options.fd = spool.fileno()
        try:
            error = new_error()
            owned = Owned("spdl_trace")
            status = lib.spdl_trace_start(options, owned.slot, error)
            if status < 0:
                raise from_struct(error, self._name, self._name)
        except BaseException:
            if spool is not None:
                spool.close()
            raise
        self._owned, self._spool = owned, spool
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        owned, self._owned = self._owned, None
        spool, self._spool = self._spool, None
        pointer = None if owned is None else owned.pointer
        if pointer is None:
            return
        if _on_gc in gc.callbacks:
            gc.callbacks.remove(_on_gc)
        try:
            self._end(pointer, spool)
        except Exception as failure:
            if error is None:
                raise
            warnings.warn(f"The trace is not complete: {failure}", RuntimeWarning, stacklevel=2)
        finally:
            if spool is not None:
                spool.close()
        if self.num_dropped:
            warnings.warn(
                f"{self.num_dropped} events of the trace were dropped, {self.num_events} were "
                "written; with a larger `buffer_size` there is room for more.",
                RuntimeWarning,
                stacklevel=2,
            )

    @property
    def _name(self) -> str | None:
        """The path of the output, if it is one."""
        is_path = isinstance(self._output, (str, os.PathLike))
        return os.fspath(cast("str", self._output)) if is_path else None

    def _end(self, pointer: CData, spool: IO[bytes] | None) -> None:
        stopped, error, info = new_error(), new_error(), struct("spdl_trace_info")
        status = lib.spdl_trace_stop(pointer, stopped)
        if status == lib.SPDL_E_FORKED:  # It goes on in the parent.
            return
        check(lib.spdl_trace_get_info(pointer, info, error), error)
        self.num_events, self.num_dropped = info.num_events, info.num_dropped
        if status < 0:
            raise from_struct(stopped, self._name, self._name)
        if spool is not None:
            import shutil

            spool.seek(0)
            shutil.copyfileobj(spool, cast("IO[bytes]", self._output))


class trace_event:  # noqa: N801 (used like a function)
    """Name what the block does in the trace, or the calls of a function. Nothing if there is none.

    >>> from spdl.io.utils import trace_event
    >>> @trace_event("prepare")
    ... def prepare(path):
    ...     with trace_event("load"):
    ...         return spdl.io.load_image(path)

    Events nest, on their thread. Those of a task of an event loop, which others overlap while it
    awaits, have a track of their own for each task. Functions may be `async def`.

    Parameters
    ----------
    name : str
        Of the event. Beyond 128 bytes of UTF-8 it loses its middle.
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"`name` must be a str, not {type(name).__name__}.")
        self._name = name
        self._begun: list[int] = []

    def __enter__(self) -> None:
        self._begun.append(lib.spdl_trace_begin_event())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        begun = self._begun.pop()
        if begun:
            lib.spdl_trace_end_event(begun, _track(), _encode(self._name), NULL)

    def __call__(self, function: F) -> F:
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def traced(*args: Any, **kwargs: Any) -> Any:
                with trace_event(self._name):
                    return await function(*args, **kwargs)

        else:

            @functools.wraps(function)
            def traced(*args: Any, **kwargs: Any) -> Any:
                with trace_event(self._name):
                    return function(*args, **kwargs)

        return cast(F, traced)


def trace_counter(i: int, value: float) -> None:
    """Set a counter, which the trace shows as a curve. Nothing if there is no trace.

    Parameters
    ----------
    i : int
        Which one, from 0 to 7.
    value : float
        One that is not finite is left out.

    Raises
    ------
    TypeError, ValueError
        If there is no such counter, or the value is no number.
    """
    number, value = integer(i, "`i`", 0, 7), float(value)
    if math.isfinite(value):
        lib.spdl_trace_set_counter(number, value, NULL)


def trace_gc() -> None:
    """Show Python's garbage collections as events "gc", until the `tracing` around it ends.

    Nothing if there is no trace.
    """
    if lib.spdl_trace_begin_event() and _on_gc not in gc.callbacks:
        gc.callbacks.append(_on_gc)


_gc_begun = 0


def _on_gc(phase: str, info: dict[str, int]) -> None:
    global _gc_begun
    if phase == "start":
        _gc_begun = lib.spdl_trace_begin_event()
        return
    detail = f"generation {info['generation']}, {info['collected']} collected"
    lib.spdl_trace_end_event(_gc_begun, 0, b"gc", detail.encode())


def _track() -> int:
    """The track of an event that ends now: the thread's (0), or one of the task that runs here."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return 0
    try:
        task = asyncio.current_task()
    except RuntimeError:  # No loop runs on this thread.
        return 0
    return 0 if task is None else id(task)


def _encode(name: str) -> bytes:
    room = 256  # More than the library keeps of either end.
    if len(name) > 2 * room:
        name = name[:room] + name[-room:]
    return name.replace("\0", "\ufffd").encode("utf-8", "backslashreplace")
