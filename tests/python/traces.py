# SPDX-License-Identifier: BSD-2-Clause
"""Reading traces back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

Event = dict[str, Any]


def parse(text: str | bytes) -> list[Event]:
    """The events of a trace, each checked for what its kind must have."""
    events: list[Event] = json.loads(text)
    assert isinstance(events, list)
    assert events[0]["name"] == "process_name"
    assert events[-1]["name"] == "end of trace"
    needed = {"X": {"ts", "dur", "tid", "cat"}, "C": {"ts", "args"}, "M": {"args"}}
    needed |= {"b": {"ts", "id", "cat"}, "e": {"ts", "id", "cat"}, "i": {"ts", "args"}}
    for event in events:
        assert event["pid"] == os.getpid()
        assert needed[event["ph"]] <= event.keys()
        assert event.get("dur", 0) >= 0
    return events


def read(path: Path) -> list[Event]:
    return parse(path.read_bytes())


def named(events: list[Event], name: str, phase: str = "X") -> list[Event]:
    return [event for event in events if event["name"] == name and event["ph"] == phase]


def one(events: list[Event], name: str, phase: str = "X") -> Event:
    (event,) = named(events, name, phase)
    return event


def contains(outer: Event, inner: Event) -> bool:
    """Whether an event lies in another one, on the same thread."""
    slack = 0.0015  # microseconds: times are rounded down to nanoseconds
    return bool(
        outer["tid"] == inner["tid"]
        and outer["ts"] <= inner["ts"] + slack
        and inner["ts"] + inner["dur"] <= outer["ts"] + outer["dur"] + slack
    )


def crossing(events: list[Event]) -> list[tuple[Event, Event]]:
    """Pairs of events of one thread that overlap, but of which none lies in the other."""
    slices = sorted((e for e in events if e["ph"] == "X"), key=lambda e: (e["ts"], -e["dur"]))
    open_at: dict[int, list[Event]] = {}
    found = []
    for event in slices:
        stack = open_at.setdefault(event["tid"], [])
        while stack and stack[-1]["ts"] + stack[-1]["dur"] <= event["ts"]:
            stack.pop()
        if stack and not contains(stack[-1], event):
            found.append((stack[-1], event))
        stack.append(event)
    return found
