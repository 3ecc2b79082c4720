# SPDX-License-Identifier: BSD-2-Clause
"""What the program says in a trace: events, counters, garbage collections."""

from __future__ import annotations

import asyncio
import gc
import math
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import traces

from spdl.io.utils import trace_counter, trace_event, trace_gc, tracing


def test_events_of_threads_do_not_mix(tmp_path: Path) -> None:
    barrier = threading.Barrier(4)

    def work(number: int) -> tuple[int, int]:
        barrier.wait()
        for _ in range(50):
            with trace_event(f"outer {number}"), trace_event(f"inner {number}"):
                pass
        return number, threading.get_native_id()

    with tracing(tmp_path / "t.json"), ThreadPoolExecutor(4) as executor:
        threads = dict(executor.map(work, range(4)))
    events = traces.read(tmp_path / "t.json")
    for number, thread in threads.items():
        for name in ("outer", "inner"):
            mine = traces.named(events, f"{name} {number}")
            assert len(mine) == 50
            assert {event["tid"] for event in mine} == {thread}
    assert not traces.crossing(events)


def test_nested_events_and_exceptions(tmp_path: Path) -> None:
    event = trace_event("twice")

    def fail() -> None:
        with tracing(tmp_path / "t.json"), event:
            with event, trace_event("inside"):
                time.sleep(0.002)
            raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        fail()
    events = traces.read(tmp_path / "t.json")
    inner, outer = traces.named(events, "twice")
    assert traces.contains(outer, inner)
    assert traces.contains(inner, traces.one(events, "inside"))
    assert traces.one(events, "inside")["dur"] >= 2000
    assert inner["cat"] == "user"


def test_decorated_functions(tmp_path: Path) -> None:
    @trace_event("plain")
    def plain(value: int, *, times: int = 1) -> int:
        """Multiply."""
        return plain(value, times=times - 1) + value if times else 0

    @trace_event("awaited")
    async def awaited() -> int:
        await asyncio.sleep(0.005)
        return 5

    with tracing(tmp_path / "t.json"):
        assert plain(3, times=2) == 6
        assert asyncio.run(awaited()) == 5
    assert (plain.__name__, plain.__doc__) == ("plain", "Multiply.")
    events = traces.read(tmp_path / "t.json")
    assert len(traces.named(events, "plain")) == 3
    begin, end = (traces.one(events, "awaited", phase) for phase in "be")
    assert end["ts"] - begin["ts"] >= 5000


def test_tasks_have_tracks_of_their_own(tmp_path: Path) -> None:
    async def work(number: int) -> None:
        with trace_event(f"outer {number}"):
            await asyncio.sleep(0.002 * (number + 1))
            with trace_event(f"inner {number}"):
                await asyncio.sleep(0.001)

    async def main() -> None:
        asyncio.get_running_loop().call_soon(callback)
        await asyncio.gather(*(work(number) for number in range(3)))

    def callback() -> None:
        with trace_event("callback"):
            pass

    with tracing(tmp_path / "t.json"):
        asyncio.run(main())
    events = traces.read(tmp_path / "t.json")
    tracks = set()
    for number in range(3):
        mine = [e for e in events if e["name"] in (f"outer {number}", f"inner {number}")]
        assert [event["ph"] for event in mine] == ["b", "e", "b", "e"]
        (track,) = {event["id"] for event in mine}
        tracks.add(track)
    assert len(tracks) == 3
    assert traces.one(events, "callback")["tid"] == threading.get_native_id()


def test_names(tmp_path: Path) -> None:
    names = ['quo"te', "back\\slash", "line\nfeed\t\x01", "ünï", "nu\0l", "half \udc80 \ud800", ""]
    with tracing(tmp_path / "t.json"):
        for name in names:
            with trace_event(name):
                pass
        with trace_event("a" * 1_000_000 + "é" * 1_000_000):
            pass
    found = [e["name"] for e in traces.read(tmp_path / "t.json") if e["ph"] == "X"]
    assert found[:4] == names[:4]
    assert found[4:7] == ["nu\ufffdl", "half \\udc80 \\ud800", ""]
    assert found[7].startswith("aaaa")
    assert found[7].endswith("éé")
    assert " … " in found[7]
    assert len(found[7].encode()) <= 128


def test_counters(tmp_path: Path) -> None:
    with tracing(tmp_path / "t.json"):
        for i in range(8):
            trace_counter(i, i * 1.5)
        trace_counter(0, 2**40)
        trace_counter(0, math.nan)
        trace_counter(0, -math.inf)
    events = traces.read(tmp_path / "t.json")
    for i in range(1, 8):
        assert traces.one(events, f"counter {i}", "C")["args"] == {"value": i * 1.5}
    assert [e["args"]["value"] for e in traces.named(events, "counter 0", "C")] == [0, 2**40]
    for wrong, error in ((8, ValueError), (-1, ValueError), ("0", TypeError)):
        with pytest.raises(error, match="`i` must be"):
            trace_counter(wrong, 1)  # type: ignore[arg-type]
    with pytest.raises((TypeError, ValueError)):
        trace_counter(0, "many")  # type: ignore[arg-type]


def test_garbage_collections(tmp_path: Path) -> None:
    before = list(gc.callbacks)
    trace_gc()
    assert gc.callbacks == before
    with tracing(tmp_path / "t.json"):
        gc.collect()
        trace_gc()
        trace_gc()
        with trace_event("around"):
            gc.collect(1)
        assert len(gc.callbacks) == len(before) + 1
    assert gc.callbacks == before
    events = traces.read(tmp_path / "t.json")
    around = traces.one(events, "around")
    (collection,) = (e for e in traces.named(events, "gc") if traces.contains(around, e))
    assert "generation 1" in collection["args"]["detail"]


def test_dropped_events(tmp_path: Path) -> None:
    def trace_many() -> tracing:
        with tracing(tmp_path / "t.json", buffer_size=1) as trace:
            for _ in range(5000):
                with trace_event("one of many"):
                    pass
        return trace

    with pytest.warns(RuntimeWarning, match="events of the trace were dropped"):
        trace = trace_many()
    events = traces.read(tmp_path / "t.json")
    assert trace.num_dropped > 0
    assert trace.num_events == len(traces.named(events, "one of many"))
    assert trace.num_events + trace.num_dropped == 5000
    assert events[-1]["args"] == {
        "num_events": trace.num_events,
        "num_dropped": trace.num_dropped,
    }


def _cost_ns(function: Callable[[], Any], count: int = 20_000) -> float:
    """Of one call, of this thread's processor time: the best of several rounds."""

    def round_of() -> float:
        start = time.thread_time_ns()
        for _ in range(count):
            function()
        return (time.thread_time_ns() - start) / count

    return min(round_of() for _ in range(5))


@pytest.mark.alone
@pytest.mark.slow_sanitizer
def test_cost_when_off() -> None:
    from spdl._native.library import lib

    # An event is two calls of the library; one alone is the yardstick of this machine.
    call = _cost_ns(lib.spdl_abi_version)

    def event() -> None:
        with trace_event("nothing"):
            pass

    assert _cost_ns(lib.spdl_trace_begin_event) < 2 * call + 50
    # Coverage takes down each line of it, which costs several times as much as the event does.
    assert _cost_ns(event) < (50 if sys.gettrace() else 10) * call + 2000
