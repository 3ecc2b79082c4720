# SPDX-License-Identifier: BSD-2-Clause
"""Which test calls which public name: a plugin of pytest, for the table in ``docs/api.md``.

``pytest -p api_calls --api-calls FILE`` writes a JSON object: public name → sorted tests, and
"skipped" → tests that were skipped with each of their parameters. What runs inside of a function is
not told here (coverage tells it); a function and its asynchronous twin are made from the same
lines, and only this tells them apart.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

_calls: dict[str, set[str]] = defaultdict(set)
_current: list[str] = []
_skipped: set[str] = set()
_ran: set[str] = set()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--api-calls", type=Path, help="write here which test calls which name")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--api-calls"):
        record()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    # The test itself, not each of its parameters.
    _current.append(item.nodeid.partition("[")[0])
    try:
        return (yield)
    finally:
        _current.pop()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    test = report.nodeid.partition("[")[0]
    if report.skipped:
        _skipped.add(test)
    elif report.when == "call":
        _ran.add(test)


def pytest_sessionfinish(session: pytest.Session) -> None:
    out = session.config.getoption("--api-calls")
    if not out:
        return
    _calls["skipped"] = _skipped - _ran
    out.write_text(json.dumps({name: sorted(tests) for name, tests in _calls.items()}))


def record() -> None:
    """From now on, take down calls of public functions and methods."""
    # Only now: coverage, which begins before, has to see the package's import.
    import spdl.io
    import spdl.io.utils

    for name in spdl.io.__all__:
        value = getattr(spdl.io, name)
        if isinstance(value, FunctionType):
            setattr(spdl.io, name, _recorded(name, value))
        elif inspect.isclass(value):
            _record_class(name, value)
    for name in spdl.io.utils.__all__:
        value = getattr(spdl.io.utils, name)
        if isinstance(value, FunctionType):
            setattr(spdl.io.utils, name, _recorded(f"utils.{name}", value))


def _record_class(name: str, cls: type) -> None:
    for method in dir(cls):
        value = inspect.getattr_static(cls, method)
        if method.startswith("_"):
            continue
        if isinstance(value, FunctionType):
            setattr(cls, method, _recorded(f"{name}.{method}", value))
        elif isinstance(value, staticmethod):
            setattr(cls, method, staticmethod(_recorded(f"{name}.{method}", value.__func__)))
    if dataclasses.is_dataclass(cls):
        cls.__init__ = _recorded(name, vars(cls)["__init__"])  # type: ignore[misc]


def _note(name: str) -> None:
    if _current:
        _calls[name].add(_current[-1])


def _recorded(name: str, function: FunctionType) -> Callable[..., Any]:
    """The same function, taking down who calls it."""
    from spdl._native import plan

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def run(*args: Any, **kwargs: Any) -> Any:
            _note(name)
            return await function(*args, **kwargs)

    else:

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            _note(name)
            return function(*args, **kwargs)

    if function in plan._planners:  # so that `run_async` finds its twin
        plan._planners[run] = plan._planners[function]
    return run
