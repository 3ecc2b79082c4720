# SPDX-License-Identifier: BSD-2-Clause
"""Frames, filters, decoders that are fed, and sampling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from calls import array, attributes, call, error_of, plain

import spdl.io


def _video(media: Path, **options: Any) -> Any:
    return spdl.io.demux_video(str(media / "h264.mp4"), **options)


@call
def image_frames(media: Path) -> Any:
    frames = spdl.io.decode_packets(spdl.io.demux_image(str(media / "jpeg_420.jpg")))
    return attributes(frames, "num_planes", "width", "height", "pix_fmt")


@call
def video_frames(media: Path) -> Any:
    frames = spdl.io.decode_packets(_video(media))
    names = ("num_frames", "num_planes", "width", "height", "pix_fmt")
    return attributes(frames, *names), len(frames), np.array(frames.get_timestamps())


@call
def audio_frames(media: Path) -> Any:
    frames = spdl.io.decode_packets(spdl.io.demux_audio(str(media / "stereo.mp3")))
    return attributes(frames, "num_frames", "sample_rate", "num_channels", "sample_fmt")


@call
def times_of_frames(media: Path) -> Any:
    frames = spdl.io.decode_packets(_video(media, timestamp=(0.2, 0.6)))
    return np.array(frames.get_pts()), plain(frames.time_base)


@call
def frames_of_a_window(media: Path) -> Any:
    return array(spdl.io.decode_packets(_video(media, timestamp=(0.33, 0.71))))


@call
def windowed_frames_through_a_filter(media: Path) -> Any:
    packets = _video(media, timestamp=(0.5, 1))
    return array(spdl.io.decode_packets(packets, filter_desc="hflip,format=pix_fmts=rgb24"))


@call
def windowed_frames_without_a_filter(media: Path) -> Any:
    frames = spdl.io.decode_packets(_video(media, timestamp=(0.5, 1)), filter_desc=None)
    return len(frames)


@call
def first_frames(media: Path) -> Any:
    return array(spdl.io.decode_packets(_video(media), num_frames=3))


@call
def one_frame_by_index(media: Path) -> Any:
    frames = spdl.io.decode_packets(_video(media))
    return array(frames[3]), array(frames[-1])


@call
def slice_of_frames(media: Path) -> Any:
    return array(spdl.io.decode_packets(_video(media))[2:20:5])


@call
def list_of_frames(media: Path) -> Any:
    return array(spdl.io.decode_packets(_video(media))[[5, 0, -1, 5]])


@call
def reversed_slice_of_frames(media: Path) -> Any:
    return array(spdl.io.decode_packets(_video(media))[10:5:-1])


@call
def index_out_of_range(media: Path) -> Any:
    frames = spdl.io.decode_packets(_video(media))
    return error_of(lambda: frames[30])


@call
def iteration_over_frames(media: Path) -> Any:
    return [frame.pts for frame in spdl.io.decode_packets(_video(media))]


@call
def frames_of_nothing(media: Path) -> Any:
    frames = spdl.io.decode_packets(_video(media, timestamp=(7, 9)))
    return attributes(frames, "num_frames", "width", "height", "num_planes"), len(frames)


@call
def unparsable_filter(media: Path) -> Any:
    return error_of(
        lambda: spdl.io.decode_packets(_video(media), filter_desc="nothing=1"), begins=38
    )


@call
def empty_filter(media: Path) -> Any:
    return error_of(lambda: spdl.io.decode_packets(_video(media), filter_desc=""))


@call
def unknown_decoder(media: Path) -> Any:
    config = spdl.io.decode_config(decoder="nothing")
    return error_of(lambda: spdl.io.decode_packets(_video(media), decode_config=config), begins=18)


@call
def unknown_decoder_option(media: Path) -> Any:
    config = spdl.io.decode_config(decoder_options={"nothing": "1"})
    return error_of(lambda: spdl.io.decode_packets(_video(media), decode_config=config), begins=19)


@call
def decoder_threads(media: Path) -> Any:
    config = spdl.io.decode_config(decoder_options={"threads": "2"})
    return array(spdl.io.decode_packets(_video(media), decode_config=config))


@call
def decoder_that_is_fed(media: Path) -> Any:
    with spdl.io.Demuxer(str(media / "h264.mp4")) as demuxer:
        decoder = spdl.io.Decoder(demuxer.video_codec)
        decoder.set_buffer_size(8)
        parts = []
        for packets in demuxer.streaming_demux(demuxer.video_stream_index, num_packets=9):
            parts += [array(frames) for frames in decoder.streaming_decode_packets(packets)]
        parts += [array(frames) for frames in decoder.flush()]
    return max(map(len, parts)), np.concatenate(parts)


@call
def audio_decoder_that_is_fed(media: Path) -> Any:
    with spdl.io.Demuxer(str(media / "stereo.mp3")) as demuxer:
        decoder = spdl.io.Decoder(demuxer.audio_codec)
        parts = []
        for packets in demuxer.streaming_demux(demuxer.audio_stream_index, duration=0.2):
            parts += [array(frames) for frames in decoder.streaming_decode_packets(packets)]
        parts += [array(frames) for frames in decoder.flush()]
    return np.concatenate(parts, axis=1)


@call
def sampled_frames(media: Path) -> Any:
    images = spdl.io.sample_decode_video(_video(media), [0, 7, 12, 29])
    return array(images)


@call
def sampled_frames_of_a_window(media: Path) -> Any:
    images = spdl.io.sample_decode_video(_video(media, timestamp=(0.4, 1)), [0, 5])
    return array(images)


@call
def samples_out_of_range(media: Path) -> Any:
    return error_of(lambda: spdl.io.sample_decode_video(_video(media), [0, 30]), begins=23)


@call
def samples_out_of_order(media: Path) -> Any:
    return error_of(lambda: spdl.io.sample_decode_video(_video(media), [5, 0]), begins=19)


@call
def no_samples(media: Path) -> Any:
    return error_of(lambda: spdl.io.sample_decode_video(_video(media), []), begins=19)


@call
def audio_filter_text(media: Path) -> Any:
    return spdl.io.get_audio_filter_desc(
        num_channels=1, sample_rate=16000, timestamp=(0.5, 1), num_frames=8000
    )


@call
def video_filter_text(media: Path) -> Any:
    return spdl.io.get_video_filter_desc(
        frame_rate=(25, 1), timestamp=(0.5, 1), scale_width=224, scale_height=224, num_frames=8
    )


@call
def video_filter_text_of_a_crop(media: Path) -> Any:
    return spdl.io.get_video_filter_desc(
        scale_width=256, scale_height=256, scale_mode="crop", crop_width=224, crop_height=224
    )


@call
def video_filter_text_of_a_stretch(media: Path) -> Any:
    return spdl.io.get_video_filter_desc(scale_width=100, scale_mode=None, pix_fmt="gray")


@call
def video_filter_text_of_a_padding(media: Path) -> Any:
    return spdl.io.get_video_filter_desc(num_frames=9, pad_mode="white", pix_fmt=None)


@call
def filter_text_of_nothing(media: Path) -> Any:
    return spdl.io.get_video_filter_desc(pix_fmt=None)


@call
def unknown_scale_mode(media: Path) -> Any:
    build: Any = spdl.io.get_video_filter_desc
    return error_of(lambda: build(scale_width=10, scale_height=10, scale_mode="nothing"), begins=34)


@call
def filter_text_of_packets(media: Path) -> Any:
    return spdl.io.get_filter_desc(_video(media), scale_width=64, scale_height=48)


@call
def filter_text_of_windowed_audio(media: Path) -> Any:
    packets = spdl.io.demux_audio(str(media / "stereo.mp3"), timestamp=(0.1, 0.5))
    return spdl.io.get_filter_desc(packets)


@call
def buffer_source_text(media: Path) -> Any:
    codec = _video(media).codec
    return spdl.io.get_buffer_desc(codec), spdl.io.get_buffer_desc(codec, label="a")


@call
def audio_buffer_source_text(media: Path) -> Any:
    codec = spdl.io.demux_audio(str(media / "stereo.mp3")).codec
    return spdl.io.get_abuffer_desc(codec, label="in")


@call
def filter_graph(media: Path) -> Any:
    packets = _video(media)
    source = spdl.io.get_buffer_desc(packets.codec)
    graph = spdl.io.FilterGraph(f"{source},scale=80:60,format=rgb24,buffersink")
    graph.add_frames(spdl.io.decode_packets(packets, filter_desc=None))
    graph.flush()
    return array(graph.get_frames())


@call
def filter_graph_with_a_wrong_key(media: Path) -> Any:
    packets = _video(media)
    source = spdl.io.get_buffer_desc(packets.codec, label="a")
    graph = spdl.io.FilterGraph(f"{source},buffersink@b")
    frames = spdl.io.decode_packets(packets, filter_desc=None)
    return error_of(lambda: graph.add_frames(frames, key="buffer@c"))
