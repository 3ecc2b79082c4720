# SPDX-License-Identifier: BSD-2-Clause
"""Which tests executed what, as a run of all tests recorded it."""

from __future__ import annotations

import functools
import inspect
import json
import re
from collections import defaultdict
from pathlib import Path

import coverage
from listing import Entry


class Evidence:
    def __init__(self, data: Path, calls: list[Path]) -> None:
        self._data = coverage.CoverageData(str(data))
        self._data.read()
        self._calls: dict[str, set[str]] = defaultdict(set)
        for file in calls:
            for name, tests in json.loads(file.read_text()).items():
                self._calls[name].update(tests)

    def executed(self, entry: Entry, test: str) -> bool:
        """Whether a test executed it, or could not: what it needs is not on this machine."""
        return test in self.tests(entry) or test in self._calls["skipped"]

    def tests(self, entry: Entry) -> set[str]:
        """Tests that executed it; of what has no code, tests that name it."""
        tests: set[str] = set()
        for file, lines in entry.lines.items():
            by_line = self._contexts(file)
            for line in lines:
                tests |= by_line.get(line, set())
        if inspect.isclass(entry.value) and not tests:
            # Errors and protocols; and records, whose code is made when they are imported.
            return self._naming(entry.name) | self._calls[entry.name]
        return tests & self._calls[entry.name] if entry.is_planned else tests

    def choose(self, entry: Entry, count: int) -> list[str]:
        """The tests that say most of it: of its own subject, and of few others."""
        words = set(re.findall("[a-z]+", entry.name.lower())) - {"async", "get", "utils"}

        def rank(test: str) -> tuple[int, int, str]:
            own = words & set(re.findall("[a-z]+", test.lower()))
            return (-len(own), self._num_names[test], test)

        return sorted(self.tests(entry), key=rank)[:count]

    @functools.cached_property
    def _num_names(self) -> dict[str, int]:
        """How many public names each test calls."""
        numbers: dict[str, int] = defaultdict(int)
        for tests in self._calls.values():
            for test in tests:
                numbers[test] += 1
        return numbers

    @functools.cache  # noqa: B019 (there is one, and it lives as long as the program)
    def _contexts(self, file: str) -> dict[int, set[str]]:
        contexts = self._data.contexts_by_lineno(file)
        return {line: {_test(one) for one in found if one} for line, found in contexts.items()}

    @functools.cached_property
    def _all_tests(self) -> set[str]:
        return {_test(context) for context in self._data.measured_contexts() if context}

    def _naming(self, name: str) -> set[str]:
        """Tests that ran, and whose source has the name."""
        wanted = re.compile(rf"\bspdl\.io\.{name}\b")
        return {test for test in self._all_tests if wanted.search(_source(test))}


def _test(context: str) -> str:
    """The test of a context `file::test[parameters]|phase`."""
    return context.partition("|")[0].partition("[")[0]


@functools.cache
def _source(test: str) -> str:
    """The text of a test function, with its decorators."""
    file, _, name = test.partition("::")
    if not name or not file.endswith(".py"):
        return ""
    text = Path(file).read_text()
    found = re.search(
        rf"^((?:@.*\n(?:[ )].*\n)*)*(?:async )?def {name}\(.*(?:\n+[ )].*)*)", text, re.M
    )
    return found.group(0) if found else ""
