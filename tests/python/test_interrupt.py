# SPDX-License-Identifier: BSD-2-Clause
"""Ctrl-C in a long blocking call."""

from __future__ import annotations

import gc
import io
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import leaks
import numpy as np
import pytest
import sanitizer
import slow
from PIL import Image

import spdl.io
from spdl._native import memory
from spdl._native.library import lib

MAX_SECONDS = 0.05 * sanitizer.PATIENCE

pytestmark = pytest.mark.alone


@pytest.fixture(autouse=True)
def _one_worker() -> Iterator[None]:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    spdl.io.set_num_threads(1)
    yield
    spdl.io.set_num_threads(None)


def _interrupted(call: Callable[[], Any], after: float) -> float:
    """Seconds from the signal to the exception."""
    sent: list[float] = []

    def send() -> None:
        time.sleep(after)
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            call()
        return time.perf_counter() - sent[0]
    finally:
        thread.join()


def _long_calls() -> dict[str, Callable[[], Any]]:
    packets = spdl.io.demux_video(slow.video())
    return {
        "load": lambda: spdl.io.load_video(slow.video(), filter_desc=slow.FILTER),
        "decode": lambda: spdl.io.decode_packets(packets, slow.FILTER),
        "batch": lambda: spdl.io.load_image_batch(
            [slow.video()] * 2000, width=None, height=None, filter_desc=slow.FILTER
        ),
    }


@pytest.mark.parametrize("name", ["load", "decode", "batch"])
def test_it_raises_at_once_and_frees_the_worker(name: str) -> None:
    call = _long_calls()[name]
    data = slow.video().read_bytes()
    spdl.io.demux_video(slow.video(), timestamp=(0, 1))  # Makes what lives on.
    with leaks.nothing_leaks():
        took = min(_interrupted(call, after) for after in (0.3, 0.5, 0.4))
        assert took < MAX_SECONDS
        # The only worker is free: another operation on it begins at once.
        begin = time.perf_counter()
        assert len(spdl.io.demux_video(data, timestamp=(0, 0.1))) == 3
        assert time.perf_counter() - begin < 1


def test_an_image_that_was_interrupted_is_not_lost() -> None:
    """It is decoded on the calling thread, and so to its end; then its owner must be known."""
    image = io.BytesIO()
    Image.effect_mandelbrot((4000, 3000), (-2, -1.5, 1, 1.5), 50).convert("RGB").save(image, "JPEG")
    data = image.getvalue()
    out = np.empty((3000, 4000, 3), np.uint8)
    begin = time.perf_counter()
    spdl.io.load_image(data, out=out)
    took = time.perf_counter() - begin
    gc.collect()
    before = memory.count_lent()  # FFmpeg keeps a picture of which its scale filter failed.

    def load_again_and_again() -> None:  # One may take far less than the first did.
        for _ in range(1000):
            spdl.io.load_image(data, out=out)

    with leaks.nothing_leaks():
        for _ in range(5):
            _interrupted(load_again_and_again, took / 3)
        assert memory.count_lent() == before


def test_it_takes_long_without_the_signal() -> None:
    """So that the other test interrupts something."""
    with spdl.io.limits(seconds=3), pytest.raises(spdl.io.DeadlineError):
        spdl.io.load_video(slow.video(), filter_desc=slow.FILTER)


def test_another_handler_does_not_end_it() -> None:
    """As in Python's own calls: only an exception does."""
    called = []
    previous = signal.signal(signal.SIGUSR1, lambda *_: called.append(1))
    try:
        timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1))
        timer.start()
        packets = spdl.io.demux_video(slow.video(), timestamp=(0, 10))
        frames = spdl.io.decode_packets(packets, slow.FILTER)
        timer.join()
    finally:
        signal.signal(signal.SIGUSR1, previous)
    assert len(frames) == 250
    assert called


def test_workers_take_no_signals() -> None:
    spdl.io.load_video(slow.video(), (0, 0.1), filter_desc=slow.FILTER)
    assert lib.spdl_pool_get_num_threads(spdl._native.library.NULL) == 1
    masks = []
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/comm") as comm:
            if not comm.read().startswith("spdl"):
                continue
        with open(f"/proc/self/task/{task}/status") as status:
            (blocked,) = [line for line in status if line.startswith("SigBlk:")]
        masks.append(int(blocked.split()[1], 16))
    assert masks
    for mask in masks:
        assert mask >> (signal.SIGINT - 1) & 1
        assert mask >> (signal.SIGTERM - 1) & 1
