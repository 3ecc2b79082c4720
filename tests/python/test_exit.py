# SPDX-License-Identifier: BSD-2-Clause
"""The interpreter ends while operations run."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
import sanitizer
import slow

NUM_RUNS = 20
MAX_SECONDS = 1.0 * sanitizer.PATIENCE

# Each job would take many seconds. The source is memory of Python, which the workers read.
BEGIN = """
import asyncio, sys, time
import spdl.io
from spdl._native.queue import Queue
from spdl.io.load import _plan_load_video

path, filter_desc = sys.argv[1:]
spdl.io.set_num_threads(4)
data = open(path, "rb").read()

def plan():
    return _plan_load_video(bytearray(data), filter_desc=filter_desc)
"""
SUBMITTED = """
queue = Queue()
for _ in range(4):
    queue.submit(plan())
assert queue.wait(100) is None
"""
SUBMITTED_AND_DROPPED = """
queue = Queue()
for _ in range(4):
    queue.submit(plan())
assert queue.wait(100) is None
del queue, data
"""
AWAITED = """
async def main():
    loads = [spdl.io.async_load_video(data, filter_desc=filter_desc) for _ in range(4)]
    await asyncio.wait_for(asyncio.gather(*loads), 0.1)

try:
    asyncio.run(main())
except asyncio.TimeoutError:
    pass
"""
LOOP_THAT_STOPS = """
loop = asyncio.new_event_loop()
loads = [spdl.io.async_load_video(data, filter_desc=filter_desc) for _ in range(4)]
tasks = [loop.create_task(load) for load in loads]
loop.run_until_complete(asyncio.sleep(0.1))
for task in tasks:
    task._log_destroy_pending = False
"""
IN_THREADS = """
import threading

def load():
    spdl.io.load_video(data, filter_desc=filter_desc)

for _ in range(4):
    threading.Thread(target=load, daemon=True).start()
time.sleep(0.1)
"""
END = """
print(time.monotonic(), flush=True)
"""


def _seconds_to_exit(code: str) -> float:
    """Run a script, and return the time from its end to that of the process."""
    arguments = [str(slow.video()), slow.FILTER]
    run = subprocess.run(
        [sys.executable, "-c", BEGIN + code + END, *arguments],
        env=sanitizer.environment(),
        cwd=Path(__file__).parent,  # not the root, whose ./spdl is the bare source
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    ended = time.monotonic()
    assert (run.returncode, run.stderr) == (0, "")
    return ended - float(run.stdout)


def _exits_at_once(code: str) -> None:
    seconds = _seconds_to_exit(code)
    if seconds >= MAX_SECONDS:
        # On a busy machine Python itself takes long to end.
        seconds -= _seconds_to_exit("")
    assert seconds < MAX_SECONDS


@pytest.mark.slow_sanitizer
def test_jobs_in_flight() -> None:
    for _ in range(NUM_RUNS):
        _exits_at_once(SUBMITTED)


@pytest.mark.parametrize(
    "code",
    [SUBMITTED, SUBMITTED_AND_DROPPED, AWAITED, LOOP_THAT_STOPS, IN_THREADS],
    ids=["submitted", "dropped", "awaited", "loop that stops", "in threads"],
)
def test_ways_to_leave(code: str) -> None:
    for _ in range(2):
        _exits_at_once(code)


def test_an_exception_ends_it_all() -> None:
    code = BEGIN + SUBMITTED + "raise SystemExit(3)"
    arguments = [sys.executable, "-c", code, str(slow.video()), slow.FILTER]
    assert subprocess.run(arguments, timeout=60, check=False).returncode == 3
