# SPDX-License-Identifier: BSD-2-Clause
"""The same calls on this package and on the public one, and what they give side by side.

Both run in a process of their own. A difference is an error unless it is listed here, with the
decision that makes it.
"""

from __future__ import annotations

import argparse
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from decisions import DECISIONS

HERE = Path(__file__).resolve().parent
MIN_CALLS, MIN_AGREED = 60, 45


def agree(theirs: Any, ours: Any) -> bool:
    """Whether shape, dtype and value are the same; of errors, whether ours is caught as theirs."""
    if isinstance(theirs, np.ndarray) and isinstance(ours, np.ndarray):
        same_kind = theirs.shape == ours.shape and theirs.dtype == ours.dtype
        return same_kind and theirs.tobytes() == ours.tobytes()
    if type(theirs) is not type(ours):
        return False
    if isinstance(theirs, dict):
        return theirs.keys() == ours.keys() and all(agree(theirs[key], ours[key]) for key in theirs)
    if isinstance(theirs, (list, tuple)):
        return len(theirs) == len(ours) and all(map(agree, theirs, ours))
    if isinstance(theirs, set):
        return theirs <= ours
    return bool(theirs == ours)


def describe(value: Any) -> str:
    """A result in few words."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    if isinstance(value, (list, tuple)):
        return f"({', '.join(map(describe, value[:4]))}{', …' if len(value) > 4 else ''})"
    if isinstance(value, dict) and "raised" in value:
        return f"{value['raised']}: {value['text'][:60]}"
    return repr(value)[:90]


def results(python: str, media: Path, environment: dict[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "results"
        command = [python, str(HERE / "calls.py"), str(media), str(out)]
        done = subprocess.run(
            command, env=environment, check=False, capture_output=True, text=True, timeout=300
        )
        if done.returncode:
            sys.exit(f"{python} failed ({done.returncode}):\n{done.stderr[-2000:]}")
        found: dict[str, Any] = pickle.loads(out.read_bytes())
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path, required=True, help="folder of the tests' media")
    parser.add_argument("--peer", required=True, help="Python that has the public package")
    args = parser.parse_args()
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "MESONPY"))}
    theirs = results(args.peer, args.media, {**plain, "PYTHONPATH": str(HERE)})
    ours = results(sys.executable, args.media, dict(os.environ))

    different = [name for name in ours if not agree(theirs[name], ours[name])]
    for name in different:
        print(f"{name}\n    public: {describe(theirs[name])}\n    here:   {describe(ours[name])}")
        print(f"    {DECISIONS.get(name, 'NO DECISION IS NAMED FOR IT')}")
    agreed = len(ours) - len(different)
    print(f"{len(ours)} calls, {agreed} agree, {len(different)} differ")

    wrong = [name for name in different if name not in DECISIONS]
    wrong += [f"{name} (it agrees now)" for name in DECISIONS if name not in different]
    wrong += [
        f"{name} (it raised here)"
        for name, result in ours.items()
        if isinstance(result, dict) and "raised" in result
    ]
    if wrong or len(ours) < MIN_CALLS or agreed < MIN_AGREED:
        sys.exit(f"not as decided: {', '.join(wrong) or 'too few calls, or too few that agree'}")


if __name__ == "__main__":
    main()
