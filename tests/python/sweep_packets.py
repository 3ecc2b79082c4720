# SPDX-License-Identifier: BSD-2-Clause
"""Damage packets that were serialized, in a process of its own so that a crash is seen as one.

Run as ``python -X faulthandler sweep_packets.py KIND COUNT FILE``; prints one JSON object: how many
mutations could not be read, could not be decoded, and were decoded. The case at hand is written to
standard error first, so that the last line of a crashed run names it.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

import sweep

import spdl.io


def decode(packets: Any) -> bytes:
    """What they decode to by default."""
    frames = spdl.io.decode_packets(packets)
    return spdl.io.to_numpy(spdl.io.convert_frames(frames)).tobytes()


def _fate(cls: Any, data: bytes) -> str:
    try:
        packets = cls.deserialize(data)
    except (spdl.io.CorruptError, spdl.io.MismatchError, spdl.io.LimitError) as error:
        if not str(error):
            raise
        return "unreadable"
    try:
        with spdl.io.limits(max_pixels=2**22, max_bytes=2**28, seconds=20):
            decode(packets)
    except spdl.io.InternalError:
        raise
    except spdl.io.SPDLError:
        return "undecodable"
    return "decoded"


def main(kind: str, count: str, file: str) -> None:
    packets = getattr(spdl.io, f"demux_{kind}")(file, name="packets")
    fates: Counter[str] = Counter()
    for case, data in sweep.mutations(packets.__getstate__(), int(count), kind):
        print(case, file=sys.stderr, flush=True)
        fates[_fate(type(packets), data)] += 1
    print(json.dumps(fates))


if __name__ == "__main__":
    main(*sys.argv[1:])
