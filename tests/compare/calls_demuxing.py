# SPDX-License-Identifier: BSD-2-Clause
"""Sources, packets, codecs and windows."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from calls import array, attributes, call, error_of, plain

import spdl.io

VIDEO_CODEC = ("name", "width", "height", "pix_fmt", "frame_rate", "time_base")


@call
def audio_packets(media: Path) -> Any:
    packets = spdl.io.demux_audio(str(media / "stereo.m4a"))
    return attributes(packets, "sample_rate", "num_channels", "timestamp"), len(packets)


@call
def video_packets(media: Path) -> Any:
    packets = spdl.io.demux_video(str(media / "h264.mp4"))
    return attributes(packets, "pix_fmt", "width", "height", "frame_rate"), len(packets)


@call
def image_packets(media: Path) -> Any:
    packets = spdl.io.demux_image(str(media / "jpeg_420.jpg"))
    return attributes(packets, "pix_fmt", "width", "height")


@call
def path_objects(media: Path) -> Any:
    return len(spdl.io.demux_video(media / "h264.mp4"))


@call
def video_window(media: Path) -> Any:
    packets = spdl.io.demux_video(str(media / "h264.mp4"), timestamp=(0.5, 1.0))
    return len(packets), packets.timestamp, np.array(packets.get_timestamps())


@call
def video_window_in_strings(media: Path) -> Any:
    packets = spdl.io.demux_video(str(media / "h264.mp4"), timestamp=("1/2", "1"))
    return len(packets), packets.timestamp


@call
def video_window_in_fractions(media: Path) -> Any:
    window = (Fraction(1, 3), Fraction(2, 3))
    return len(spdl.io.demux_video(str(media / "h264.mp4"), timestamp=window))


@call
def window_past_the_end(media: Path) -> Any:
    return len(spdl.io.demux_video(str(media / "h264.mp4"), timestamp=(7, 9)))


@call
def window_without_end(media: Path) -> Any:
    return len(spdl.io.demux_video(str(media / "h264.mp4"), timestamp=(0.5, math.inf)))


@call
def window_that_is_no_number(media: Path) -> Any:
    return error_of(lambda: spdl.io.demux_video(str(media / "h264.mp4"), timestamp=(math.nan, 1)))


@call
def windows_of_one_demuxer(media: Path) -> Any:
    with spdl.io.Demuxer(str(media / "h264.mp4")) as demuxer:
        windows = [(0.8, 1), (0, 0.2), (0.4, 0.6)]
        return [np.array(demuxer.demux_video(window).get_timestamps()) for window in windows]


@call
def audio_or_not(media: Path) -> Any:
    found = []
    for name in ("h264.mp4", "both.mp4", "s16.wav"):
        with spdl.io.Demuxer(str(media / name)) as demuxer:
            found.append(demuxer.has_audio())
    return found


@call
def stream_indices(media: Path) -> Any:
    with spdl.io.Demuxer(str(media / "both.mp4")) as demuxer:
        return demuxer.audio_stream_index, demuxer.video_stream_index


@call
def audio_codec(media: Path) -> Any:
    with spdl.io.Demuxer(str(media / "stereo.m4a")) as demuxer:
        names = ("name", "sample_rate", "num_channels", "sample_fmt", "time_base")
        return attributes(demuxer.audio_codec, *names, "channel_layout")


@call
def video_codec(media: Path) -> Any:
    with spdl.io.Demuxer(str(media / "h264.mp4")) as demuxer:
        return attributes(demuxer.video_codec, *VIDEO_CODEC, "sample_aspect_ratio")


@call
def codec_of_packets(media: Path) -> Any:
    packets = spdl.io.demux_video(str(media / "hevc.mp4"))
    return attributes(packets.codec, *VIDEO_CODEC)


@call
def bytes_in_memory(media: Path) -> Any:
    return len(spdl.io.demux_video((media / "h264.mp4").read_bytes()))


@call
def memoryview_in_memory(media: Path) -> Any:
    data = bytearray((media / "h264.mp4").read_bytes())
    return len(spdl.io.demux_video(memoryview(data)))


@call
def numpy_array_in_memory(media: Path) -> Any:
    data = np.fromfile(media / "h264.mp4", np.uint8)
    return array(spdl.io.decode_packets(spdl.io.demux_video(data)))


@call
def array_of_floats_as_source(media: Path) -> Any:
    return error_of(lambda: spdl.io.demux_video(np.zeros(10)))


@call
def list_as_source(media: Path) -> Any:
    return error_of(lambda: spdl.io.demux_video([1, 2]))  # type: ignore[arg-type]


@call
def missing_file(media: Path) -> Any:
    return error_of(lambda: spdl.io.demux_video("/does/not/exist.mp4"), begins=24)


@call
def no_audio_stream(media: Path) -> Any:
    return error_of(lambda: spdl.io.demux_audio(str(media / "h264.mp4")), begins=29)


@call
def unknown_format(media: Path) -> Any:
    config = spdl.io.demux_config(format="nothing")
    return error_of(
        lambda: spdl.io.demux_video(str(media / "h264.mp4"), demux_config=config), begins=33
    )


@call
def unknown_format_option(media: Path) -> Any:
    config = spdl.io.demux_config(format_options={"nothing": "1"})
    return error_of(
        lambda: spdl.io.demux_video(str(media / "h264.mp4"), demux_config=config), begins=19
    )


@call
def unknown_keyword(media: Path) -> Any:
    demux: Any = spdl.io.demux_video
    return error_of(lambda: demux(str(media / "h264.mp4"), nothing=1))


@call
def format_by_name(media: Path) -> Any:
    config = spdl.io.demux_config(format="mp4", buffer_size=4096)
    data = (media / "h264.mp4").read_bytes()
    return len(spdl.io.demux_video(data, demux_config=config))


@call
def bitstream_filter_while_demuxing(media: Path) -> Any:
    packets = spdl.io.demux_video(str(media / "h264.mp4"), bsf="h264_mp4toannexb")
    return len(packets), array(spdl.io.decode_packets(packets))


@call
def bitstream_filter_of_packets(media: Path) -> Any:
    packets = spdl.io.demux_video(str(media / "h264.mp4"))
    packets = spdl.io.apply_bsf(packets, "h264_mp4toannexb")
    return len(packets), array(spdl.io.decode_packets(packets))


@call
def times_in_decode_order(media: Path) -> Any:
    packets = spdl.io.demux_video(str(media / "h264.mp4"))
    return np.array(packets.get_timestamps(raw=True))


@call
def pickled_packets(media: Path) -> Any:
    packets = spdl.io.demux_video(str(media / "h264.mp4"), timestamp=(0.2, 0.5))
    again = pickle.loads(pickle.dumps(packets))
    return again.timestamp, array(spdl.io.decode_packets(again))


@call
def cloned_packets(media: Path) -> Any:
    packets = spdl.io.demux_video(str(media / "h264.mp4"))
    clone = packets.clone()
    return array(spdl.io.decode_packets(clone)), array(spdl.io.decode_packets(packets))


@call
def chunks_of_packets(media: Path) -> Any:
    with spdl.io.Demuxer(str(media / "h264.mp4")) as demuxer:
        chunks = demuxer.streaming_demux(num_packets=7)
        return [len(chunk) for chunk in chunks]


@call
def chunks_of_two_streams(media: Path) -> Any:
    with spdl.io.Demuxer(str(media / "both.mp4")) as demuxer:
        chunks = list(demuxer.streaming_demux([0, 1], duration=0.5))
        return [sum(len(chunk[index]) for chunk in chunks if index in chunk) for index in (0, 1)]


@call
def chunks_of_no_size(media: Path) -> Any:
    with spdl.io.Demuxer(str(media / "h264.mp4")) as demuxer:
        return error_of(lambda: list(demuxer.streaming_demux()))


@call
def frame_rate_of_packets(media: Path) -> Any:
    return plain(spdl.io.demux_video(str(media / "vfr.mp4")).frame_rate)
