# SPDX-License-Identifier: BSD-2-Clause
"""The table of the public API, ``docs/api.md``: write it, or check that it is true.

It is made from what a run of all tests left behind: what each test executed (coverage with a
context for each test) and which public names it called (the plugin ``api_calls``).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import listing
from evidence import Evidence
from listing import Entry

HEAD = """# API

Every public name of `spdl.io`, with the asynchronous form of what takes time, and tests that call
it.

This page is made by `./run api` from a run of all tests; `./run test` fails if it is not true: if a
name is missing, has no docstring, no types or no asynchronous form where one belongs, or if a test
that is named here did not execute it. Errors and protocols, which hold no code of their own, are
named in their tests.

Tests lie in `tests/python`; those of the documentation are its examples.
"""

NUM_TESTS = 2


def show(test: str) -> str:
    return "`" + test.removeprefix("tests/python/") + "`"


def rows(entries: list[Entry], evidence: Evidence) -> list[str]:
    lines = ["| name | async | types | what | tests |", "|---|---|---|---|---|"]
    for entry in entries:
        tests = [*evidence.choose(entry, NUM_TESTS)]
        if entry.twin:
            twins = evidence.choose(entry.twin, NUM_TESTS)
            tests += [test for test in twins if test not in tests]
        twin = f"`{entry.twin.short}`" if entry.twin else ""
        what = entry.summary.replace("|", "\\|")
        cells = [f"`{entry.name}`", twin, entry.types.replace("|", "\\|"), what]
        lines.append(f"| {' | '.join(cells)} | {'<br>'.join(map(show, tests))} |")
    return lines


def page(evidence: Evidence) -> str:
    parts = [HEAD]
    for title, entries in listing.groups():
        parts.append("\n".join([f"## {title}\n", *rows(entries, evidence)]) + "\n")
    return "\n".join(parts)


def listed_tests(text: str) -> dict[str, list[str]]:
    """Name → tests, as the page has them."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.replace("\\|", "¦").split("|")]
        if len(cells) == 7 and cells[1].startswith("`"):
            names = [test.strip("`") for test in cells[5].split("<br>") if test]
            found[cells[1].strip("`")] = [
                name if name.startswith("docs/") else f"tests/python/{name}" for name in names
            ]
    return found


def complaints(text: str, evidence: Evidence) -> list[str]:
    """What is not true of the page, or lacking in the API."""
    wrong = []
    listed = listed_tests(text)
    entries = [entry for _, group in listing.groups() for entry in group]
    for entry in entries:
        wrong += [f"{entry.name}: {what}" for what in entry.lacks()]
        tests = listed.pop(entry.name, None)
        if tests is None:
            wrong.append(f"{entry.name}: it is not in the table")
            continue
        for form in (entry, entry.twin):
            if form and not any(evidence.executed(form, test) for test in tests):
                wrong.append(f"{form.name}: no test of the table executes it")
        for test in tests:
            forms = [form for form in (entry, entry.twin) if form]
            if not any(evidence.executed(form, test) for form in forms):
                wrong.append(f"{entry.name}: {test} did not execute it")
    wrong += [f"{name}: there is no such name" for name in listed]
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["write", "check"])
    parser.add_argument("--page", type=Path, default=Path("docs/api.md"))
    parser.add_argument("--coverage", type=Path, default=Path("build/coverage"))
    parser.add_argument("--calls", type=Path, nargs="+", required=True)
    args = parser.parse_args()
    evidence = Evidence(args.coverage, args.calls)
    if args.what == "write":
        args.page.write_text(page(evidence))
    wrong = complaints(args.page.read_text(), evidence)
    if wrong:
        sys.exit("\n".join([*wrong, f"{args.page}: {len(wrong)} complaints; see ./run api"]))


if __name__ == "__main__":
    main()
